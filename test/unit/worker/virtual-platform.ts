/** A platform in virtual time, with endpoints that do what they like: for requests through the whole of `handle`. */
import { after, type Draw, type Instant, instant, ms } from '../../../config/units.ts'
import type { Outgoing, Platform } from '../../../worker/ports.ts'
import { installPassingStreams } from './passing-streams.ts'
import type { Dice } from './random-gateway.ts'

export interface Sent {
  readonly url: string
  readonly outgoing: Outgoing
  readonly clientCertificate: string | undefined
}

installPassingStreams()

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

interface Event {
  readonly at: Instant
  readonly run: () => void
}

export class VirtualPlatform implements Platform {
  readonly sent: Sent[] = []
  readonly #dice: Dice
  readonly #answer: (dice: Dice) => Response | Error | 'silent'
  #now = instant(1_800_000_000_000)
  #events: Event[] = []
  #ids = 0

  constructor(dice: Dice, answer: (dice: Dice) => Response | Error | 'silent') {
    this.#dice = dice
    this.#answer = answer
  }

  now = (): Instant => this.#now
  draw = (): Draw => this.#dice.roll()
  uuid = (): string => {
    this.#ids += 1
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`
  }
  defer = (work: Promise<unknown>): void => void work.catch(() => {})

  wakeAfter: Platform['wakeAfter'] = (length, wake) => {
    const event = { at: after(this.#now, length), run: wake }
    this.#events.push(event)
    return () => {
      this.#events = this.#events.filter((other) => other !== event)
    }
  }

  sleep: Platform['sleep'] = (length) => new Promise((resolve) => void this.wakeAfter(length, resolve))

  fetch: Platform['fetch'] = (url, outgoing, clientCertificate) => {
    this.sent.push({ url, outgoing, clientCertificate })
    if (outgoing.body instanceof ReadableStream) void drain(outgoing.body)
    return new Promise((resolve, reject) => {
      outgoing.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      const answer = this.#answer(this.#dice)
      if (answer === 'silent') return
      this.wakeAfter(ms(this.#dice.oneOf([1, 5, 20, 400])), () => (answer instanceof Error ? reject(answer) : resolve(answer)))
    })
  }

  /** Lets time pass until the work is done. */
  async finish<Value>(work: Promise<Value>): Promise<Value> {
    let done = false
    const end = (): void => {
      done = true
    }
    work.then(end, end)
    for (let step = 0; ; step += 1) {
      await turn()
      if (done) return work
      const next = this.#events.reduce<Event | undefined>((a, b) => (a === undefined || b.at < a.at ? b : a), undefined)
      if (next === undefined || step > 10_000) throw new Error('nothing more will happen')
      this.#events = this.#events.filter((other) => other !== next)
      this.#now = instant(Math.max(this.#now, next.at))
      next.run()
    }
  }
}

async function drain(stream: ReadableStream): Promise<void> {
  try {
    for await (const _ of stream);
  } catch {
    // Broken off.
  }
}
