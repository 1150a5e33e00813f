/**
 * gRPC's health check in gRPC-Web: frames of a flag, a length and a content; the last one holds what would be trailers. A call that fails without a
 * message says so in its head (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md).
 */

export type GrpcHealth =
  | { readonly kind: 'serving' }
  /** It answered, and would not or cannot serve. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** It is no answer to a health check. */
  | { readonly kind: 'malformed'; readonly detail: string }

/** More of an answer is not read: a message is two bytes, trailers seldom more than a few lines. */
export const GRPC_ANSWER_MAX = 4096

const FRAME_HEAD = 5
const IS_TRAILERS = 0x80
const IS_COMPRESSED = 0x01
/** `HealthCheckResponse.ServingStatus`. */
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
const SERVING = 1

/** `HealthCheckRequest`: the service as its first field, which is left out when it is empty. Names are at most 256 characters long. */
export function askGrpcHealth(service: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(service)
  const message = name.length === 0 ? [] : [0x0a, ...varint(name.length), ...name]
  return Uint8Array.from([0, 0, 0, message.length >> 8, message.length & 0xff, ...message])
}

const varint = (value: number): readonly number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7])

/** `status`: the `grpc-status` of the head, where there is one. */
export function readGrpcHealth(status: string | null, body: Uint8Array): GrpcHealth {
  if (status !== null && status !== '0') return failed(status)
  let said: number | undefined
  for (let at = 0; at + FRAME_HEAD <= body.length; ) {
    const flag = body[at] ?? 0
    const length = new DataView(body.buffer, body.byteOffset + at + 1, 4).getUint32(0)
    const content = body.subarray(at + FRAME_HEAD, at + FRAME_HEAD + length)
    if (content.length < length || (flag & IS_COMPRESSED) !== 0) break
    if ((flag & IS_TRAILERS) !== 0) return ended(new TextDecoder().decode(content), said)
    said = statusOf(content)
    if (said === undefined) return { kind: 'malformed', detail: 'the message is no answer to a health check' }
    at += FRAME_HEAD + length
  }
  return { kind: 'malformed', detail: 'it is no gRPC-Web, or has no end' }
}

function ended(trailers: string, said: number | undefined): GrpcHealth {
  const status = /^grpc-status:[ \t]*(\d{1,2})[ \t]*\r?$/im.exec(trailers)?.[1]
  if (status === undefined) return { kind: 'malformed', detail: 'its trailers lack grpc-status' }
  if (status !== '0') return failed(status)
  if (said === SERVING) return { kind: 'serving' }
  return said === undefined
    ? { kind: 'malformed', detail: 'it ended without a message' }
    : { kind: 'refused', detail: `it says ${STATUSES[said] ?? `status ${said}`}` }
}

const failed = (status: string): GrpcHealth => ({ kind: 'refused', detail: `grpc-status ${status.slice(0, 20)}` })

/** Field 1 of a message of small numbers, 0 when it is left out; undefined for anything else. */
function statusOf(message: Uint8Array): number | undefined {
  if (message.length === 0) return 0
  const [tag, value = 0x80] = message
  return message.length === 2 && tag === 0x08 && value < 0x80 ? value : undefined
}
