/** Requests by dice, as they arrive at a Worker; some of them hostile. */

import { signOverride } from '../../../cli/release-override.ts'
import { RELEASE_SECRET } from './drive.ts'
import { PROVED } from './random-admission.ts'
import { below, chance, HOSTS, METHODS, maybe, NOW, oneOf, PATHS, type Roll, TENANTS } from './random-document.ts'

/** Of a route that is often there, on a host that is often asked. */
const OVERRIDE = signOverride(RELEASE_SECRET, { release: 'r1', host: 'a.example.com', track: 'canary', length: 24 * 3_600_000 }, NOW)

export interface RandomRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly cf: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Of calls, but for the last two. */
const CONTENT_TYPES = ['application/grpc', 'application/grpc+proto', 'application/grpc-web', 'application/grpcx', 'text/plain'] as const

const ODD_PATHS = ['/a//b', '/a/../b', '/a%2fb', '/a;x', '/%41', '/.well-known/meridian/health', '/a/b/c/d/e', '/shop/', '/ab'] as const

export function randomRequest(roll: Roll): RandomRequest {
  const odd = chance(roll, 0.03)
  const method = odd ? oneOf(roll, ['TRACE', 'CONNECT', 'PROPFIND']) : oneOf(roll, chance(roll, 0.5) ? ['GET'] : METHODS)
  const host = chance(roll, 0.03) ? 'unknown.example.org' : oneOf(roll, HOSTS)
  const path = chance(roll, 0.15) ? oneOf(roll, ODD_PATHS) : oneOf(roll, PATHS)
  const body = method !== 'GET' && method !== 'HEAD' && chance(roll, 0.5) ? 'x'.repeat(below(roll, 20)) : undefined
  return {
    method,
    url: `${oneOf(roll, ['https', 'http'])}://${host}${chance(roll, 0.2) ? ':8443' : ''}${path}${randomQuery(roll)}`,
    headers: randomHeaders({ method, host, body }, roll),
    cf: {
      colo: 'FRA',
      ...maybe(roll, 0.7, () => ({ country: oneOf(roll, ['DE', 'US', 'JP']), continent: oneOf(roll, ['EU', 'NA', 'AS']) })),
      ...maybe(roll, 0.7, () => ({ latitude: String(below(roll, 180) - 90), longitude: String(below(roll, 360) - 180) })),
    },
    body,
  }
}

/** Some show a token there. */
function randomQuery(roll: Roll): string {
  if (chance(roll, 0.1)) return oneOf(roll, ['?shown=secret', `?shown=secret&q=${below(roll, 5)}`, '?q=1&shown=&shown', '?shown'])
  return chance(roll, 0.3) ? `?q=${below(roll, 5)}&z` : ''
}

interface About {
  readonly method: string
  readonly host: string
  readonly body: string | undefined
}

function randomHeaders({ method, host, body }: About, roll: Roll): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [['user-agent', 'test']]
  const add = (share: number, name: string, value: string): void => {
    if (chance(roll, share)) headers.push([name, value])
  }
  if (body !== undefined) headers.push(['content-length', String(body.length)])
  add(0.5, 'x-tenant', oneOf(roll, TENANTS))
  add(0.3, 'cf-connecting-ip', oneOf(roll, ['192.0.2.7', '2001:db8::1', 'nonsense']))
  add(0.7, 'x-proof', oneOf(roll, PROVED))
  add(0.3, 'cookie', `edge=${below(roll, 9)}; other=1`)
  add(
    host === 'a.example.com' ? 0.6 : 0.2,
    'x-override',
    oneOf(roll, [`v1.canary.${NOW / 1000 + 9}.${'0'.repeat(64)}`, 'canary', OVERRIDE, OVERRIDE, OVERRIDE]),
  )
  add(0.2, 'authorization', 'Bearer of-the-client')
  add(0.3, 'idempotency-key', '"1"')
  add(0.2, 'x-forwarded-for', '203.0.113.1')
  add(0.1, 'connection', 'x-hop, close')
  add(0.2, 'x-hop', '1')
  add(0.1, 'upgrade', 'websocket')
  add(0.12, 'content-type', oneOf(roll, CONTENT_TYPES))
  add(0.1, 'grpc-timeout', oneOf(roll, ['3S', '150m', '1H', '0m', '5', '99999999H']))
  add(0.2, 'traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
  add(0.1, 'tracestate', 'a=b')
  add(0.1, 'cdn-loop', oneOf(roll, ['meridian', 'other', 'meridian, meridian, meridian']))
  add(0.1, 'meridian-attempt', '9')
  add(0.3, 'meridian-fault', oneOf(roll, ['open', 'forged']))
  add(0.02, 'x-large', 'x'.repeat(40_000))
  add(0.2, 'origin', oneOf(roll, ['https://page.example.com', 'https://evil.example.org', 'null']))
  add(method === 'OPTIONS' ? 0.7 : 0.1, 'access-control-request-method', oneOf(roll, METHODS))
  return headers
}
