/**
 * The line of a request that was refused before a route had it. Anybody can send such requests, and scanners send many: an isolate writes a
 * hundred a second at most, and the next line says how many had none. Why a route refused something is `report-local.ts`'s to say.
 */
import { ERRORS, type GatewayErrorCode } from '../../config/errors.ts'
import type { GatewayRuntime } from '../handle.ts'
import type { ArrivingRequest, Inbound } from '../inbound/read-inbound.ts'
import type { Platform } from '../ports.ts'
import { takeUnsaid } from './audit.ts'
import { bounded } from './bounded-text.ts'

export interface RefusedFacts {
  readonly request: Pick<ArrivingRequest, 'method' | 'url'>
  readonly code: GatewayErrorCode
  readonly requestId: string
  /** The media type of a gRPC call. */
  readonly grpc?: string | undefined
  /** Absent: it could not be read. */
  readonly inbound?: Inbound
}

/** `status`: as the client is told it. */
export function reportRefused(
  { request, code, requestId, inbound }: RefusedFacts,
  status: number,
  { isolate: { refusals }, log }: Pick<GatewayRuntime, 'isolate' | 'log'>,
  platform: Pick<Platform, 'now'>,
): void {
  const unsaid = takeUnsaid(refusals, platform.now())
  if (unsaid === undefined) return
  log(
    JSON.stringify({
      kind: 'access',
      requestId,
      ...(inbound === undefined ? {} : { traceId: inbound.trace.traceId }),
      ...targetOf(request.url),
      method: bounded(request.method),
      action: 'refused',
      status,
      code,
      envoyFlag: ERRORS[code].envoyFlag,
      ...(inbound === undefined ? {} : { colo: inbound.place.colo }),
      ...(unsaid === 0 ? {} : { unsaid }),
    }),
  )
}

/** Of a target that may be none: without what may be secret, which is the query and whoever stands before an `@`. */
function targetOf(url: string): { readonly host: string; readonly path: string } {
  const end = url.search(/[?#]/)
  const target = end < 0 ? url : url.slice(0, end)
  const scheme = target.indexOf('://')
  const rest = scheme < 0 ? target : target.slice(scheme + 3)
  const slash = rest.indexOf('/')
  const authority = slash < 0 ? rest : rest.slice(0, slash)
  return { host: bounded(authority.slice(authority.lastIndexOf('@') + 1)), path: slash < 0 ? '/' : bounded(rest.slice(slash)) }
}
