/** What the director keeps of a run beside where it stands: the evidence, and the last judgements in words. JSON; what cannot be read begins anew. */
import type { Judgement } from '../../config/judgement.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import type { Instant } from '../../config/units.ts'
import { atNewStep, type Evidence, NO_EVIDENCE } from './compare-tracks.ts'
import type { ReleaseRun } from './release-run.ts'

export interface RunEvidence {
  readonly format: 1
  /** Of the run that it is about; empty: of none, only stable is learned from. */
  readonly salt: string
  /** Position that the promotion has to be earned at. */
  readonly at: string
  readonly evidence: Evidence
  /** The newest first. */
  readonly judgements: readonly HeldJudgement[]
}

export interface HeldJudgement {
  readonly at: Instant
  readonly step: number
  readonly judgement: Judgement
}

/** Judgements that are kept for people: each that differs from the one before it, and the last. */
const JUDGEMENTS_MAX = 10

export const NO_RUN: RunEvidence = { format: 1, salt: '', at: '', evidence: NO_EVIDENCE, judgements: [] }

export function parseEvidence(raw: unknown): RunEvidence {
  const isRight = isRecord(raw) && raw['format'] === 1 && isRecord(raw['evidence']) && Array.isArray(raw['judgements'])
  return isRight ? (raw as unknown as RunEvidence) : NO_RUN
}

/** For the run as it stands: what speaks for a canary is of one step, what speaks against it of one run, and stable is always the same. */
export function evidenceFor(held: RunEvidence, run: ReleaseRun): RunEvidence {
  const at = `${run.at.group}.${run.at.step}`
  if (held.salt === run.salt && held.at === at) return held
  const evidence = held.salt === run.salt ? atNewStep(held.evidence) : { ...NO_EVIDENCE, known: held.evidence.known }
  return { ...held, salt: run.salt, at, evidence, judgements: held.salt === run.salt ? held.judgements : [] }
}

export function addJudgement(held: RunEvidence, added: HeldJudgement): RunEvidence {
  const [last, ...rest] = held.judgements
  const isSame =
    last?.judgement.verdict === added.judgement.verdict && last.judgement.cause === added.judgement.cause && last.step === added.step
  return { ...held, judgements: [added, ...(isSame || last === undefined ? rest : held.judgements)].slice(0, JUDGEMENTS_MAX) }
}
