/** Keeps the key sets in KV, for cold isolates that no vantage answers. Whose turn it is, is as with the last known good health. */
import type { KeySetKey } from '../config/ids.ts'
import type { KeySetNews } from '../config/key-set.ts'
import { between, type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import { isLowest } from './known-good-writer.ts'
import { tellKeys } from './policy/fold-key-set.ts'
import type { VantagePorts } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** An unchanged set is written again so often: its entry lives so much longer by it. */
const WRITE_EVERY = ms(1_800_000)
/** Entries of a set are not closer than that: KV takes one write a second and key, and readers cache for 30 s anyway. */
const WRITE_APART = ms(10_000)
const WRITE_TIMEOUT = ms(5000)

const NO_SECRET =
  'The secret SNAPSHOT_KEY is missing: keys of issuers are not kept in KV, and a cold isolate that no vantage answers has none.'

export class KnownKeysWriter {
  readonly #ports: Pick<VantagePorts, 'platform' | 'lastKnownGood'>
  readonly #written = new Map<KeySetKey, { readonly at: Instant; readonly version: string }>()
  #writing = false

  constructor(ports: Pick<VantagePorts, 'platform' | 'lastKnownGood'>) {
    this.#ports = ports
  }

  /** Writes what is due when it is this vantage's turn. Never rejects. */
  async write(state: VantageState, now: Instant): Promise<void> {
    const { writeKeys } = this.#ports.lastKnownGood
    if (this.#writing || state.keySets.size === 0 || !isLowest(state, now)) return
    const due = [...state.keySets].flatMap(([key, fold]) => {
      const news = tellKeys(key, fold, undefined, now)
      return news !== undefined && this.#isDue(news, now) ? [news] : []
    })
    if (due.length === 0) return
    if (writeKeys === undefined) return state.problems.add(NO_SECRET, now)
    this.#writing = true
    try {
      for (const news of due) {
        this.#written.set(news.key, { at: now, version: news.version })
        await withinTime(writeKeys(news), WRITE_TIMEOUT, this.#ports.platform)
      }
    } catch (error) {
      state.problems.add(`Keys were not written to KV: ${String(error)}`, now)
    } finally {
      this.#writing = false
    }
  }

  #isDue({ key, version }: KeySetNews, now: Instant): boolean {
    const written = this.#written.get(key)
    if (written === undefined) return true
    const passed = Math.abs(between(written.at, now))
    return passed >= WRITE_EVERY || (passed >= WRITE_APART && written.version !== version)
  }
}
