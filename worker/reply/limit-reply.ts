/** The answer to a request that comes too often, or that nobody could count. It says when to come again, and not whom else the limit counts. */
import type { LimitedDecision } from '../decide.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import { wholeSeconds } from '../policy/limit-headers.ts'
import { localReply } from './local-reply.ts'

export function limitReply({ code, retryAfter }: Pick<LimitedDecision, 'code' | 'retryAfter'>, { requestId, headers }: Inbound): Response {
  const response = localReply(code, requestId, headers.grpc)
  if (retryAfter !== undefined) response.headers.set('retry-after', String(wholeSeconds(retryAfter)))
  return response
}
