/**
 * The endpoint's answer as the client gets it. A plain one is handed on as it is, which costs nothing; a failure is cleaned and says its
 * code, and where the configuration wants it every answer says who gave it.
 */
import type { GatewayErrorCode } from '../../config/errors.ts'
import { connectionNames } from '../inbound/read-headers.ts'
import { type Dress, dressHeaders } from './dress-reply.ts'

export interface ReplyFacts {
  readonly requestId: string
  readonly endpoint: string
  readonly attempts: number
  /** Why this failure is passed on, when it is one. */
  readonly code: GatewayErrorCode | undefined
  /** Say who answered, and at which attempt, to the client. */
  readonly saysWho: boolean
  /** To be set at the client. */
  readonly cookie?: string | undefined
  /** Absent: the route has no release. */
  readonly track?: { readonly cookie: string | undefined; readonly told: string | undefined } | undefined
  /** What the route changes; absent when nothing. */
  readonly dress: Dress | undefined
}

/** `pass`: the body as the runtime has it. `raw`: bytes as they came over the wire, not to be encoded again. */
export type ReplyBody = { readonly kind: 'pass' } | { readonly kind: 'raw'; readonly content: BodyInit }

export function finishReply(response: Response, body: ReplyBody, facts: ReplyFacts): Response {
  const isPlain =
    !facts.saysWho && facts.code === undefined && response.status < 400 && facts.cookie === undefined && facts.track?.cookie === undefined
  const dropped = ofTheConnection(response.headers)
  if (isPlain && dropped.length === 0 && facts.dress === undefined && body.kind === 'pass') return response
  // Changed before the reply is made of them: to change a reply's own costs twice as much.
  const headers = new Headers(response.headers)
  for (const name of dropped) headers.delete(name)
  // Not looked for where no reply is made: outside of a 407 it means nothing to anybody.
  headers.delete('proxy-authenticate')
  if (facts.dress !== undefined) dressHeaders(headers, facts.dress)
  if (!isPlain) setHeaders(headers, response.status, facts)
  const { status, statusText, webSocket } = response
  if (body.kind === 'raw') return new Response(body.content, { status, statusText, headers, encodeBody: 'manual' })
  return new Response(response.body, webSocket === null ? { status, statusText, headers } : { status, statusText, headers, webSocket })
}

function setHeaders(headers: Headers, status: number, facts: ReplyFacts): void {
  if (status >= 400) for (const name of OF_FAILURES) headers.delete(name)
  // Where a reply is made anyway. A plain one is the endpoint's own, whatever it says of itself.
  for (const name of OURS) headers.delete(name)
  headers.set('x-request-id', facts.requestId)
  if (facts.cookie !== undefined) headers.append('set-cookie', facts.cookie)
  if (facts.track?.cookie !== undefined) headers.append('set-cookie', facts.track.cookie)
  if (facts.code !== undefined) headers.set('meridian-code', facts.code)
  if (!facts.saysWho) return
  if (facts.track?.told !== undefined) headers.set('meridian-track', facts.track.told)
  headers.set('meridian-endpoint', facts.endpoint)
  headers.set('meridian-attempts', String(facts.attempts))
}

/** What only we may say. */
const OURS = ['meridian-code', 'meridian-track'] as const
/** What speaks of a failure to the next proxy. */
const OF_FAILURES = ['l5d-proxy-error', 'l5d-proxy-connection'] as const

/**
 * What the endpoint meant for its connection with us. The runtime itself drops `Connection`, `Keep-Alive`, `TE`, `Trailer`, `Transfer-Encoding` and
 * `Upgrade`, and writes its own: `Connection: keep-alive`, which most HTTP/1.1 servers send, is no reason to make a reply of our own.
 */
function ofTheConnection(headers: Headers): readonly string[] {
  const connection = headers.get('connection')
  const names = connection === null ? NONE : connectionNames(connection)
  return headers.has('proxy-connection') ? [...names, 'proxy-connection'] : names
}

const NONE: readonly string[] = []
