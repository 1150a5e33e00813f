/**
 * Counts the keys of one shard of a limit for all colos. It remembers what is not full, in memory and, at most once a second, in storage: what was granted in the
 * last second may be granted again by an object that lost its memory. It refuses before it falls behind.
 */
import type { LeaseReply } from '../config/lease.ts'
import { after, type Instant, ms } from '../config/units.ts'
import { type Bucket, grantLease } from './policy/bucket.ts'
import { parseLeaseRequest } from './policy/parse-lease.ts'
import { FULL_BUCKET, takeToken } from './policy/token-bucket.ts'
import type { ControlPlatform } from './ports.ts'
import type { LimiterStorage } from './storage/limiter-storage.ts'

/** Keys that are remembered; the one that was used longest ago makes room. Random keys cost nothing else, and each has what its limit gives anyway. */
export const KEYS_MAX = 4096
const FLUSH_EACH = ms(1000)
const BUSY_FOR = ms(1000)
/** After the last key is full again, storage is emptied. */
const SWEEP_LATE = ms(5000)

export interface LimiterPorts {
  readonly platform: Pick<ControlPlatform, 'now' | 'sleep' | 'setAlarm'>
  readonly storage: LimiterStorage
}

export class LimiterCore {
  readonly #ports: LimiterPorts
  /** Whoever was used last is last. */
  readonly #buckets: Map<string, Bucket>
  #calls = FULL_BUCKET
  #flushing = false
  #armed = false

  constructor(ports: LimiterPorts) {
    this.#ports = ports
    this.#buckets = new Map(ports.storage.read())
    this.#armed = this.#buckets.size > 0
  }

  async lease(raw: unknown): Promise<LeaseReply> {
    const now = this.#ports.platform.now()
    const { taken, bucket: calls } = takeToken(this.#calls, now)
    this.#calls = calls
    if (!taken) return { kind: 'busy', retryAfter: BUSY_FOR }
    const request = parseLeaseRequest(raw)
    if (request === undefined) throw new Error('not a request for a lease')
    const { bucket, reply } = grantLease(this.#buckets.get(request.key), request, now)
    this.#buckets.delete(request.key)
    this.#buckets.set(request.key, bucket)
    if (this.#buckets.size > KEYS_MAX) this.#makeRoom(now)
    if (!this.#flushing) void this.#flushSoon()
    return reply
  }

  /** Empties the storage of an object that nobody asks any more. */
  async alarm(): Promise<void> {
    this.#armed = false
    await this.#flush(this.#ports.platform.now())
  }

  #makeRoom(now: Instant): void {
    this.#dropFull(now)
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined && this.#buckets.size > KEYS_MAX) this.#buckets.delete(oldest)
  }

  #dropFull(now: Instant): void {
    for (const [key, { fullAt }] of this.#buckets) if (fullAt <= now) this.#buckets.delete(key)
  }

  async #flushSoon(): Promise<void> {
    this.#flushing = true
    await this.#ports.platform.sleep(FLUSH_EACH)
    this.#flushing = false
    await this.#flush(this.#ports.platform.now())
  }

  async #flush(now: Instant): Promise<void> {
    this.#dropFull(now)
    try {
      this.#ports.storage.write([...this.#buckets])
      if (this.#armed || this.#buckets.size === 0) return
      this.#armed = true
      const last = Math.max(...[...this.#buckets.values()].map(({ fullAt }) => fullAt))
      await this.#ports.platform.setAlarm(after(now, ms(Math.max(0, last - now) + SWEEP_LATE)))
    } catch {
      // What could not be written is written with the next flush; until then memory knows it.
      this.#armed = false
    }
  }
}
