/** Random configurations of every kind of route and pool, as documents: what a file would say. */
import { createHash } from 'node:crypto'
import type { Base } from '../../../config/base.ts'
import { compileGateway } from '../../../config/compile-gateway.ts'
import { linkGateway } from '../../../config/link-gateway.ts'
import { parseGateway } from '../../../config/parse-gateway.ts'
import { PROOFS, randomAdmission, randomRouteAdmission } from './random-admission.ts'
import { withReleases } from './random-releases.ts'
import { below, chance, maybe, oneOf, type Roll } from './rolls.ts'

export { below, chance, maybe, oneOf, type Roll } from './rolls.ts'

export const HOSTS = ['a.example.com', 'b.example.com', 'deep.a.example.com', 'x.wild.example.com', 'y.z.wild.example.com'] as const
const HOST_PATTERNS = ['a.example.com', 'b.example.com', '*.wild.example.com', '*.a.example.com'] as const
export const PATHS = ['/', '/a', '/a/b', '/a/b/c', '/shop', '/shop/cart'] as const
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const
export const TENANTS = ['one', 'two'] as const
/** The moment at which the requests begin. */
export const NOW = Date.UTC(2030, 0, 1)

const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-southeast-1'] as const

function randomPool(name: string, limited: boolean, roll: Roll): object {
  const steering = oneOf(roll, ['listed', 'nearest', 'weighted', 'affinity', 'map', 'latency'] as const)
  const levels = chance(roll, 0.2)
  const weighs = steering === 'weighted' || steering === 'affinity'
  const endpoints = Array.from({ length: levels ? 3 : 1 + below(roll, 4) }, (_, index): [string, object] => [
    `${name}-e${index}`,
    {
      url: `https://${name}-e${index}.example.com${chance(roll, 0.2) ? '/base' : ''}`,
      cloud: 'aws',
      region: oneOf(roll, REGIONS),
      ...(levels ? { priority: index % 2 } : maybe(roll, 0.3, () => ({ priority: below(roll, 3) }))),
      ...maybe(roll, weighs ? 0.5 : 0, () => ({ weight: below(roll, 4) })),
      ...maybe(roll, 0.1, () => ({ drain: true })),
      ...maybe(roll, 0.2, () => ({ headers: { 'x-edge': name } })),
    },
  ])
  const names = endpoints.map(([id]) => id)
  return {
    steering,
    ...(steering === 'affinity' ? { affinity: randomAffinity(roll) } : {}),
    ...(steering === 'map' ? { map: { countries: { DE: [oneOf(roll, names)] }, continents: { NA: [oneOf(roll, names)] } } } : {}),
    ...(levels ? { spillOver: 1.4, healthThreshold: '50%', ...maybe(roll, 0.5, () => ({ minimumHealthy: 1 })) } : {}),
    ...(limited
      ? { limits: { concurrency: 4 + below(roll, 40), endpointConcurrency: 2 + below(roll, 20), adaptive: chance(roll, 0.5) } }
      : {}),
    ...maybe(roll, 0.3, () => ({ slowStart: oneOf(roll, ['0s', '10s', '60s']) })),
    ...maybe(roll, 0.2, () => ({ retryBudget: { share: '50%', window: '10s', perSecond: below(roll, 3) } })),
    endpoints: Object.fromEntries(endpoints),
  }
}

const randomAffinity = (roll: Roll): object =>
  oneOf(roll, [
    { key: { header: 'x-tenant' } },
    { key: { cookie: 'edge' }, setCookie: { ttl: '60m', sameSite: 'lax' } },
    { key: { cookie: 'edge' } },
    { key: { query: 'q' } },
    { key: { clientAddress: true } },
  ])

