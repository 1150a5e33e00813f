/** Drives `handle` and `explain` with the same request, dice and moment. Endpoints are functions, time passes when somebody waits. */
import type { Base } from '../../../config/base.ts'
import { type Draw, type DurationMs, draw, type Instant, instant } from '../../../config/units.ts'
import { type GatewayRuntime, handle } from '../../../worker/handle.ts'
import { newIsolate } from '../../../worker/isolate.ts'
import { type Explained, explain } from '../../../worker/observe/explain/explain.ts'
import { routesOfHost } from '../../../worker/policy/match-route.ts'
import type { Outgoing, Platform } from '../../../worker/ports.ts'
import { releaseKey } from '../../../worker/recognise-signed.ts'
import type { HeldHealth, RequestFacts } from '../../../worker/snapshot-port.ts'
import { dice } from '../../seed.ts'
import { loseSockets, newSocket, relayedSockets } from './fake-sockets.ts'
import { identifyByHeader } from './random-admission.ts'
import { NOW } from './random-document.ts'
import type { RandomRequest } from './random-request.ts'

/** What endpoints do with whatever they are sent. */
export type Manner = 'answers' | 'refuses' | 'hangs'

export interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Handled {
  readonly response: Response
  readonly sent: readonly Sent[]
  readonly recorded: readonly RequestFacts[]
  /** How long was waited, each time that somebody waited. */
  readonly waits: readonly DurationMs[]
  /** What became of the WebSocket that an endpoint gave; undefined when none did. */
  readonly socket: 'relayed' | 'handed-over' | undefined
  /** Of the log. */
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

export const RELEASE_SECRET = 'the secret of this test'

export class Driven {
  readonly runtime: GatewayRuntime
  health: HeldHealth = { age: 'none', silent: true }
  now: Instant = instant(NOW)
  readonly permits = new Set<string>()
  #recorded: RequestFacts[] = []
  #lines: Readonly<Record<string, unknown>>[] = []

  constructor(base: Base) {
    const isolate = newIsolate(base)
    this.runtime = {
      isolate,
      inbound: { settings: base.inbound, serves: (host) => routesOfHost(isolate.table, host) !== undefined },
      health: {
        pin: () => this.health,
        record: (facts) => void this.#recorded.push(facts),
        holdsProbation: (endpoint) => this.permits.has(endpoint),
        takeProbation: (endpoint) => this.permits.delete(endpoint),
      },
      releaseKey: releaseKey(RELEASE_SECRET),
      faultGate: (token) => Promise.resolve(token === 'open'),
      identify: identifyByHeader(base.admission),
      log: (line) => void this.#lines.push(JSON.parse(line)),
    }
  }

  explain(request: RandomRequest, rolls: () => Draw): Promise<Explained> {
    const { platform } = this.#platform('refuses', rolls)
    const never = () => Promise.reject(new Error('an explanation sends nothing'))
    return explain(arriving(request), this.runtime, { ...platform, fetch: never })
  }

  async handle(request: RandomRequest, manner: Manner, rolls: () => Draw): Promise<Handled> {
    this.#recorded = []
    this.#lines = []
    const { platform, sent, waits, sockets } = this.#platform(manner, rolls)
    const relayedBefore = relayedSockets()
    const response = await handle(arriving(request), this.runtime, platform)
    const relayed = relayedSockets() > relayedBefore
    loseSockets()
    await response.arrayBuffer()
    const socket = sockets() === 0 ? undefined : relayed ? 'relayed' : 'handed-over'
    return { response, sent, waits, socket, recorded: this.#recorded, lines: this.#lines }
  }

  #platform(manner: Manner, rolls: () => Draw) {
    const sent: Sent[] = []
    const waits: DurationMs[] = []
    let uuids = 0
    let sockets = 0
    const platform: Platform = {
      now: () => this.now,
      draw: rolls,
      uuid: () => {
        uuids += 1
        return `${String(uuids).padStart(8, '0')}-7c1e-4b3d-9a5f-6e8d7c6b5a49`
      },
      sleep: (length) => {
        this.now = instant(this.now + length)
        return Promise.resolve()
      },
      wakeAfter: (length, wake) => {
        waits.push(length)
        let cancelled = false
        setImmediate(() => {
          if (cancelled) return
          this.now = instant(this.now + length)
          wake()
        })
        return () => {
          cancelled = true
        }
      },
      fetch: (url, outgoing) => {
        // Copies go when the request has its answer, and nothing is asked about them but that.
        if (outgoing.headers.has('meridian-mirror')) return Promise.resolve(new Response(null))
        sent.push({ url, method: outgoing.method, headers: plain(outgoing) })
        if (outgoing.body instanceof ReadableStream) void outgoing.body.pipeTo(new WritableStream())
        if (manner === 'hangs') return new Promise(() => {})
        if (manner === 'refuses') return Promise.reject(Object.assign(new Error('refused'), { retryable: true }))
        const gives = outgoing.headers.get('upgrade') === 'websocket'
        if (gives) sockets += 1
        return Promise.resolve(Object.defineProperty(new Response(null), 'webSocket', { value: gives ? newSocket() : null }))
      },
      defer: () => {},
    }
    return { platform, sent, waits, sockets: () => sockets }
  }
}

export const plain = ({ headers }: Pick<Outgoing, 'headers'>): Readonly<Record<string, string>> => Object.fromEntries(headers)

/** Node's own Request would tidy the URL up and refuse methods, as workerd does not. */
function arriving({ method, url, headers, cf, body }: RandomRequest): Request {
  const stream = body === undefined ? null : streamOf(body)
  const arrived = {
    method,
    url,
    cf,
    headers: new Headers(headers.map(([name, value]): [string, string] => [name, value])),
    body: stream,
    signal: new AbortController().signal,
    arrayBuffer: async () => new TextEncoder().encode(body).buffer,
  }
  return arrived as unknown as Request
}

const streamOf = (text: string): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      if (text !== '') controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })

/** Dice that can be rolled again from the start, or that always show the same. */
export const fair = (seed: number) => (): (() => Draw) => dice(seed)
export const stuck = (at: number) => (): (() => Draw) => () => draw(at)
