/**
 * Counts for all colos together, by leases from objects: what this isolate holds is given at once and asked for again ahead of need; a key that holds nothing waits a
 * bounded time. Nothing is shared between requests but plain data: whoever waits looks again.
 */
import { type LeaseReply, type LeaseRequest, type LimiterForIsolates, limiterOf } from '../../config/lease.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import type { CountedLimit } from '../../config/rate-limit.ts'
import { after, type DurationMs, type Instant, instant, ms } from '../../config/units.ts'
import { BoundedMap } from '../policy/bounded-map.ts'
import { ASK_WITHIN, askForLease, type KeyState, NEW_KEY, takeOne, takeReply } from '../policy/lease.ts'
import type { Platform } from '../ports.ts'
import { attempt } from '../snapshot/bounded.ts'
import type { Counter, Taken } from './counter.ts'

/** Longest that a request waits: a question across an ocean and back. What is granted later is not used for it. */
export const WAIT_MAX = ms(250)
/** Between two looks of a request that waits for another one's question. */
const WAIT_STEP = ms(5)
/** Keys that an isolate remembers, of all limits. What it holds for a forgotten one is lost. */
export const ISOLATE_KEYS_MAX = 4096
/** An object that did not answer, or is busy, is left alone for so long; then one request asks. */
const LEFT_ALONE = ms(1000)
const OBJECTS_MAX = 1024

/** A fresh stub for each call: one made in another request may not be used. */
export type LimiterOf = (name: string) => LimiterForIsolates

interface Held {
  state: KeyState
  /** Until when requests wait here. One whose client went away may never say that it is gone. */
  waiting: readonly Instant[]
  /** When an answer last gave less than was asked for. */
  shortAt: Instant
}

interface Asking {
  readonly limit: CountedLimit
  readonly key: string
  readonly held: Held
}

export function makeGlobalCounter(limiter: LimiterOf): Counter {
  return new GlobalCounter(limiter)
}

class GlobalCounter implements Counter {
  readonly #limiter: LimiterOf
  readonly #keys = new BoundedMap<string, Held>(ISOLATE_KEYS_MAX)
  /** Until when objects are left alone. */
  readonly #silent = new BoundedMap<string, Instant>(OBJECTS_MAX)
  #isolate: string | undefined
  #leases = 0

  constructor(limiter: LimiterOf) {
    this.#limiter = limiter
  }

  take(limit: CountedLimit, key: string, platform: Platform): Taken | Promise<Taken> {
    const asking = { limit, key, held: this.#heldOf(`${limit.id}/${key}`) }
    return this.#look(asking, platform) ?? this.#wait(asking, platform)
  }

  #heldOf(name: string): Held {
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const held = { state: NEW_KEY, waiting: [], shortAt: HEARD }
    this.#keys.set(name, held)
    return held
  }

  /** What is known at once; undefined when it has to be asked for, or another request has asked. */
  #look(asking: Asking, platform: Platform): Taken | undefined {
    const { limit, held } = asking
    const step = takeOne(held.state, platform.now())
    held.state = step.state
    switch (step.kind) {
      case 'taken': {
        if (step.refresh && !this.#isSilent(asking, platform.now())) platform.defer(this.#ask(asking, 0, platform))
        return { kind: 'taken', remaining: step.remaining, resetAfter: ms(limit.window / limit.limit) }
      }
      case 'over':
        return { kind: 'over', retryAfter: step.retryAfter }
      case 'wait':
      case 'ask':
        return undefined
      default:
        return step satisfies never
    }
  }

