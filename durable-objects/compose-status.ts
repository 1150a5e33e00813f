/** Composes what a vantage tells people: verdicts with the votes behind them, peers, transitions, counters. Every time is a length. */
import type { ProbeTarget } from '../config/base.ts'
import type { VantageId } from '../config/ids.ts'
import { ageOfKeys, KEYS_FRESH_FOR, type KeySetSource } from '../config/key-set.ts'
import type { Verdict } from '../config/snapshot.ts'
import type {
  DirectorStatus,
  EmergencyStatus,
  EndpointStatus,
  KeySetStatus,
  PeerStatus,
  Transition,
  VantageStatus,
  VoteStatus,
} from '../config/status.ts'
import { type DurationMs, type Instant, ms } from '../config/units.ts'
import { freshPeers } from './form-verdicts.ts'
import { sendReason } from './policy/compose-vote.ts'
import { servedBases, targetsOf } from './policy/fold-bases.ts'
import type { EmergencyFold, HeldEmergency } from './policy/fold-emergency.ts'
import { usableKeys } from './policy/fold-key-set.ts'
import { isFresh, silentFor } from './policy/fold-peer.ts'
import { quorum } from './policy/quorum.ts'
import type { Vote } from './policy/vote.ts'
import type { KeptTransition } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

export function composeStatus(state: VantageState, now: Instant): VantageStatus {
  const ago = (at: Instant): DurationMs => ms(Math.max(0, now - at))
  return {
    vantage: state.self as VantageId,
    incarnation: state.incarnation,
    upFor: ago(state.startedAt),
    abstains: state.abstains,
    noQuorum: state.vantages.length === 1,
    retryScale: state.retryScale,
    bases: [...state.bases].sort((a, b) => b.seenAt - a.seenAt).map(({ base, seenAt }) => ({ hash: base.hash, seenAgo: ago(seenAt) })),
    peers: state.vantages.filter((vantage) => vantage !== state.self).map((vantage) => peerStatus(state, vantage, now)),
    director: directorStatus(state, now),
    emergency: emergencyStatus(state.emergency, now),
    keySets: [...state.keySources.values()].map((source) => keySetStatus(state, source, now)),
    // An endpoint that only a version of the gateway names that is gone would show up twice after a change of its address.
    endpoints: [...targetsOf(servedBases(state.bases, now)).values()].map((target) => endpointStatus(state, target, now)),
    transitions: state.transitions.map((transition) => showTransition(state, transition, now)).reverse(),
    counters: { ...state.counters },
    problems: state.problems.show(now),
  }
}

function directorStatus({ overlay, directorHeardAt, directorSilent }: VantageState, now: Instant): DirectorStatus {
  return {
    ...(overlay === undefined ? {} : { holds: overlay.overlay.order }),
    ...(directorHeardAt === undefined ? {} : { heardAgo: ms(Math.max(0, now - directorHeardAt)) }),
    ...(directorSilent === undefined ? {} : { silent: directorSilent }),
  }
}

function emergencyStatus({ held, confirmedAt, refusal, failure }: EmergencyFold, now: Instant): EmergencyStatus {
  const problem = failure ?? refusal
  return {
    ...(held === undefined ? {} : { held: shownEmergency(held, now) }),
    ...(confirmedAt === undefined ? {} : { confirmedAgo: ms(Math.max(0, now - confirmedAt)) }),
    ...(problem === undefined ? {} : { problem }),
  }
}

const shownEmergency = ({ emergency, by, reason, expires }: HeldEmergency, now: Instant): NonNullable<EmergencyStatus['held']> => ({
  ...emergency,
  by,
  reason,
  ...(expires === undefined ? {} : { expiresIn: ms(expires - now) }),
})

function keySetStatus(state: VantageState, { key, url }: KeySetSource, now: Instant): KeySetStatus {
  const fold = state.keySet(key)
  const { problem, failedInRow, dropped } = fold
  const good = usableKeys(fold, now)
  const age = good === undefined ? undefined : ageOfKeys(good.confirmedAt, now)
  return {
    key,
    url,
    keys: good?.keys.length ?? 0,
    ...(good === undefined ? {} : { version: good.version }),
    ...(age === undefined ? {} : { age }),
    stale: age !== undefined && age >= KEYS_FRESH_FOR,
    ...(problem === undefined ? {} : { problem: { ago: ms(Math.max(0, now - problem.at)), text: problem.text, failedInRow } }),
    dropped,
  }
}

