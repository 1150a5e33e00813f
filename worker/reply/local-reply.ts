/**
 * The gateway's own answers: problem details (RFC 9457) with a code that is API, and gRPC to a call. They tell a client what it may know, and
 * no more.
 */
import { ERRORS, type GatewayErrorCode } from '../../config/errors.ts'
import { grpcReply } from './grpc-reply.ts'
import { titleOf } from './status-titles.ts'

/** Seconds after which a client may try again: about one hold-down's first verdicts. */
const RETRY_AFTER = '2'

/** `grpc`: the media type of the call that is answered, if it is one. `status`: that of the code, but for a fault whose operator chose another. */
export function localReply(code: GatewayErrorCode, requestId: string, grpc?: string, status: number = ERRORS[code].status): Response {
  if (grpc !== undefined) return grpcReply(code, requestId, grpc)
  const { detail } = ERRORS[code]
  const problem = { type: 'about:blank', title: titleOf(status), status, detail, code, requestId }
  return new Response(`${JSON.stringify(problem)}\n`, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-request-id': requestId,
      'meridian-code': code,
      ...(status === 503 ? { 'retry-after': RETRY_AFTER } : {}),
      ...(status === 405 ? { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' } : {}),
    },
  })
}