function randomMatch(roll: Roll): object {
  const path = oneOf(roll, PATHS.slice(1))
  return {
    hosts: [oneOf(roll, HOST_PATTERNS)],
    paths: [oneOf(roll, [path, path, { exact: path }, { prefixString: path }, { regex: `${path}(/[a-z]+)*` }])],
    ...maybe(roll, 0.3, () => ({ methods: [oneOf(roll, METHODS)] })),
    ...maybe(roll, 0.3, () => ({ headers: { 'x-tenant': oneOf(roll, [...TENANTS, { regex: 'o.*' }, { present: false }]) } })),
    ...maybe(roll, 0.1, () => ({ query: { q: '1' } })),
    ...maybe(roll, 0.1, () => ({ cookies: { edge: { present: true } } })),
    ...maybe(roll, 0.1, () => ({ countries: ['DE'] })),
    ...maybe(roll, 0.1, () => ({ schemes: ['https'] })),
    ...maybe(roll, 0.1, () => ({ encodedSlash: 'allow', doubleSlash: 'allow' })),
  }
}

function randomAction(name: string, pools: Readonly<Record<string, object>>, roll: Roll): object {
  const kind = roll()
  if (kind < 0.08) return { reply: { status: 410, body: 'gone', headers: { 'x-route': name } } }
  return kind < 0.16 ? { redirect: randomRedirect(roll) } : randomForward(pools, roll)
}

const randomRedirect = (roll: Roll): object => ({
  ...maybe(roll, 0.5, () => ({ scheme: 'https' })),
  host: oneOf(roll, ['other.example.com', 'a.example.com']),
  ...maybe(roll, 0.3, () => ({ port: 8443 })),
  ...maybe(roll, 0.5, () => ({ path: '/moved' })),
  status: oneOf(roll, [301, 302, 307, 308]),
})

const randomEdits = (roll: Roll): object => ({
  ...maybe(roll, 0.5, () => ({ set: { 'x-set': 'by the route' } })),
  add: { 'x-tenant': 'added' },
  ...maybe(roll, 0.5, () => ({ remove: ['x-hop', 'cookie'] })),
})

const randomRewrite = (roll: Roll): object => ({
  ...maybe(roll, 0.5, () => ({ host: 'inner.example.com' })),
  ...oneOf(roll, [
    { path: '/all' },
    { prefix: '/v2' },
    { regex: { match: '/([a-z]+)(/.*)?', replace: '/rx\\2' } },
    // A path that ends in a slash, or an encoded slash, may become one that is refused of clients.
    { regex: { match: '/([^/]*)/(.*)', replace: '/rx/\\2/\\1' } },
  ]),
})

const randomCors = (roll: Roll): object => ({
  origins: [oneOf(roll, ['*', 'https://page.example.com'])],
  ...maybe(roll, 0.5, () => ({ methods: ['PUT'] })),
})

const randomFilters = (roll: Roll): object => ({
  ...maybe(roll, 0.3, () => ({ requestHeaders: randomEdits(roll) })),
  ...maybe(roll, 0.2, () => ({ responseHeaders: { set: { 'x-answer': '1' } } })),
  ...maybe(roll, 0.3, () => ({ rewrite: randomRewrite(roll) })),
})

const randomWeighted = (pool: string, roll: Roll): object => ({
  pool,
  weight: below(roll, 5),
  ...(chance(roll, 0.1) ? { redirect: randomRedirect(roll) } : chance(roll, 0.3) ? randomFilters(roll) : {}),
})

const randomFaults = (roll: Roll): object => ({
  ...oneOf(roll, [{ gated: true }, { expires: '2030-01-02T00:00:00Z' }, { gated: true, expires: '2030-01-02T00:00:00Z' }]),
  ...oneOf(roll, [{ delay: { length: '2s', share: '50%' } }, { abort: { status: 418, share: '30%' } }]),
})

const randomRetry = (roll: Roll): object => ({
  attemptsMax: 1 + below(roll, 5),
  ...maybe(roll, 0.2, () => ({ on: [oneOf(roll, ['connect-failure', 'overload', 'timeout'])] })),
  ...maybe(roll, 0.2, () => ({ methods: ['GET', 'HEAD'] })),
  ...maybe(roll, 0.2, () => ({ rescue: false })),
  ...maybe(roll, 0.2, () => ({ leave: oneOf(roll, ['nothing', 'zone', 'region', 'cloud']) })),
})

