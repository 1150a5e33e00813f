/** The real world of the control plane: the only file here that reads the clock, rolls dice or sends a probe. It decides nothing. */
import type { Monitor } from '../config/base.ts'
import { type DurationMs, draw, instant, ms } from '../config/units.ts'
import { blameCertificate, doubtsCertificate } from './policy/blame-certificate.ts'
import { GRPC_ANSWER_MAX, readGrpcHealth } from './policy/grpc-health.ts'
import { probeQuestion } from './policy/probe-question.ts'
import type { ProbePhase, ProbeResult } from './policy/probe-result.ts'
import type { ControlPlatform, DocumentAnswer, DocumentQuestion } from './ports.ts'

/** Of the body, read until the expected text is found. */
const BODY_READ_MAX = 4096

const now = (): ReturnType<ControlPlatform['now']> => instant(Date.now())

export const writeLog = (line: string): void => console.log(line)

interface ControlObject {
  readonly setAlarm: (at: number) => Promise<void>
  readonly abort: (why: string) => void
}

/** `bindings`: among them those that present client certificates. */
export function controlPlatform(object: ControlObject, bindings: object): ControlPlatform {
  return {
    now,
    draw: () => draw(Math.random()),
    sleep,
    probe: (monitor) => probe(monitor, bindings),
    fetchDocument,
    setAlarm: (at) => object.setAlarm(at),
    abandon: (why) => object.abort(why),
  }
}

const sleep = (length: DurationMs): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, length)))

/** One probe; another one without the certificate where that may be what failed. Every failure is a value. */
export async function probe(monitor: Monitor, bindings: object): Promise<ProbeResult> {
  const { clientCertificate: name } = monitor
  if (name === undefined) return ask(monitor, { sender: PLAIN })
  const given = senderFor(name, bindings)
  const result = await ask(monitor, given)
  if (given.lacks !== undefined || !doubtsCertificate(result)) return result
  return blameCertificate(result, await ask(monitor, { sender: PLAIN }), name)
}

/** Never cached, redirects not followed. */
async function ask(monitor: Monitor, { sender, lacks }: Given): Promise<ProbeResult> {
  const startedAt = now()
  const latency = (): DurationMs => ms(Math.max(0, now() - startedAt))
  const failed = (phase: ProbePhase, detail: string, status?: number): ProbeResult => ({
    kind: 'failed',
    phase,
    ...(status === undefined ? {} : { status }),
    latency: latency(),
    detail: lacks === undefined ? detail : `${lacks}: ${detail}`,
  })
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), monitor.timeout)
  try {
    const question = probeQuestion(monitor)
    if (question === undefined) {
      await shakeHands(monitor.url, abort.signal)
      return { kind: 'passed', latency: latency() }
    }
    const { method, headers, body } = question
    const response = await sender.fetch(monitor.url, {
      method,
      headers: headers.map(([name, value]) => [name, value]),
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      cache: 'no-store',
      signal: abort.signal,
    })
    const { status } = response
    const fault = await faultOf(response, monitor)
    if (!response.bodyUsed) await response.body?.cancel().catch(() => {})
    if (response.headers.has('x-envoy-immediate-health-check-fail')) return failed('drain', 'it says that it is being drained', status)
    if (fault !== undefined) return failed(fault.phase, fault.detail, status)
    return { kind: 'passed', status, latency: latency(), degraded: response.headers.has('x-envoy-degraded') }
  } catch (error) {
    if (abort.signal.aborted) return failed('timeout', `no answer in ${monitor.timeout} ms`)
    const text = error instanceof Error ? error.message : String(error)
    return failed(/tls|ssl|certificate/i.test(text) ? 'tls' : 'connect', text.slice(0, 120))
  } finally {
    clearTimeout(timer)
  }
}

/** Ends when the handshake has, and throws when it fails or time is up. */
async function shakeHands(url: string, signal: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(url)
  // Where no monitor asks for it nothing of it is loaded; Node.js, which runs the tests of this file, has none.
  const { connect } = await import('cloudflare:sockets')
  const socket = connect(
    { hostname: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port) },
    { secureTransport: 'on', allowHalfOpen: false },
  )
  // Both may reject, and only one is waited for.
  socket.closed.catch(() => {})
  const late = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('late'))))
  try {
    await Promise.race([socket.opened, late])
  } finally {
    void socket.close().catch(() => {})
  }
}

