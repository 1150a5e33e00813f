/** What the director keeps of a run beside where it stands: the evidence, and the last judgements in words. JSON; what cannot be read begins anew. */
import type { Judgement } from '../../config/judgement.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import { between, type Instant, ms } from '../../config/units.ts'
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
  /** The one that the audit trail had last of this run. */
  readonly noted?: HeldJudgement
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
  if (held.salt === run.salt) return held.at === at ? held : { ...held, at, evidence: atNewStep(held.evidence) }
  return { format: 1, salt: run.salt, at, evidence: { ...NO_EVIDENCE, known: held.evidence.known }, judgements: [] }
}

export function addJudgement(held: RunEvidence, added: HeldJudgement): RunEvidence {
  const [last, ...rest] = held.judgements
  const isSame =
    last?.judgement.verdict === added.judgement.verdict && last.judgement.cause === added.judgement.cause && last.step === added.step
  return { ...held, judgements: [added, ...(isSame || last === undefined ? rest : held.judgements)].slice(0, JUDGEMENTS_MAX) }
}

/** From one line of the audit to the next, where only the cause is another: two causes may take turns for hours. */
const NOTE_EVERY = ms(60_000)

/** Whether the audit trail should have it: each other verdict or step at once, another cause a minute after the last line. */
export function isNoteworthy({ noted }: RunEvidence, { at, step, judgement }: HeldJudgement): boolean {
  if (noted === undefined || noted.step !== step || noted.judgement.verdict !== judgement.verdict) return true
  return noted.judgement.cause !== judgement.cause && Math.abs(between(noted.at, at)) >= NOTE_EVERY
}
