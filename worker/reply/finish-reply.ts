/** The endpoint's answer as the client gets it: untouched but for the headers of one connection and what we say about it. */
import { connectionNames } from '../inbound/read-headers.ts'

export interface ReplyFacts {
  readonly requestId: string
  readonly endpoint: string
  readonly attempts: number
}

/** Headers of one connection, what speaks to proxies only, and what only we may say. */
const STRIPPED = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'l5d-proxy-error',
  'l5d-proxy-connection',
  'meridian-code',
] as const

export function finishReply(response: Response, body: ReadableStream | null, facts: ReplyFacts): Response {
  const reply = new Response(body, response)
  const { headers } = reply
  const connection = headers.get('connection')
  if (connection !== null) for (const name of connectionNames(connection)) headers.delete(name)
  for (const name of STRIPPED) headers.delete(name)
  headers.set('x-request-id', facts.requestId)
  headers.set('meridian-endpoint', facts.endpoint)
  headers.set('meridian-attempts', String(facts.attempts))
  return reply
}
