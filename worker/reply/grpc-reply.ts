/**
 * The gateway's own answers to gRPC calls: status 200, no body, and the outcome in the head, which is where every gRPC and gRPC-web client
 * looks for it when nothing follows.
 */
import { ERRORS, type GatewayErrorCode } from '../../config/errors.ts'
import { GRPC, grpcStatusOf } from '../policy/grpc.ts'

export function grpcReply(code: GatewayErrorCode, requestId: string, contentType: string): Response {
  return new Response(null, {
    status: 200,
    headers: {
      'content-type': contentType,
      'cache-control': 'no-store',
      'grpc-status': String(grpcStatusFor(code)),
      'grpc-message': percentEncoded(ERRORS[code].detail),
      'x-request-id': requestId,
      'meridian-code': code,
    },
  })
}

/** What we know of better than the table for proxies, which can only guess from an HTTP status. */
export function grpcStatusFor(code: GatewayErrorCode): number {
  if (code === 'ERR_ATTEMPT_TIMEOUT' || code === 'ERR_REQUEST_TIMEOUT') return GRPC.deadlineExceeded
  if (code === 'ERR_RATE_LIMITED') return GRPC.resourceExhausted
  if (code === 'ERR_CLIENT_GONE') return GRPC.cancelled
  return grpcStatusOf(ERRORS[code].status)
}

/** gRPC over HTTP/2, "Status-Message": what is not printable ASCII, and the percent sign. */
const percentEncoded = (text: string): string => text.replace(/[^\x20-\x24\x26-\x7e]/gu, encodeURIComponent)
