/**
 * Decides what of a limit an isolate is granted: a token bucket for each key, in which what was granted ahead keeps its room until it is used, given back or
 * over. So bucket and leases together never hold more than the burst, and however many isolates there are, the requests that come in within any time are at
 * most the burst and what the rate gives in that time.
 */
import { LEASE_LIFETIME, type LeaseReply, type LeaseRequest, type LeaseTerms } from '../../config/lease.ts'
import { after, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'

export interface Bucket {
  readonly tokens: number
  readonly at: Instant
  /** Granted ahead and neither known to be used nor over; the first to end first. */
  readonly leases: readonly Lease[]
  /** By then it is full if nothing more is taken: there is nothing to remember. */
  readonly fullAt: Instant
}

export interface Lease {
  readonly id: string
  readonly ahead: number
  /** What the request was granted with it, should it be delivered again. */
  readonly spent: number
  readonly until: Instant
}

/** Of one key. An isolate that asks for a further one is granted what it uses at once. */
export const LEASES_MAX = 64
/** Clocks of isolates stand still while they compute: a lease is taken for over only when nobody can think otherwise. */
export const LEASE_MARGIN = ms(1000)

export interface Granted {
  readonly bucket: Bucket
  readonly reply: Extract<LeaseReply, { kind: 'granted' }>
}

export function grantLease(held: Bucket | undefined, request: LeaseRequest, now: Instant): Granted {
  const { terms } = request
  const settled = takeBack(settle(held, terms, now), request, terms)
  const repeated = settled.leases.find(({ id }) => id === request.lease)
  if (repeated !== undefined) return answer(settled, terms, repeated)
  const spent = Math.min(request.spend, Math.floor(settled.tokens))
  const rest = settled.tokens - spent
  // Half of what is left: others may want some too.
  const ahead = settled.leases.length < LEASES_MAX ? Math.min(request.ahead, Math.ceil(Math.floor(rest) / 2)) : 0
  const lease = { id: request.lease, ahead, spent, until: after(now, ms(LEASE_LIFETIME + LEASE_MARGIN)) }
  const leases = ahead === 0 ? settled.leases : [...settled.leases, lease]
  return answer({ tokens: rest - ahead, at: now, leases }, terms, lease)
}

type Settled = Omit<Bucket, 'fullAt'>

/** Fills up what has come since, with the room that leases left at each moment. */
function settle(held: Bucket | undefined, { limit, window, burst }: LeaseTerms, now: Instant): Settled {
  if (held === undefined) return { tokens: burst, at: now, leases: [] }
  let { tokens, at } = held
  let room = burst - outOf(held.leases)
  // A clock that was set back fills nothing, and keeps no lease for longer than it may last.
  const leases = held.leases.map((lease) => ({ ...lease, until: instant(Math.min(lease.until, now + LEASE_LIFETIME + LEASE_MARGIN)) }))
  const pass = (to: Instant): void => {
    tokens = Math.max(0, Math.min(room, tokens + (Math.max(0, to - at) * limit) / window))
    at = to
  }
  let over = 0
  for (const { until, ahead } of leases) {
    if (until > now) break
    pass(until)
    room += ahead
    over += 1
  }
  pass(now)
  return { tokens, at: now, leases: leases.slice(over) }
}

const outOf = (leases: readonly Lease[]): number => leases.reduce((sum, { ahead }) => sum + ahead, 0)

/** What is not known any more is over already: nothing of it comes back. */
function takeBack(settled: Settled, { done }: LeaseRequest, { burst }: LeaseTerms): Settled {
  let { tokens, leases } = settled
  for (const { lease: id, unused } of done) {
    const lease = leases.find((each) => each.id === id)
    if (lease === undefined) continue
    leases = leases.filter((each) => each !== lease)
    tokens = Math.max(0, Math.min(tokens + Math.min(unused, lease.ahead), burst - outOf(leases)))
  }
  return { ...settled, tokens, leases }
}

function answer(settled: Settled, terms: LeaseTerms, { spent, ahead }: Pick<Lease, 'spent' | 'ahead'>): Granted {
  const left = Math.floor(settled.tokens)
  const bucket = { ...settled, fullAt: fullAt(settled, terms) }
  return { bucket, reply: { kind: 'granted', spent, ahead, left, retryAfter: left > 0 ? ms(0) : nextToken(settled, terms) } }
}

/** While leases hold all the room nothing comes before the first of them ends. */
function nextToken({ tokens, at, leases }: Settled, { limit, window, burst }: LeaseTerms): DurationMs {
  const [first] = leases
  const blocked = first !== undefined && burst - outOf(leases) < 1 ? Math.max(0, first.until - at) : 0
  return ms(blocked + Math.ceil(((1 - tokens) * window) / limit))
}

function fullAt({ tokens, at, leases }: Settled, { limit, window, burst }: LeaseTerms): Instant {
  const last = Math.max(at, ...leases.map(({ until }) => until))
  return instant(last + Math.ceil((Math.max(0, burst - tokens) * window) / limit))
}