function peerStatus(state: VantageState, vantage: VantageId, now: Instant): PeerStatus {
  const peer = state.peers.get(vantage)
  if (peer === undefined) return { vantage, fresh: false, abstains: false }
  return {
    vantage,
    fresh: isFresh(peer, now),
    silentFor: silentFor(peer, now),
    incarnation: peer.message.incarnation,
    abstains: peer.message.abstains,
  }
}

function endpointStatus(state: VantageState, target: ProbeTarget, now: Instant): EndpointStatus {
  const { key, id, pool, cloud, region } = target
  const health = state.snapshot?.endpoints[key]
  const own = state.ownVotes.get(key)
  const heard = state.vantages.flatMap((vantage) => {
    const peer = state.peers.get(vantage)
    const vote = peer?.message.votes.find(({ endpoint }) => endpoint === key)
    if (vantage === state.self || peer === undefined || vote === undefined) return []
    return [showVote(vantage, vote, { counts: isFresh(peer, now) && !peer.message.abstains, age: silentFor(peer, now) })]
  })
  return {
    key,
    id,
    pool,
    cloud,
    region,
    verdict: health?.verdict ?? 'unknown',
    ...(target.monitor.monitorOnly === true ? { watched: watchedVerdict(state, target, now) } : {}),
    stoodFor: health?.stoodFor ?? ms(0),
    ...(health?.restored === true ? { restored: true as const } : {}),
    reasons: health?.reasons ?? [],
    routesDown: health?.routesDown ?? [],
    votes:
      own === undefined
        ? heard
        : [{ ...showVote(state.self as VantageId, own, { counts: !state.abstains, age: ms(0) }), ...passing(state, own) }, ...heard],
  }
}

/** What the quorum would say if the watched probes counted. */
function watchedVerdict(state: VantageState, { key }: ProbeTarget, now: Instant): Verdict {
  const own = state.abstains ? undefined : state.ownVotes.get(key)
  const peers = freshPeers(state, now).filter(({ message }) => !message.abstains)
  const votes = [own, ...peers.map(({ message }) => message.votes.find(({ endpoint }) => endpoint === key))]
  const counted = votes.flatMap((vote) => (vote === undefined ? [] : [{ ...vote, probe: vote.watched ?? vote.probe }]))
  const outcome = quorum(counted, state.vantages.length)
  return outcome === 'undecided' ? 'unknown' : outcome
}

/** While a hold-down lasts, passed probes restore nothing; people want to see that they pass again. */
function passing(state: VantageState, own: Vote): Pick<VoteStatus, 'passing'> {
  const { facet, passedInRow } = state.fold(own.endpoint).probe
  return facet === 'down' && passedInRow > 0 ? { passing: passedInRow } : {}
}

function showVote(vantage: VantageId, vote: Vote, heard: { readonly counts: boolean; readonly age: DurationMs }): VoteStatus {
  return {
    vantage,
    counts: heard.counts,
    probe: vote.probe,
    ...(vote.watched === undefined ? {} : { watched: vote.watched }),
    traffic: vote.traffic,
    routesDown: vote.routesDown,
    stoodFor: ms(vote.stood + heard.age),
    holdFor: ms(Math.max(0, vote.hold - heard.age)),
    ...(vote.latency === undefined ? {} : { latency: vote.latency }),
    reasons: vote.reasons.map((reason) => ({ ...reason, age: ms(reason.age + heard.age) })),
  }
}

function showTransition(state: VantageState, transition: KeptTransition, now: Instant): Transition {
  const id = state.targets.get(transition.endpoint)?.id
  return {
    ago: ms(Math.max(0, now - transition.at)),
    endpoint: transition.endpoint,
    ...(id === undefined ? {} : { id }),
    from: transition.from,
    to: transition.to,
    reasons: transition.reasons.map((reason) => sendReason(reason, now)),
  }
}