  async #wait(asking: Asking, platform: Platform): Promise<Taken> {
    const { limit, held } = asking
    const from = platform.now()
    const deadline = after(from, WAIT_MAX)
    held.waiting = [...held.waiting, deadline]
    try {
      for (let now = platform.now(); now < deadline; now = platform.now()) {
        const known = this.#look(asking, platform)
        if (known !== undefined) return known
        // Before the question of another is waited for: an object that is silent keeps nobody but who finds out.
        if (this.#isSilent(asking, now)) return SILENT
        if (takeOne(held.state, now).kind === 'wait') {
          await platform.sleep(WAIT_STEP)
          continue
        }
        const answer = this.#ask(asking, 1, platform)
        platform.defer(answer)
        const spent = await attempt(() => answer, ms(deadline - now), platform)
        if (spent === undefined) return waitedFor(asking, from)
        if (spent > 0) return { kind: 'taken', remaining: held.state.left, resetAfter: ms(limit.window / limit.limit) }
      }
      return waitedFor(asking, from)
    } finally {
      held.waiting = without(held.waiting, deadline)
    }
  }

  #isSilent({ limit, key }: Asking, now: Instant): boolean {
    const until = this.#silent.get(limiterOf(limit.id, key))
    return until !== undefined && until > now && until - now <= LEFT_ALONE
  }

  /** How many of `spend` were granted; undefined when nobody answered. Never rejects. */
  async #ask({ limit, key, held }: Asking, spend: number, platform: Platform): Promise<number | undefined> {
    const name = limiterOf(limit.id, key)
    const asked = platform.now()
    const terms = { limit: limit.limit, window: limit.window, burst: limit.burst }
    held.waiting = held.waiting.filter((until) => until > asked)
    const question = { key, terms, lease: this.#leaseName(platform), spend, waiting: Math.max(0, held.waiting.length - spend) }
    const { state, request } = askForLease(held.state, question, asked)
    held.state = state
    // Where it did not answer the last time, one request finds out whether it does now.
    if ((this.#silent.get(name) ?? HEARD) !== HEARD) this.#silence(name, asked, LEFT_ALONE)
    const reply = parseReply(await attempt(() => this.#limiter(name).lease(request), ASK_WITHIN, platform), request)
    const now = platform.now()
    held.state = takeReply(held.state, { request, asked }, reply, now)
    if (reply?.kind === 'granted' && reply.spent + reply.ahead < request.spend + request.ahead) held.shortAt = now
    if (reply?.kind === 'granted') this.#silent.set(name, HEARD)
    else this.#silence(name, now, reply === undefined ? LEFT_ALONE : reply.retryAfter)
    return reply?.kind === 'granted' ? reply.spent : undefined
  }

  #silence(name: string, now: Instant, length: DurationMs): void {
    this.#silent.set(name, after(now, ms(Math.min(length, LEFT_ALONE))))
  }

  #leaseName(platform: Platform): string {
    this.#isolate ??= platform.uuid()
    this.#leases += 1
    return `${this.#isolate}/${this.#leases}`
  }
}

const SILENT: Taken = { kind: 'unavailable', why: 'the counter of all colos did not answer in time' }
/** Nothing came in time. Where answers came meanwhile and gave less than was asked for, the limit is reached: a crowd must not come in because it had to wait. */
const waitedFor = ({ limit, held }: Asking, from: Instant): Taken =>
  held.shortAt >= from ? { kind: 'over', retryAfter: ms(Math.max(WAIT_MAX, limit.window / limit.limit)) } : SILENT

/** The list without one of these. */
function without(list: readonly Instant[], one: Instant): readonly Instant[] {
  const index = list.indexOf(one)
  return index < 0 ? list : list.toSpliced(index, 1)
}

/** It answered: nothing to wait for. */
const HEARD = instant(0)

/** An answer of the right shape, with no more than was asked for; anything else is none. */
function parseReply(raw: unknown, { spend, ahead }: LeaseRequest): LeaseReply | undefined {
  if (!isRecord(raw)) return undefined
  const { kind, retryAfter, spent, ahead: given, left } = raw
  if (!isAmount(retryAfter)) return undefined
  if (kind === 'busy') return { kind, retryAfter: ms(retryAfter) }
  if (kind !== 'granted' || !isAmount(spent) || !isAmount(given) || !isAmount(left)) return undefined
  return { kind, spent: Math.min(spent, spend), ahead: Math.min(given, ahead), left, retryAfter: ms(retryAfter) }
}

const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0
