/** What the director writes into its log for whoever is on call: one line of JSON for each move of a release and each judgement that is news. */
import type { JudgedStep } from './director.ts'
import type { ReleaseId } from './ids.ts'

/** `info`: it went on as it should. `warning`: it waits for somebody. `critical`: traffic was taken from a canary. */
export type Severity = 'info' | 'warning' | 'critical'

export interface Alert {
  readonly kind: 'alert'
  readonly severity: Severity
  /** ISO 8601, of the director's clock. */
  readonly at: string
  readonly release: ReleaseId
  /** Whole sentences. */
  readonly text: string
  /** Absent for a move: the judgement that it follows has a line of its own before it. */
  readonly judgement?: JudgedStep
}