function randomForward(pools: Readonly<Record<string, object>>, roll: Roll): object {
  const names = Object.keys(pools)
  const some = names.filter(() => chance(roll, 0.6))
  const pool = oneOf(roll, names)
  const home = chance(roll, 0.15)
  return {
    ...(some.length > 1 && !home
      ? {
          pools: [
            ...some.map((each) => randomWeighted(each, roll)),
            ...(chance(roll, 0.3) ? [{ weight: below(roll, 5), reply: { status: 404 } }] : []),
          ],
        }
      : { pool }),
    ...(home ? { writes: 'home', home: `${pool}-e0` } : maybe(roll, 0.5, () => ({ writes: oneOf(roll, ['anywhere', 'follow-verdict']) }))),
    ...maybe(roll, 0.3, () => ({ idempotencyKey: true })),
    ...maybe(roll, 0.5, () => ({
      timeouts: {
        request: oneOf(roll, ['2s', '5s', '15s', '0s']),
        attempt: oneOf(roll, ['200ms', '1s', '0s']),
        ...maybe(roll, 0.2, () => ({ slow: 'abort' })),
      },
    })),
    ...maybe(roll, 0.5, () => ({ retry: randomRetry(roll) })),
    ...maybe(roll, 0.3, () => ({ hedge: { after: oneOf(roll, ['50ms', 'p95']), share: '50%' } })),
    ...randomFilters(roll),
    ...maybe(roll, 0.15, () => ({ faults: randomFaults(roll) })),
    ...maybe(roll, 0.15, () => ({ mirrors: [{ pool: oneOf(roll, names), share: '50%' }] })),
    ...maybe(roll, 0.2, () => ({ cors: randomCors(roll) })),
    ...maybe(roll, 0.3, () => ({ replayMax: oneOf(roll, ['0B', '8B', '64KiB']) })),
  }
}

/** Only where clients could be sent elsewhere, and come with GET: all else is a defect. */
const maybeRelay = (match: object, pools: Readonly<Record<string, object>>, roll: Roll): object => {
  const alone = Object.values(pools).some((pool) => 'endpoints' in pool && Object.keys(pool.endpoints as object).length < 2)
  return maybe(roll, alone || 'methods' in match ? 0 : 0.3, () => ({ relayWebSockets: { drainWithin: '10s' } }))
}

export function randomDocument(roll: Roll): object {
  const limited = chance(roll, 0.3)
  const names = Array.from({ length: 1 + below(roll, 3) }, (_, index) => `p${index}`)
  const pools = Object.fromEntries(names.map((name) => [name, randomPool(name, limited, roll)]))
  const admits = chance(roll, 0.4)
  const narrow = Array.from({ length: below(roll, 6) }, () => randomMatch(roll))
  const wide = HOST_PATTERNS.filter(() => chance(roll, 0.8)).map((host) => ({ hosts: [host] }))
  const routes = [...narrow, ...wide].map((match, index) => {
    const action = randomAction(`r${index}`, pools, roll)
    const asks = 'pool' in action || 'pools' in action
    return {
      name: `r${index}`,
      ...match,
      ...action,
      ...maybe(roll, admits ? 0.3 : 0, () => ({ admission: randomRouteAdmission(roll) })),
      ...maybe(roll, admits && 'paths' in match ? 0.3 : 0, () => ({
        claims: { tier: oneOf(roll, ['gold', 'silver']) },
        fallThrough: 'allow',
      })),
      ...(asks ? maybeRelay(match, pools, roll) : {}),
      ...maybe(roll, limited && asks ? 0.6 : 0, () => ({ priority: oneOf(roll, ['high', 'low']) })),
    }
  })
  const { routes: released, releases } = withReleases(routes, names, roll)
  const admission = { ...PROOFS, admission: [randomAdmission(HOST_PATTERNS, roll)] }
  return {
    pools,
    routes: released,
    releases,
    ...(admits ? admission : {}),
    ...maybe(roll, 0.3, () => ({ matching: { order: 'first-match' } })),
  }
}

/** Undefined when what was drawn contradicts itself. */
export function randomBase(roll: Roll): Base | undefined {
  const { gateway } = linkGateway(parseGateway(randomDocument(roll)), { local: false, now: NOW })
  return gateway === undefined ? undefined : compileGateway(gateway, (text) => createHash('sha256').update(text).digest('hex'))
}
