/**
 * Goes from what is held to what is said: own votes, doubt of oneself, verdicts, snapshot, in that order. Run after everything
 * that may change one of them; running it twice changes nothing.
 */
import type { EndpointKey, VantageId } from '../config/ids.ts'
import type { EndpointHealth, HealthSnapshot } from '../config/snapshot.ts'
import type { Instant } from '../config/units.ts'
import { ageOverlay } from './policy/age-overlay.ts'
import { composeHealth, contentOf, disputedRoutes, type HeardVote } from './policy/compose-snapshot.ts'
import { composeVote } from './policy/compose-vote.ts'
import { distrustsItself, type Opinions } from './policy/distrust.ts'
import { emergencyInForce } from './policy/fold-emergency.ts'
import { forgetOld, type HeldReason } from './policy/fold-endpoint.ts'
import { usableKeys } from './policy/fold-key-set.ts'
import { isFresh, type Peer, silentFor } from './policy/fold-peer.ts'
import { withKills } from './policy/guard-canaries.ts'
import { quorum } from './policy/quorum.ts'
import { hasTraffic } from './policy/release-run.ts'
import { retryScale } from './policy/scale-retries.ts'
import { settleVerdict } from './policy/settle-verdict.ts'
import type { PeerMessage, Vote } from './policy/vote.ts'
import { TRANSITIONS_MAX } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** Peers of the configuration that are heard now. */
export const freshPeers = (state: VantageState, now: Instant): readonly Peer[] =>
  state.vantages.flatMap((vantage) => {
    const peer = vantage === state.self ? undefined : state.peers.get(vantage)
    return peer !== undefined && isFresh(peer, now) ? [peer] : []
  })

/** Brings everything that is said up to date. Returns true when the own votes changed in a way that peers should hear at once. */
export function formVerdicts(state: VantageState, now: Instant): boolean {
  const peers = freshPeers(state, now)
  const before = voteContent(state)
  state.ownVotes = castVotes(state, peers, now)
  state.abstains = distrustsItself(
    probeOpinions([...state.ownVotes.values()]),
    peers.map(({ message }) => probeOpinions(message.votes)),
  )
  const endpoints: Record<EndpointKey, EndpointHealth> = {}
  const heard = indexVotes(peers, now)
  for (const key of state.targets.keys()) endpoints[key] = judge(state, key, heard.get(key) ?? [], now)
  state.retryScale = retryScale([state.window.load(now), ...peers.map(({ message }) => message.load)])
  publish(state, endpoints, now)
  return voteContent(state) !== before
}

function castVotes(state: VantageState, peers: readonly Peer[], now: Instant): ReadonlyMap<EndpointKey, Vote> {
  const disputed = new Map<EndpointKey, Vote[]>()
  for (const vote of peers.flatMap(({ message }) => message.votes)) {
    if (vote.routesDown.length > 0) disputed.set(vote.endpoint, [...(disputed.get(vote.endpoint) ?? []), vote])
  }
  const votes = new Map<EndpointKey, Vote>()
  for (const key of state.targets.keys()) {
    const fold = forgetOld(state.fold(key), state.holdDown, now)
    state.folds.set(key, fold)
    const vote = composeVote(key, fold, { window: state.window, disputed: disputedRoutes(disputed.get(key) ?? []) }, now)
    if (vote !== undefined) votes.set(key, vote)
  }
  return votes
}

function judge(state: VantageState, key: EndpointKey, heard: readonly HeardVote[], now: Instant): EndpointHealth {
  const fold = state.fold(key)
  const own = state.ownVotes.get(key)
  const configured = state.vantages.length
  // With a single vantage there is nobody to doubt it.
  const votes = own !== undefined && !state.abstains ? [{ vote: own, heardAgo: 0 as HeardVote['heardAgo'] }, ...heard] : heard
  const settled = settleVerdict(
    fold.settled,
    quorum(
      votes.map(({ vote }) => vote),
      configured,
    ),
    now,
  )
  const latency =
    state.targets.get(key)?.latency === true ? { usual: fold.probe.usual, said: state.snapshot?.endpoints[key]?.latency } : undefined
  const view = {
    settled,
    abstains: state.abstains,
    votes,
    configured,
    ...(own === undefined ? {} : { own }),
    ...(latency === undefined ? {} : { latency }),
    ...(fold.probe.degraded === true ? { degraded: true } : {}),
  }
  const health = composeHealth(view, now)
  const previous = fold.settled?.verdict ?? 'unknown'
  if (settled.verdict !== previous) {
    const reasons = health.reasons.map(({ age, ...reason }): HeldReason => ({ ...reason, at: (now - age) as Instant }))
    const transition = { at: now, endpoint: key, from: previous, to: settled.verdict, reasons }
    state.transitions = [...state.transitions, transition].slice(-TRANSITIONS_MAX)
    // Bounded also while nothing can be written.
    state.newTransitions = [...state.newTransitions, transition].slice(-TRANSITIONS_MAX)
  }
  state.folds.set(key, { ...fold, settled })
  return health
}