interface Fault {
  readonly phase: ProbePhase
  readonly detail: string
}

/** What is wrong with an answer; undefined when it passes. */
async function faultOf(response: Response, { kind, statuses, body }: Monitor): Promise<Fault | undefined> {
  const { status } = response
  switch (kind) {
    case undefined:
      if (!statuses.some(([from, to]) => status >= from && status <= to)) return { phase: 'status', detail: `status ${status}` }
      return body === undefined || (await contains(response, body))
        ? undefined
        : { phase: 'body', detail: 'the body lacks the expected text' }
    case 'websocket': {
      const socket = response.webSocket
      if (socket === null || socket === undefined) return { phase: 'status', detail: `status ${status}, and no WebSocket` }
      socket.accept()
      socket.close(1000, 'probe')
      return undefined
    }
    case 'grpc': {
      if (status !== 200) return { phase: 'status', detail: `status ${status}` }
      const health = readGrpcHealth(response.headers.get('grpc-status'), await beginningOf(response, GRPC_ANSWER_MAX))
      return health.kind === 'serving' ? undefined : { phase: health.kind === 'refused' ? 'status' : 'body', detail: health.detail }
    }
    case 'tls':
      return undefined
    default:
      return kind satisfies never
  }
}

type Sender = { readonly fetch: (url: string, init: RequestInit) => Promise<Response> }

const PLAIN: Sender = { fetch: (url, init) => fetch(url, init) }

/** `lacks`: what is to be said of a failure, for want of a binding. */
interface Given {
  readonly sender: Sender
  readonly lacks?: string
}

/** Without its binding an endpoint is probed as by anybody: it may take that, and a mistake here is no fault of it. */
function senderFor(name: string, bindings: object): Given {
  const binding = (bindings as Readonly<Record<string, unknown>>)[name]
  return isSender(binding) ? { sender: binding } : { sender: PLAIN, lacks: `without a certificate, for want of a binding ${name}` }
}

const isSender = (binding: unknown): binding is Sender =>
  typeof binding === 'object' && binding !== null && 'fetch' in binding && typeof binding.fetch === 'function'

async function contains(response: Response, text: string): Promise<boolean> {
  const reader = response.body?.getReader()
  if (reader === undefined) return false
  const decoder = new TextDecoder()
  let read = ''
  while (read.length < BODY_READ_MAX) {
    const { done, value } = await reader.read()
    if (done) break
    read += decoder.decode(value, { stream: true })
    if (read.slice(0, BODY_READ_MAX).includes(text)) break
  }
  await reader.cancel().catch(() => {})
  return read.slice(0, BODY_READ_MAX).includes(text)
}

/** As much of the body as comes, up to a bound. */
async function beginningOf(response: Response, most: number): Promise<Uint8Array> {
  const read = new Uint8Array(most)
  let length = 0
  for await (const chunk of response.body ?? []) {
    const part = chunk.subarray(0, most - length)
    read.set(part, length)
    length += part.length
    // Leaving the loop cancels the rest.
    if (length === most) break
  }
  return read.subarray(0, length)
}

/** Longest tag that is kept and sent back. */
const ETAG_MAX = 256

/** One document of an issuer. Every failure is a value. */
export async function fetchDocument({ url, timeout, bytesMax, etag }: DocumentQuestion): Promise<DocumentAnswer> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), timeout)
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/jwk-set+json, application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) },
      redirect: 'manual',
      cache: 'no-store',
      signal: abort.signal,
    })
    const { status } = response
    if (status !== 200) {
      await response.body?.cancel().catch(() => {})
      return status === 304 ? { kind: 'same' } : { kind: 'failed', detail: `status ${status}` }
    }
    const text = await readUpTo(response, bytesMax)
    const tag = response.headers.get('etag')
    if (text === undefined) return { kind: 'failed', detail: `longer than ${bytesMax} bytes` }
    return { kind: 'fetched', text, ...(tag === null || tag.length > ETAG_MAX ? {} : { etag: tag }) }
  } catch (error) {
    if (abort.signal.aborted) return { kind: 'failed', detail: `no answer in ${timeout} ms` }
    return { kind: 'failed', detail: (error instanceof Error ? error.message : String(error)).slice(0, 120) }
  } finally {
    clearTimeout(timer)
  }
}

/** The body, or undefined when it is longer. */
async function readUpTo(response: Response, bytesMax: number): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    // Leaving the loop cancels the rest.
    if (length > bytesMax) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
