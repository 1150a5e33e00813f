/**
 * Runs releases inside the director: counts what vantages say of the tracks, judges each canary every 10 s, and moves the release by what
 * `policy/step-release.ts` makes of that. Each move is a revision like everybody's, with door `release` and the judgement's words.
 */
import type { Alert, Severity } from '../config/alert.ts'
import type { ReleaseNews } from '../config/director-view.ts'
import type { ReleaseId, VantageId } from '../config/ids.ts'
import type { CanaryVerdict, Judgement } from '../config/judgement.ts'
import { isIncarnation, isRecord } from '../config/parse-snapshot.ts'
import type { Release } from '../config/release.ts'
import type { Incarnation } from '../config/snapshot.ts'
import { between, type Instant, ms } from '../config/units.ts'
import type { DirectorHands, DirectorPart } from './director-part.ts'
import { brokenLimit } from './policy/broken-limit.ts'
import { foldWindow } from './policy/compare-tracks.ts'
import { orderOfShare, sharesInForce } from './policy/compose-overlay.ts'
import type { ReleaseState, ShareEntry } from './policy/director-state.ts'
import { explainLimit } from './policy/explain-judgement.ts'
import { judgeCanary } from './policy/judge-canary.ts'
import { isName } from './policy/parse-base.ts'
import { parseTracks } from './policy/parse-tracks.ts'
import { orderOf, type ReleaseRun, type RunKind } from './policy/release-run.ts'
import { rolledBackShare, runOf, stateOfRun } from './policy/release-state.ts'
import { addJudgement, evidenceFor, type HeldJudgement, isNoteworthy, parseEvidence, type RunEvidence } from './policy/run-evidence.ts'
import { isJudged, percent, stepRelease } from './policy/step-release.ts'
import { strataOf, TrackWindow } from './policy/track-window.ts'
import { waitsFor } from './policy/waits-for.ts'

const JUDGE_EVERY = ms(10_000)
/** What a vantage says of a canary that it has taken away counts for as long as it goes on saying it. */
const KILLED_FOR = ms(5000)
/** Longest word of a vantage. */
const WHY_MAX = 400

type Counts = ReturnType<TrackWindow['take']>

const SEVERITY_OF_VERDICT: Readonly<Record<CanaryVerdict, Severity>> = {
  promote: 'info',
  hold: 'info',
  inconclusive: 'warning',
  'roll-back': 'critical',
}
/** Others are `info`. */
const SEVERITY_OF_MOVE: Readonly<Partial<Record<RunKind, Severity>>> = {
  held: 'warning',
  'waiting-approval': 'warning',
  'rolling-back': 'critical',
  'rolled-back': 'critical',
  killed: 'critical',
}

interface Kill {
  readonly salt: string
  readonly why: string
  readonly from: VantageId
  readonly at: Instant
}

const wordsOf = ({ from, why }: Kill): string => `The vantage ${from} took it away: ${why}`

/** What a turn has come to for one release. */
interface Turn {
  readonly release: Release
  readonly now: Instant
  readonly counts: Counts | undefined
  readonly moves: Move[]
}

type Move = Pick<Alert, 'severity' | 'release' | 'text'>

export class ReleaseRunner implements DirectorPart {
  readonly #hands: DirectorHands
  readonly #window = new TrackWindow()
  readonly #evidence = new Map<ReleaseId, RunEvidence>()
  readonly #kills = new Map<string, Kill>()
  #judgedAt: Instant | undefined

  constructor(hands: DirectorHands) {
    this.#hands = hands
  }