function publish(state: VantageState, endpoints: HealthSnapshot['endpoints'], now: Instant): void {
  const seq = state.snapshot?.seq ?? 0
  const keySets = keyVersions(state, now)
  const overlay = ageOverlay(state.overlay, now)
  const emergency = withKills(emergencyInForce(state.emergency, now), state.kills)
  const said = {
    endpoints,
    retryScale: state.retryScale,
    ...(keySets === undefined ? {} : { keySets }),
    ...(overlay === undefined ? {} : { overlay }),
    ...(emergency === undefined ? {} : { emergency }),
  }
  const changed = state.snapshot === undefined || contentOf(state.snapshot) !== contentOf(said)
  state.snapshot = {
    format: 1,
    vantage: state.self as VantageId,
    incarnation: state.incarnation,
    seq: changed ? seq + 1 : seq,
    ...said,
  }
}

/** Undefined without any. */
function keyVersions(state: VantageState, now: Instant): HealthSnapshot['keySets'] {
  const versions = [...state.keySets].flatMap(([key, fold]) => {
    const good = usableKeys(fold, now)
    return good === undefined ? [] : [[key, good.version] as const]
  })
  return versions.length === 0 ? undefined : Object.fromEntries(versions.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The message of this moment; each call makes the next sequence number. */
export function composeMessage(
  state: VantageState,
  extra: Pick<PeerMessage, 'needs' | 'documents' | 'keySets' | 'emergency'>,
  now: Instant,
): PeerMessage {
  state.messageSeq += 1
  return {
    format: 1,
    from: state.self as VantageId,
    incarnation: state.incarnation,
    seq: state.messageSeq,
    abstains: state.abstains,
    votes: [...state.ownVotes.values()],
    load: state.window.load(now),
    knows: [...state.peers].map(([vantage, { message }]) => [vantage, message.incarnation] as const),
    bases: state.bases.map(({ base, seenAt, learnedAt }) => ({
      hash: base.hash,
      seenAgo: Math.max(0, now - seenAt) as PeerMessage['bases'][number]['seenAgo'],
      learnedAgo: Math.max(0, now - learnedAt) as PeerMessage['bases'][number]['learnedAgo'],
    })),
    ...tracksOf(state, now),
    ...extra,
  }
}

/** Only while a canary may have requests. */
function tracksOf(state: VantageState, now: Instant): Pick<PeerMessage, 'tracks' | 'killed'> {
  const orders = state.overlay?.overlay.releases ?? {}
  const tracks = state.tracks.recent(now).filter(({ release }) => {
    const order = orders[release]
    return order !== undefined && hasTraffic(order)
  })
  return {
    ...(tracks.length === 0 ? {} : { tracks }),
    ...(state.kills.size === 0 ? {} : { killed: [...state.kills.values()] }),
  }
}

function indexVotes(peers: readonly Peer[], now: Instant): ReadonlyMap<EndpointKey, readonly HeardVote[]> {
  const index = new Map<EndpointKey, HeardVote[]>()
  for (const peer of peers) {
    if (peer.message.abstains) continue
    for (const vote of peer.message.votes) {
      const entry = { vote, heardAgo: silentFor(peer, now) }
      const held = index.get(vote.endpoint)
      if (held === undefined) index.set(vote.endpoint, [entry])
      else held.push(entry)
    }
  }
  return index
}

const probeOpinions = (votes: readonly Vote[]): Opinions => new Map(votes.map((vote) => [vote.endpoint, vote.probe]))

const voteContent = (state: VantageState): string =>
  JSON.stringify([
    state.abstains,
    [...state.ownVotes.values()].map(({ endpoint, probe, traffic, routesDown, routesUp }) => [
      endpoint,
      probe,
      traffic === 'down',
      routesDown,
      routesUp,
    ]),
  ])
