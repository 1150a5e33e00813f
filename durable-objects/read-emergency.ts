/**
 * Reads `emergency.json` for one vantage, beside its probes: each second while isolates ask it, else each five. Every vantage reads by itself,
 * so that traffic can be taken away while the director is gone. What counts of the answers is `policy/fold-emergency.ts`'s.
 */
import { EMERGENCY_BYTES_MAX, EMERGENCY_FILE } from '../config/operator-files/emergency-file.ts'
import { between, type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import type { BucketAnswer } from './policy/bucket-answer.ts'
import { foldReading, type HeldEmergency } from './policy/fold-emergency.ts'
import type { VantagePorts } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** An isolate that has requests asks each second: a vantage that none has asked for so long serves nobody. */
const ACTIVE_FOR = ms(60_000)
/** Reads of R2 cost money, also those that find nothing new. A beat may be a little early. */
const EVERY_ACTIVE = ms(900)
const EVERY_IDLE = ms(4900)
const READ_TIMEOUT = ms(3000)

export class EmergencyReader {
  readonly #state: VantageState
  readonly #ports: Pick<VantagePorts, 'platform' | 'storage' | 'bucket'>
  readonly #onNews: (isOther: boolean) => void
  #doubtedAt: Instant | undefined
  #readAt: Instant | undefined
  #reading = false
  #written: HeldEmergency | undefined

  /** `onNews` runs after each reading; `isOther`: it says something else than before, which peers should hear at once. */
  constructor(state: VantageState, ports: Pick<VantagePorts, 'platform' | 'storage' | 'bucket'>, onNews: (isOther: boolean) => void) {
    this.#state = state
    this.#ports = ports
    this.#onNews = onNews
    this.#written = state.emergency.held
  }

  /** Reads when it is time. Never rejects. */
  async beat(): Promise<void> {
    const { platform } = this.#ports
    this.#keep(platform.now())
    if (this.#isDue(platform.now())) await this.#look()
  }

  /** A peer has read something else: all vantages are to say the same within a moment, whichever of them an isolate asks. At most once a second. */
  async doubt(): Promise<void> {
    const now = this.#ports.platform.now()
    const isSoon = this.#doubtedAt !== undefined && Math.abs(between(this.#doubtedAt, now)) < EVERY_ACTIVE
    if (!this.#state.doubtsEmergency || isSoon) return
    this.#state.doubtsEmergency = false
    this.#doubtedAt = now
    await this.#look()
  }

  async #look(): Promise<void> {
    const { platform } = this.#ports
    if (this.#reading) return
    this.#reading = true
    this.#readAt = platform.now()
    try {
      const answer = await this.#read()
      const now = platform.now()
      const before = this.#state.emergency.held?.emergency.etag
      this.#state.counters.emergencyReads += 1
      this.#state.emergency = foldReading(this.#state.emergency, answer, now)
      const { refusal, failure } = this.#state.emergency
      for (const problem of [refusal, failure]) if (problem !== undefined) this.#state.problems.add(problem, now)
      this.#keep(now)
      this.#onNews(this.#state.emergency.held?.emergency.etag !== before)
    } finally {
      this.#reading = false
    }
  }

  async #read(): Promise<BucketAnswer> {
    const { bucket, platform } = this.#ports
    const question = { etag: this.#state.emergency.seen, bytesMax: EMERGENCY_BYTES_MAX }
    try {
      return await withinTime(bucket.get(EMERGENCY_FILE, question), READ_TIMEOUT, platform)
    } catch (error) {
      return { kind: 'failed', detail: (error as Error).message }
    }
  }

  #isDue(now: Instant): boolean {
    const { syncedAt } = this.#state
    const isActive = syncedAt !== undefined && Math.abs(between(syncedAt, now)) < ACTIVE_FOR
    return this.#readAt === undefined || Math.abs(between(this.#readAt, now)) >= (isActive ? EVERY_ACTIVE : EVERY_IDLE)
  }

  /** Written down, so that a start while the bucket cannot be read gives nothing back. What could not be written is tried again. */
  #keep(now: Instant): void {
    const { held } = this.#state.emergency
    if (held?.emergency.etag === this.#written?.emergency.etag) return
    try {
      this.#ports.storage.writeEmergency(held)
      this.#written = held
    } catch (error) {
      this.#state.problems.add(`What emergency.json says could not be written: ${String(error)}`, now)
    }
  }
}