  readonly hear = ({ incarnation, tracks, killed }: Readonly<Record<string, unknown>>, from: VantageId, now: Instant): void => {
    if (isIncarnation(incarnation)) this.#window.hear(from, incarnation as Incarnation, parseTracks(tracks), now)
    for (const kill of Array.isArray(killed) ? killed : []) {
      if (!isRecord(kill) || !isName(kill['release']) || typeof kill['salt'] !== 'string' || typeof kill['why'] !== 'string') continue
      if (!this.#hands.names().releases.has(kill['release'] as ReleaseId)) continue
      this.#kills.set(kill['release'], { salt: kill['salt'], why: kill['why'].slice(0, WHY_MAX), from, at: now })
    }
  }

  readonly beat = async (now: Instant): Promise<void> => {
    if (!this.#hands.isReady()) return
    const counts = this.#takeWindow(now)
    const moves: Move[] = []
    const next = new Map<ReleaseId, ReleaseState>()
    for (const release of this.#hands.names().releases.values()) {
      const state = this.#hands.state().releases.find((each) => each.release === release.id)
      const turn: Turn = { release, now, counts, moves }
      if (state === undefined) {
        this.#learn(turn)
        const share = sharesInForce(this.#hands.state()).find((each) => each.release === release.id)
        const ended = share === undefined ? undefined : this.#endShare(share, turn)
        if (ended !== undefined) next.set(release.id, ended)
        continue
      }
      const run = runOf(state, release)
      const moved = this.#move(run, turn)
      const reason = moved === run ? '' : moved.why
      if (moved !== run) next.set(release.id, stateOfRun(moved, release, { by: 'director', door: 'release', reason, at: now }, state))
    }
    if (next.size === 0) return
    const reason = moves.map(({ text }) => text).join(' ')
    if (this.#hands.moveReleases(next, reason).kind !== 'done') return this.#hands.problem(`A release could not be moved: ${reason}`)
    for (const move of moves) {
      this.#hands.problem(move.text)
      this.#hands.alert(move)
    }
  }

  readonly tells = (id: ReleaseId, now: Instant): ReleaseNews | undefined => {
    const release = this.#hands.names().releases.get(id)
    const state = this.#hands.state().releases.find((each) => each.release === id)
    if (release === undefined || state === undefined) return undefined
    const evidence = this.#evidenceOf(id)
    const judgements = evidence.salt === state.order.salt ? evidence.judgements : []
    const explanation = waitsFor(runOf(state, release), { release, now, frozen: this.#isFrozen(id) }, judgements[0]?.judgement)
    return {
      explanation,
      judgements: judgements.map(({ at, step, judgement }) => ({ ago: ms(Math.max(0, now - at)), step, ...judgement })),
    }
  }

  /** What was counted since the last judgement, when it is time for one. */
  #takeWindow(now: Instant): Counts | undefined {
    const passed = this.#judgedAt === undefined ? 0 : Math.abs(between(this.#judgedAt, now))
    // A beat is a little early or late; what was counted meanwhile is of the window all the same.
    if (this.#judgedAt !== undefined && passed < JUDGE_EVERY - 200) return undefined
    const isFirst = this.#judgedAt === undefined
    this.#judgedAt = now
    const counts = this.#window.take()
    return isFirst ? undefined : counts
  }

  /** Before anybody begins it: what stable is usually like. */
  #learn({ release, counts }: Turn): void {
    if (counts === undefined) return
    const held = this.#evidenceOf(release.id)
    const strata = strataOf(counts, release.id, false)
    this.#evidence.set(release.id, { ...held, evidence: foldWindow(held.evidence, strata, release.analysis) })
  }

  /** Of what weights.json gives: nobody judges it, but a vantage's word and the hard limit end it, for that file and every later one. */
  #endShare(share: ShareEntry, { release, now, counts, moves }: Turn): ReleaseState | undefined {
    const { salt, weight } = orderOfShare(share)
    const kill = this.#kills.get(release.id)
    const isKilled = kill?.salt === salt && between(kill.at, now) < KILLED_FOR
    // Where everybody is on the canary, stable may be gone.
    const limit = counts === undefined || weight <= 0 || weight >= 1 ? undefined : brokenLimit(counts, release, false)
    const cause = isKilled ? wordsOf(kill) : limit === undefined ? undefined : explainLimit(limit, release.analysis)
    if (cause === undefined) return undefined
    const text = `Release ${release.id}, to which weights.json gave ${percent(weight)}, is rolled back to 0 %. ${cause}`
    moves.push({ severity: 'critical', release: release.id, text })
    return rolledBackShare(share, { release, why: cause, now })
  }

  #move(run: ReleaseRun, turn: Turn): ReleaseRun {
    const { release, now } = turn
    const scene = { release, now, frozen: this.#isFrozen(release.id) }
    const kill = this.#kills.get(release.id)
    let held: ReleaseRun | undefined = run
    const send = (event: Parameters<typeof stepRelease>[1]): void => {
      const stepped = stepRelease(held, event, scene)
      held = stepped.run
      const severity = SEVERITY_OF_MOVE[held?.kind ?? 'running'] ?? 'info'
      for (const effect of stepped.effects)
        if (effect.kind === 'tell') turn.moves.push({ severity, release: release.id, text: effect.text })
    }
    if (kill !== undefined && between(kill.at, now) < KILLED_FOR) send({ kind: 'killed-by-vantage', salt: kill.salt, why: wordsOf(kill) })
    send({ kind: 'tick' })
    const judgement = this.#judge(held, turn)
    if (judgement !== undefined) send({ kind: 'judgement', salt: held.salt, at: held.at, judgement })
    return held
  }

  #judge(run: ReleaseRun, { release, now, counts }: Turn): Judgement | undefined {
    if (counts === undefined) return undefined
    const order = orderOf(run, release)
    const mirrored = order.mirror > 0
    const known = this.#evidenceOf(release.id)
    const before = evidenceFor(known, run)
    this.#evidence.set(release.id, before)
    // What was counted before the run began is not its own.
    if (before.salt !== known.salt && between(run.since, now) < JUDGE_EVERY) return undefined
    const strata = (rows: Counts) => strataOf(rows, release.id, mirrored)
    const { own, others } = byGroup(counts, run, release)
    // Copies are of what may be copied: what the canary serves elsewhere meanwhile is watched by the hard limit alone.
    const evidence = foldWindow(before.evidence, strata(own), release.analysis, mirrored ? [] : strata(others))
    const judged = isJudged(run, release)
    const judgement = judged
      ? judgeCanary({
          evidence,
          settings: release.analysis,
          stoodFor: ms(Math.max(0, now - run.since)),
          limit: brokenLimit(counts, release, mirrored),
        })
      : undefined
    const held = { ...before, evidence }
    const after = judgement === undefined ? held : this.#keepJudgement(release.id, held, { at: now, step: run.at.step, judgement })
    this.#evidence.set(release.id, after)
    if (judged) this.#write(release.id, after)
    return judgement
  }

  /** Among the last ones; what is news also in the audit trail and the log. */
  #keepJudgement(id: ReleaseId, held: RunEvidence, added: HeldJudgement): RunEvidence {
    const after = addJudgement(held, added)
    if (!isNoteworthy(held, added)) return after
    const { step, judgement } = added
    const text = `Release ${id}, step ${step + 1}, is judged: ${judgement.verdict}. ${judgement.words}`
    try {
      this.#hands.note({ release: id, step, ...judgement }, SEVERITY_OF_VERDICT[judgement.verdict], text)
    } catch (error) {
      this.#hands.problem(`A judgement of the release ${id} could not be written into the audit trail: ${String(error)}`)
    }
    return { ...after, noted: added }
  }

  #evidenceOf(id: ReleaseId): RunEvidence {
    const held = this.#evidence.get(id) ?? parseEvidence(this.#recall(id))
    this.#evidence.set(id, held)
    return held
  }

  #recall(id: ReleaseId): unknown {
    try {
      return this.#hands.recall(`evidence/${id}`)
    } catch (error) {
      this.#hands.problem(`What was known of the release ${id} cannot be read, and is gathered anew: ${String(error)}`)
      return undefined
    }
  }

  /** What cannot be written is gathered anew after a restart. */
  #write(id: ReleaseId, evidence: RunEvidence): void {
    try {
      this.#hands.remember(`evidence/${id}`, evidence)
    } catch (error) {
      this.#hands.problem(`What is known of the release ${id} could not be written: ${String(error)}`)
    }
  }

  #isFrozen(id: ReleaseId): boolean {
    const frozen = this.#hands.frozen()
    return frozen.includes('*') || frozen.includes(id)
  }
}

/** Where a release goes region by region, a step is passed by what its own regions show. All of them speak against the canary. */
function byGroup(counts: Counts, run: ReleaseRun, { regions }: Release): { readonly own: Counts; readonly others: Counts } {
  const names = regions?.[run.at.group]
  if (names === undefined || (run.kind === 'paused' && run.byHand)) return { own: counts, others: [] }
  const isOwn = ({ region }: Counts[number]): boolean => names.includes(region)
  return { own: counts.filter(isOwn), others: counts.filter((row) => !isOwn(row)) }
}
