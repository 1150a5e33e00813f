/**
 * Hands a body on piece by piece, raw, and tells how it ended. Waiting for the endpoint and waiting for the client are timed apart, so
 * that a slow client is never blamed on an endpoint. What an end means is others' to say. docs/adr/0002 has the measurements.
 */
import { between, type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import type { BegunBody } from './hold-body.ts'

/** `aborted`: by us or by the client; it says nothing about the endpoint. */
export type BodyEnd = 'complete' | 'broken' | 'client-left' | 'aborted'

export interface BodyWatch {
  /** Bytes a second over `window` of waiting for the endpoint, below which `onSlow` is called, once. 0: any speed is right. */
  readonly floor: number
  readonly window: DurationMs
  /** Longest silence of the endpoint; the body is broken off then. 0: none. */
  readonly idle: DurationMs
  /** What was read before, if anything. */
  readonly prefix: readonly Uint8Array[]
  /** Absent: nobody reads it yet. */
  readonly begun?: Pick<BegunBody, 'reader' | 'next'> | undefined
  readonly length: number | undefined
  /** Of the fetch. */
  readonly abort: AbortController
  readonly onSlow: () => void
  readonly onEnd: (end: BodyEnd) => void
}

/** A read starts small and doubles while the endpoint fills it: large reads make a large body cheap, and each watched body holds one. */
const FIRST_READ = 16 * 1024
const MOST_READ = 256 * 1024

export function watchBody(body: ReadableStream<Uint8Array>, watch: BodyWatch, platform: Platform): ReadableStream {
  const { readable, writable } = watch.length === undefined ? new IdentityTransformStream() : new FixedLengthStream(watch.length)
  platform.defer(new Pump(body, writable, watch, platform).run())
  return readable
}

class Pump {
  readonly #reader: ReadableStreamBYOBReader
  readonly #writer: WritableStreamDefaultWriter
  readonly #watch: BodyWatch
  readonly #platform: Platform
  #since: Instant
  #waitingForEndpoint = true
  /** Bytes that came, and time spent waiting for them, since the beginning of the window. */
  #cameInWindow = 0
  #waitedInWindow = 0
  #cancelCheck: (() => void) | undefined

  constructor(body: ReadableStream<Uint8Array>, writable: WritableStream, watch: BodyWatch, platform: Platform) {
    this.#reader = watch.begun?.reader ?? body.getReader({ mode: 'byob' })
    this.#writer = writable.getWriter()
    this.#watch = watch
    this.#platform = platform
    this.#since = platform.now()
  }

  async run(): Promise<void> {
    if (this.#watch.floor > 0 || this.#watch.idle > 0) this.#checkLater()
    const end = await this.#pump()
    this.#cancelCheck?.()
    this.#watch.onEnd(this.#watch.abort.signal.aborted && end !== 'complete' ? 'aborted' : end)
  }

  async #pump(): Promise<BodyEnd> {
    let buffer = new ArrayBuffer(FIRST_READ)
    let begun = this.#watch.begun?.next
    let reading = false
    try {
      for (const chunk of this.#watch.prefix) await this.#writer.write(chunk)
      for (;;) {
        reading = true
        this.#waitFor('endpoint')
        const { done, value } = await (begun ?? this.#reader.read(new Uint8Array(buffer)))
        begun = undefined
        this.#cameInWindow += value?.byteLength ?? 0
        reading = false
        if (done) break
        this.#waitFor('client')
        await this.#writer.write(value)
        const used = value.buffer as ArrayBuffer
        const filled = value.byteLength === used.byteLength
        buffer = filled && used.byteLength < MOST_READ ? new ArrayBuffer(used.byteLength * 2) : used
      }
      await this.#writer.close()
      return 'complete'
    } catch (error) {
      // The other side must hear of it too: the client as a broken body, the endpoint as a closed connection.
      await Promise.allSettled([reading ? this.#writer.abort(error) : this.#reader.cancel(error)])
      return reading ? 'broken' : 'client-left'
    }
  }

  #waitFor(side: 'endpoint' | 'client'): void {
    const now = this.#platform.now()
    if (this.#waitingForEndpoint) this.#waitedInWindow += between(this.#since, now)
    this.#waitingForEndpoint = side === 'endpoint'
    this.#since = now
  }

  /** The only thing that runs while nothing arrives. It touches no stream. */
  #checkLater(): void {
    this.#cancelCheck = this.#platform.wakeAfter(ms(this.#watch.window / 4), () => {
      const silence = this.#waitingForEndpoint ? between(this.#since, this.#platform.now()) : 0
      if (this.#watch.idle > 0 && silence > this.#watch.idle) {
        this.#watch.onSlow()
        return this.#watch.abort.abort()
      }
      const waited = this.#waitedInWindow + silence
      if (this.#watch.floor > 0 && waited >= this.#watch.window) {
        if (this.#cameInWindow < (this.#watch.floor * waited) / 1000) this.#watch.onSlow()
        this.#cameInWindow = 0
        this.#waitedInWindow = -silence
      }
      this.#checkLater()
    })
  }
}
