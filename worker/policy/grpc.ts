/**
 * gRPC as far as it crosses a gateway that speaks HTTP/1.1 to its endpoints: unary calls and gRPC-web. Reads what a call says of itself,
 * and translates between the two tables of statuses. Trailers, which the runtime does not hand over, are not seen.
 */
import { type DurationMs, ms } from '../../config/units.ts'

/** gRPC, "Status codes and their use in gRPC": those that are named here. */
export const GRPC = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

const CONTENT_TYPE = /^application\/grpc(?:-web(?:-text)?)?(?:\+[a-z0-9][a-z0-9.-]{0,31})?$/

/** The media type of a call, without its parameters; undefined when it is none. What a client wrote is never repeated to it unread. */
export function grpcContentType(contentType: string): string | undefined {
  const [type = ''] = contentType.split(';', 1)
  const read = type.trim()
  return CONTENT_TYPE.test(read) ? read : undefined
}

const UNITS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

/** `grpc-timeout` (gRPC over HTTP/2, "Timeout"): at most eight digits and a unit. Rounded up; undefined when it is absent or no such thing. */
export function parseGrpcTimeout(value: string | undefined): DurationMs | undefined {
  if (value === undefined) return undefined
  const [, count, unit] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? []
  const factor = UNITS[unit ?? '']
  return factor === undefined ? undefined : ms(Math.ceil(Number(count) * factor))
}

/** As a proxy has to translate (gRPC, "HTTP to gRPC Status Code Mapping"); everything else is `UNKNOWN`. */
const OF_HTTP: ReadonlyMap<number, number> = new Map([
  [400, GRPC.internal],
  [401, GRPC.unauthenticated],
  [403, GRPC.permissionDenied],
  [404, GRPC.unimplemented],
  [429, GRPC.unavailable],
  [502, GRPC.unavailable],
  [503, GRPC.unavailable],
  [504, GRPC.unavailable],
])

export const grpcStatusOf = (httpStatus: number): number => OF_HTTP.get(httpStatus) ?? GRPC.unknown

/** By gRPC's number, as `google.rpc.Code` gives them. */
const HTTP_STATUSES = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401] as const

/** The HTTP status that means the same; a number that gRPC does not know means `UNKNOWN`. */
export const httpStatusOf = (grpcStatus: number): number => HTTP_STATUSES[grpcStatus] ?? 500

/** As it is in a header: the number, or `UNKNOWN` for what is none. */
export const readGrpcStatus = (header: string): number => (/^\d{1,2}$/.test(header) ? Number(header) : GRPC.unknown)
