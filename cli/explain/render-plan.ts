/** The plan of an explanation as lines: the pool, its endpoints in order with what keeps each back, the attempts. */
import { styleText } from 'node:util'
import type { ExplainedCandidate, ExplainedEjection, ExplainedFigures, ExplainedPlan, PlannedAttempt } from '../../config/explanation.ts'
import { voteLine } from '../status/render-status.ts'
import { showLength } from '../status/show-length.ts'

export function planLines(plan: ExplainedPlan): string[] {
  return [
    '',
    styleText('bold', `pool ${plan.pool}`),
    ...trackLines(plan),
    ...poolLines(plan),
    ...candidateLines(plan.candidates),
    '',
    ...attemptLines(plan),
  ]
}

function poolLines({ pools, replied, steering, panic }: ExplainedPlan): string[] {
  const shares = pools.map(({ pool, share, drawn }) => `${pool} ${Math.round(share * 1000) / 10} %${drawn ? ' (drawn)' : ''}`)
  const answered = replied === undefined ? [] : [`an answer of its own ${Math.round(replied * 1000) / 10} %`]
  return [
    ...(pools.length === 1 && replied === undefined ? [] : [`  drawn from ${[...shares, ...answered].join(', ')}`]),
    `  steered ${steering}${panic ? styleText('red', ' · panic: nobody is in, so verdicts and ejections are ignored') : ''}`,
  ]
}

/** In the words of whoever asks why they are not on the canary. */
const WHY: Readonly<Record<string, string>> = {
  unheard: 'nothing has been heard from the director',
  killed: 'the canary is killed',
  override: 'they asked for it, and may',
  'no-share': 'the canary has no share',
  'no-key': 'there is nothing to recognise them by',
  share: 'by their key',
}

function trackLines({ release }: ExplainedPlan): string[] {
  if (release === undefined) return []
  const { track, why, key, weight, mirror, canaryOut, ignoredOverride } = release
  const percent = (share: number) => `${Math.round(share * 10_000) / 100} %`
  return [
    `  release ${release.release}: ${track}, because ${WHY[why] ?? why} (key ${key}${weight === undefined ? '' : `, canary ${percent(weight)}`}${mirror === undefined ? '' : `, copies ${percent(mirror)}`})`,
    ...(canaryOut ? [styleText('red', '  no endpoint of the canary is in: it begins on stable')] : []),
    ...(ignoredOverride === undefined ? [] : [`  an override was ignored: ${ignoredOverride}`]),
  ]
}

function candidateLines(candidates: readonly ExplainedCandidate[]): string[] {
  const width = Math.max(8, ...candidates.map(({ endpoint }) => endpoint.length))
  const places = Math.max(5, ...candidates.map((each) => place(each).length))
  const head = `  ${' #'} ${'endpoint'.padEnd(width)} ${'place'.padEnd(places)} ${'prio'} ${'weight'} ${'waiting'.padStart(9)} ${'latency'.padStart(8)}  verdict`
  return [
    styleText('dim', head),
    ...candidates.flatMap((each) => [candidateLine(each, width, places), ...(each.votes ?? []).map(voteLine)]),
  ]
}

const place = ({ cloud, region }: ExplainedCandidate): string => `${cloud} ${region}`

function candidateLine(candidate: ExplainedCandidate, width: number, places: number): string {
  const { endpoint, priority, weight, ramp, waiting, limit, health } = candidate
  const latency = candidate.figures.expected ?? candidate.latency ?? health?.latency
  const shown = [
    `  ${String(candidate.place ?? '–').padStart(2)}`,
    endpoint.padEnd(width),
    place(candidate).padEnd(places),
    String(priority).padStart(4),
    `${weight}${ramp < 1 ? `×${ramp.toFixed(2)}` : ''}`.padStart(6),
    `${waiting} of ${limit}`.padStart(9),
    (latency === undefined ? '' : `${Math.round(latency)} ms`).padStart(8),
    ` ${(health?.verdict ?? 'none').padEnd(7)}`,
    why(candidate),
  ].join(' ')
  return candidate.eligible ? shown : styleText('dim', shown)
}

/** In the words of whoever is called at night. */
const STANDINGS: Readonly<Record<string, string>> = {
  routable: 'in',
  degraded: 'in, after the others: it says itself that it is not well',
  'over-limit': 'in, but as much waits there as may: others first',
  'down-from-here': 'last: the vantage that this isolate asks cannot reach it',
  'down-when-last-heard': 'last: down when last heard, which is long ago',
  'untried-after-ejection': 'last: nobody has tried it since its hold-down',
  'paused-by-retry-after': 'after the others: it asked for a pause',
  'at-its-limit': 'out: as much waits there as may',
  'drains-itself': 'out: it says that it drains',
  'verdict-down': 'out: down by the verdict of the vantages',
  ejected: 'out: ejected by this isolate',
  'spared-by-emergency': 'out by an emergency: nothing new while another could take it',
  drained: 'never: drained',
  'drained-by-overlay': 'never: drained by operators',
  'drained-by-emergency': 'never: drained by an emergency',
  'no-weight': 'never: weight 0',
  'no-weight-by-overlay': 'never: weight 0 by operators',
  'not-the-home': 'never: these writes have another home',
}

