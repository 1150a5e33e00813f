/** Headers that no configuration sets or removes by itself, because the platform or Meridian says them. Names that end in a star are families. */

/** What a header of the configuration is for: matched on requests, changed on those to an endpoint, set on probes, or changed on answers. */
export type HeaderUse = 'match' | 'request' | 'probe' | 'response'

export const RESERVED_HEADERS = {
  /** Names of one connection (RFC 9110 section 7.6.1), and those that the platform or Meridian sets on whatever it sends. */
  everywhere: [
    'host',
    'connection',
    'keep-alive',
    'proxy-*',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'content-length',
    'expect',
    'cdn-loop',
    'cf-*',
    'meridian-*',
  ],
  /** Names that tell an endpoint about the client and who it is: Meridian's to say. A probe has no client. */
  onRequests: [
    'via',
    'forwarded',
    'x-forwarded-*',
    'x-real-ip',
    'x-request-id',
    'traceparent',
    'tracestate',
    'client-cert',
    'client-cert-chain',
  ],
  /** Says to a client which request this was, and how its bytes are to be read: they are passed on as they are. */
  onAnswers: ['x-request-id', 'content-encoding'],
} as const

const anyOf = (names: readonly string[]): RegExp => new RegExp(`^(?:${names.map((name) => name.replace('*', '.*')).join('|')})$`, 'i')

const EVERYWHERE = anyOf(RESERVED_HEADERS.everywhere)
const ON_REQUESTS = anyOf(RESERVED_HEADERS.onRequests)
const ON_ANSWERS = anyOf(RESERVED_HEADERS.onAnswers)

export function isReserved(name: string, use: HeaderUse): boolean {
  if (use === 'match') return false
  if (EVERYWHERE.test(name)) return true
  return (use === 'request' && ON_REQUESTS.test(name)) || (use === 'response' && ON_ANSWERS.test(name))
}
