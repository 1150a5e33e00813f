/** What is said of each code, wherever it is shown: in `check --explain`, in docs/defects.md, in SARIF. */
export interface DefectFacts {
  /** What is wrong, or may surprise, in one sentence. */
  readonly means: string
  /** What to write instead, in one sentence. */
  readonly instead: string
}
