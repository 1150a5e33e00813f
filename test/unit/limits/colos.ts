/** Isolates of many colos and the object that counts for them, in virtual time: the production code over a network that is late, loses and repeats. */
import type { LimiterForIsolates } from '../../../config/lease.ts'
import type { CountedLimit } from '../../../config/rate-limit.ts'
import { after, draw, type Instant, instant, ms } from '../../../config/units.ts'
import { LimiterCore } from '../../../durable-objects/limiter-core.ts'
import { openLimiterStorage } from '../../../durable-objects/storage/limiter-storage.ts'
import type { Taken } from '../../../worker/limits/counter.ts'
import { makeGlobalCounter } from '../../../worker/limits/global-counter.ts'
import type { Platform } from '../../../worker/ports.ts'
import { openDatabase } from '../health/open-database.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

export class VirtualClock {
  #now = instant(1_800_000_000_000)
  #events: { readonly at: Instant; readonly run: () => void }[] = []

  now = (): Instant => this.#now

  wakeAfter = (length: number, run: () => void): (() => void) => {
    const event = { at: after(this.#now, ms(length)), run }
    const place = this.#events.findIndex((other) => other.at > event.at)
    this.#events.splice(place < 0 ? this.#events.length : place, 0, event)
    return () => {
      this.#events = this.#events.filter((other) => other !== event)
    }
  }

  sleep = (length: number): Promise<void> => new Promise((resolve) => void this.wakeAfter(length, resolve))

  async run(length: number): Promise<void> {
    const end = after(this.#now, ms(length))
    for (let next = this.#events[0]; next !== undefined && next.at <= end; next = this.#events[0]) {
      this.#events.shift()
      this.#now = next.at
      next.run()
      await turn()
    }
    this.#now = end
  }
}

export interface Network {
  /** One way, in ms. */
  readonly latency: () => number
  /** Of questions and of answers. */
  readonly lost: number
  readonly repeated: number
}

export const NEAR: Network = { latency: () => 5, lost: 0, repeated: 0 }

/** One shard of a limit, which can lose its memory. */
export class Shard {
  readonly #clock: VirtualClock
  readonly #storage = openLimiterStorage(openDatabase())
  #core: LimiterCore
  calls = 0

  constructor(clock: VirtualClock) {
    this.#clock = clock
    this.#core = this.#start()
  }

  #start(): LimiterCore {
    const { now, sleep } = this.#clock
    return new LimiterCore({ platform: { now, sleep, setAlarm: () => Promise.resolve() }, storage: this.#storage })
  }

  restart(): void {
    this.#core = this.#start()
  }

  lease(request: unknown): ReturnType<LimiterCore['lease']> {
    this.calls += 1
    return this.#core.lease(request)
  }

  kept = (): number => this.#storage.read().length

  over({ latency, lost, repeated }: Network, roll: () => number): LimiterForIsolates {
    const crossing = async (): Promise<void> => {
      await this.#clock.sleep(latency())
      if (roll() < lost) await new Promise(() => {})
    }
    return {
      lease: async (request) => {
        if (roll() < repeated) void crossing().then(() => this.lease(request))
        await crossing()
        const reply = await this.lease(request)
        await crossing()
        return reply
      },
    }
  }
}

export class TestIsolate {
  readonly platform: Platform
  readonly #counter: ReturnType<typeof makeGlobalCounter>

  constructor(clock: VirtualClock, limiter: LimiterForIsolates, id: string) {
    const { now, sleep, wakeAfter } = clock
    this.#counter = makeGlobalCounter(() => limiter)
    this.platform = {
      ...{ now, sleep, wakeAfter },
      draw: () => draw(0),
      uuid: () => id,
      fetch: () => Promise.reject(new Error('nothing is sent')),
      defer: (work) => void work.catch(() => {}),
    }
  }

  async take(limit: CountedLimit, key: string): Promise<Taken> {
    return this.#counter.take(limit, key, this.platform)
  }
}

/** Whether requests came in no faster than a bucket of that size gives: in no interval more than `size` and what the rate gives in it. Returns the largest excess. */
export function excess(times: readonly number[], { limit, window }: Pick<CountedLimit, 'limit' | 'window'>, size: number): number {
  let level = size
  let last = times[0] ?? 0
  let worst = 0
  for (const time of times) {
    level = Math.min(size, level + ((time - last) * limit) / window) - 1
    last = time
    worst = Math.max(worst, -level)
  }
  return worst
}
