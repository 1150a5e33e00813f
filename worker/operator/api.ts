/**
 * The operators' API: what stands under `/.well-known/meridian/`, which is never sent to an endpoint. It answers on the gateway's own hosts,
 * to who bears the operators' token, and to nobody while none is set. A noun of the API is a file beside this one.
 */

import { bearerAuth } from 'hono/bearer-auth'
import { Hono } from 'hono/tiny'
import type { GatewayRuntime } from '../handle.ts'
import type { Platform } from '../ports.ts'
import { localReply } from '../reply/local-reply.ts'
import { answerExplain } from './explain.ts'
import { type StatusPorts, statusDocument } from './status.ts'

export const OPERATORS_PREFIX = '/.well-known/meridian/'

export interface OperatorsPorts extends StatusPorts {
  /** What this isolate holds and would do. */
  readonly runtime: GatewayRuntime
  /** Undefined or empty: there is no API. */
  readonly token: string | undefined
  /** Whether the gateway serves a host: on any other the API is not there. */
  readonly serves: (host: string) => boolean
}

export type OperatorsApi = (request: Request, platform: Platform) => Response | Promise<Response>

export function makeOperatorsApi(ports: OperatorsPorts): OperatorsApi {
  const api = new Hono<{ Bindings: { platform: Platform } }>()
  const { token } = ports
  // Hono's own answer to a bug is a plain 500. What it throws on purpose brings its answer along.
  api.onError((error) => {
    if ('getResponse' in error) return error.getResponse()
    throw error
  })
  api.notFound(({ req }) => localReply('ERR_NO_ROUTE', requestId(req.raw)))
  api.use(async ({ req }, next) => {
    if (ports.serves(new URL(req.url).hostname)) return next()
    return localReply('ERR_UNKNOWN_HOST', requestId(req.raw))
  })
  if (token !== undefined && token !== '') {
    // hono's bearerAuth compares digests in constant time and answers 401 with `WWW-Authenticate` (RFC 6750 section 3).
    api.use(`${OPERATORS_PREFIX}*`, bearerAuth({ token }))
    api.get(`${OPERATORS_PREFIX}status`, async ({ env }) =>
      Response.json(await statusDocument(ports, env.platform), { headers: { 'cache-control': 'no-store' } }),
    )
    api.post(`${OPERATORS_PREFIX}explain`, ({ req, env }) => answerExplain(req.raw, ports, env.platform))
  }
  return (request, platform) => api.fetch(request, { platform })
}

/** Operators' calls are not traced: an answer names the ray, when the platform gave one. */
const requestId = (request: Request): string => request.headers.get('cf-ray') ?? 'operators'
