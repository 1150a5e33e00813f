/**
 * Decides, for one key of a limit that counts for all colos, whether this isolate may let a request in by what it was granted, has to ask, or knows that there is
 * nothing. What it was granted ends by its own clock, counted from when it asked; what comes later is not used.
 */
import {
  AHEAD_MAX,
  DONE_MAX,
  type DoneLease,
  LEASE_LIFETIME,
  type LeaseReply,
  type LeaseRequest,
  type LeaseTerms,
} from '../../config/lease.ts'
import { after, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'

export interface KeyState {
  readonly held: readonly HeldLease[]
  /** To be told with the next question. */
  readonly done: readonly DoneLease[]
  /** How many were asked for ahead the last time. */
  readonly size: number
  /** A question is under way since then. */
  readonly asking: Instant | undefined
  readonly lastAsked: Instant
  /** Before then nobody has one to give. */
  readonly emptyUntil: Instant
  /** What the others may still have, as it was told the last time. */
  readonly left: number
}

export interface HeldLease {
  readonly id: string
  readonly granted: number
  readonly left: number
  readonly until: Instant
}

const NEVER = instant(0)

export const NEW_KEY: KeyState = { held: [], done: [], size: 0, asking: undefined, lastAsked: NEVER, emptyUntil: NEVER, left: 0 }

/** A question without an answer is given up. */
export const ASK_WITHIN = ms(1000)
/** Whoever asks again within this time is busy, and asks for twice as many. */
const BUSY_WITHIN = ms(1000)
/** Nobody who is over the limit makes an isolate ask more often. */
const EMPTY_AT_LEAST = ms(250)
const EMPTY_AT_MOST = ms(60_000)

export type Step =
  /** `refresh`: half of what is held is used, so it is time to ask for more. */
  | { readonly kind: 'taken'; readonly state: KeyState; readonly remaining: number; readonly refresh: boolean }
  | { readonly kind: 'over'; readonly state: KeyState; readonly retryAfter: DurationMs }
  /** Another request has asked. */
  | { readonly kind: 'wait'; readonly state: KeyState }
  | { readonly kind: 'ask'; readonly state: KeyState }

export function takeOne(before: KeyState, now: Instant): Step {
  const state = retire(before, now)
  const [first, ...others] = state.held
  if (first !== undefined) {
    const held = [{ ...first, left: first.left - 1 }, ...others]
    const left = sumOf(held)
    const refresh = !isAsking(state, now) && now >= state.emptyUntil && left * 2 <= held.reduce((sum, { granted }) => sum + granted, 0)
    return { kind: 'taken', state: { ...state, held }, remaining: left + state.left, refresh }
  }
  const empty = state.emptyUntil - now
  // A clock that was set back must not keep everybody out for as long as it was set back.
  if (empty > 0 && empty <= EMPTY_AT_MOST) return { kind: 'over', state, retryAfter: ms(empty) }
  return { kind: isAsking(state, now) ? 'wait' : 'ask', state }
}

const isAsking = ({ asking }: KeyState, now: Instant): boolean => asking !== undefined && now >= asking && now - asking < ASK_WITHIN

const sumOf = (held: readonly HeldLease[]): number => held.reduce((sum, { left }) => sum + left, 0)

/** Leases that are used up or over are to be told as done. */
function retire(state: KeyState, now: Instant): KeyState {
  const isOver = ({ left, until }: HeldLease): boolean => left < 1 || until <= now || until - now > LEASE_LIFETIME
  if (!state.held.some(isOver)) return state
  const done = state.held.filter(isOver).map(({ id, left }) => ({ lease: id, unused: left }))
  return { ...state, held: state.held.filter((lease) => !isOver(lease)), done: [...state.done, ...done].slice(-DONE_MAX) }
}

export interface Question {
  readonly key: string
  readonly terms: LeaseTerms
  /** How the lease will be called. */
  readonly lease: string
  /** One, or none when nobody waits for this answer. */
  readonly spend: number
  /** Others that wait here. */
  readonly waiting: number
}

export interface Asked {
  readonly state: KeyState
  readonly request: LeaseRequest
}

export function askForLease(before: KeyState, { waiting, ...question }: Question, now: Instant): Asked {
  const state = retire(before, now)
  const isBusy = now - state.lastAsked < BUSY_WITHIN
  const size = Math.min(AHEAD_MAX, isBusy ? Math.max(1, state.size * 2) : Math.floor(state.size / 2))
  const request = { ...question, ahead: Math.min(AHEAD_MAX, Math.max(size, waiting)), done: state.done }
  return { state: { ...state, size, done: [], asking: now, lastAsked: now }, request }
}

/** Undefined: there was no answer. `asked`: when the question left. */
export function takeReply(
  before: KeyState,
  { request, asked }: { readonly request: LeaseRequest; readonly asked: Instant },
  reply: LeaseReply | undefined,
  now: Instant,
): KeyState {
  const state = before.asking === asked ? { ...before, asking: undefined } : before
  if (reply?.kind !== 'granted') return state
  const { ahead, spent, left, retryAfter } = reply
  const lease = { id: request.lease, granted: ahead, left: ahead, until: after(asked, LEASE_LIFETIME) }
  const held = ahead > 0 && now < lease.until ? [...state.held, lease] : state.held
  const isEmpty = left < 1 && (spent < request.spend || ahead < request.ahead)
  const pause = Math.min(EMPTY_AT_MOST, Math.max(EMPTY_AT_LEAST, retryAfter))
  return { ...state, held, left, emptyUntil: isEmpty ? after(now, ms(pause)) : state.emptyUntil }
}