const DIRECTIONS = { out: 'drained: out', back: 'coming back: all of it' } as const

function why({ standing, ejections, pausedFor, failed, decided, health, figures, fileWeight, drains }: ExplainedCandidate): string {
  return [
    STANDINGS[standing] ?? standing,
    ...(fileWeight === undefined ? [] : [`weight ${fileWeight} in the file`]),
    ...(drains ?? []).filter(({ left }) => left > 0).map(({ direction, left }) => `${DIRECTIONS[direction]} within ${showLength(left)}`),
    ...showFigures(figures),
    ...ejections.map(showEjection),
    ...(pausedFor === undefined ? [] : [`${showLength(pausedFor)} more`]),
    ...(failed === 0 ? [] : [`${failed} of ${decided} attempts failed lately`]),
    ...(health?.reasons ?? []).slice(0, 1).map(({ vantage, facet, detail }) => `${vantage} ${facet}: ${detail}`),
  ].join('; ')
}

function showFigures({ level, concurrencyMax, hashRank, mapRank, distance }: ExplainedFigures): string[] {
  return [
    ...(level === undefined ? [] : [`its priority carries ${Math.round(level.percent)} %${level.panic ? ' in panic' : ''}`]),
    ...(concurrencyMax === undefined ? [] : [`${concurrencyMax} may wait`]),
    ...(hashRank === undefined ? [] : [`${hashRank}. by its key`]),
    ...(mapRank === undefined ? [] : [`${mapRank}. by the client's country`]),
    ...(distance === undefined ? [] : [`${distance} km`]),
  ]
}

const showEjection = ({ scope, cause, ejectedFor, holdFor }: ExplainedEjection): string =>
  `${scope === 'route' ? 'for this route ' : ''}by ${cause} ${showLength(ejectedFor)} ago, ${holdFor === 0 ? 'wants trials' : `held ${showLength(holdFor)} more`}`

function attemptLines(plan: ExplainedPlan): string[] {
  const { attempts, ending, hedge, replay, retry, timeouts } = plan
  const width = Math.max(...attempts.map(({ endpoint }) => endpoint.length), 0)
  return [
    styleText('bold', 'attempts, if each fails'),
    ...attempts.map((each, index) => `  ${index + 1}. ${each.kind.padEnd(9)} ${each.endpoint.padEnd(width)}  ${attemptTime(each, index)}`),
    `  then ${ending}`,
    ...(hedge === undefined ? [] : [`  ${hedgeLine(hedge)}`]),
    `  may be sent again: ${showReplay(replay)}; ${retry.attemptsMax} attempts at most, statuses ${retry.statuses.join(', ') || 'none'}`,
    `  retry budget: ${retry.retries} used by ${retry.requests} requests, ${retry.mayRetry ? 'one more may be' : 'none left'}${retry.mayRescue ? '' : '; no rescue: everybody fails'}`,
    `  timeouts: request ${limit(timeouts.request)}, attempt ${limit(timeouts.attempt)}, silence ${limit(timeouts.idle)}`,
  ]
}

const limit = (length: number): string => (length === 0 ? 'none' : showLength(length))

function attemptTime({ pause, timeout, onTrial, steered }: PlannedAttempt, index: number): string {
  const begins = index === 0 ? 'at once' : pause === 0 ? 'at once after the failure' : `${Math.round(pause)} ms after the failure`
  const lasts = timeout === undefined ? "with all that is left of the request's time" : `for ${showLength(timeout)}`
  return `${begins}, ${lasts}${onTrial ? ', on trial' : ''}${steered === undefined ? '' : ` (${steered})`}`
}

function hedgeLine({ after, endpoint, saved }: NonNullable<ExplainedPlan['hedge']>): string {
  if (after === undefined) return 'hedge: none yet, too few attempts have been seen'
  if (endpoint === undefined) return 'hedge: none, no other endpoint is in'
  const paid = saved >= 1 ? `${Math.floor(saved)} paid for` : 'not paid for yet'
  return `hedge: a second one at ${endpoint} when the first is silent for ${Math.round(after)} ms (${paid})`
}

const RULES = {
  anywhere: 'anywhere',
  'same-endpoint': 'once more to the same endpoint, by its Idempotency-Key',
  'if-unsent': 'only when it was certainly not sent',
} as const

function showReplay({ rule, writes, body }: ExplainedPlan['replay']): string {
  return body === 'streamed' ? 'no, its body is streamed' : `${RULES[rule]} (writes: ${writes})`
}
