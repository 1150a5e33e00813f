/** Gateways by the dice: documents with all kinds of routes and pools, most of which are sound. The rest is refused by the check, as it should be. */
import type { Draw } from '../../../config/units.ts'

export interface Dice {
  readonly roll: () => Draw
  readonly chance: (share: number) => boolean
  readonly oneOf: <Item>(items: readonly Item[]) => Item
}

export function diceOf(roll: () => Draw): Dice {
  const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(roll() * items.length)] as Item
  return { roll, oneOf, chance: (share) => roll() < share }
}

/** With this share, the fields. */
const maybe = ({ chance }: Dice, share: number, fields: object): object => (chance(share) ? fields : {})

const PLACES = [
  ['aws', 'us-east-1'],
  ['aws', 'eu-west-1'],
  ['gcp', 'europe-west1'],
  ['azure', 'westeurope'],
] as const

export const POOLS = ['shop', 'next', 'copies'] as const
export const ENDPOINT_HOST = 'mesh.example.net'

function randomPool(dice: Dice, name: string): object {
  const { chance, oneOf } = dice
  const steering = oneOf(['listed', 'nearest', 'weighted', 'latency', 'affinity', 'map'])
  const count = oneOf([2, 3, 5])
  const priorities = chance(0.3)
  const endpoints = Array.from({ length: count }, (_, index) => {
    const [cloud, region] = oneOf(PLACES)
    const own = {
      url: `https://${name}-${index}.${ENDPOINT_HOST}${chance(0.3) ? '/base' : ''}`,
      cloud,
      region,
      ...maybe(dice, 0.2, { headers: { 'x-last': 'endpoint' } }),
      ...maybe(dice, 0.1, { drain: true }),
      ...maybe(dice, 0.1, { concurrency: 1 }),
      ...(priorities ? { priority: index % 2 } : {}),
    }
    return [`${name}-${index}`, own] as const
  })
  return {
    endpoints: Object.fromEntries(endpoints),
    steering,
    ...(steering === 'map' ? { map: { countries: { DE: [`${name}-0`] } } } : {}),
    ...(steering === 'affinity' ? { affinity: randomAffinity(dice) } : {}),
    ...(priorities ? maybe(dice, 0.5, { spillOver: 1.4, healthThreshold: '50%' }) : {}),
    limits: { concurrency: oneOf([1, 10]), adaptive: chance(0.5) },
    ...maybe(dice, 0.3, { outlier: { consecutiveOther: 1 } }),
  }
}

const randomAffinity = ({ oneOf }: Dice): object =>
  oneOf([
    { key: { cookie: 'session' }, setCookie: {} },
    { key: { header: 'x-forwarded-for' } },
    { key: { query: 'cart' } },
    { key: { clientAddress: true } },
  ])

const REGEXES = ['/api/v[0-9]+/.*', '/.*', '/(a|aa)+/?', '/[^/]+/admin', '.*x.*y.*z']

function randomPath({ oneOf }: Dice): unknown {
  const text = oneOf(['/', '/a', '/a/b', '/api', '/admin', '/caf%C3%A9', '/a%20b'])
  return oneOf([text, { exact: text }, { prefixString: text }, { regex: oneOf(REGEXES) }])
}

const randomValue = ({ oneOf }: Dice): unknown => oneOf(['on', { regex: '[a-z]*' }, { present: true }, { present: false }])

function randomMatch(dice: Dice) {
  const { oneOf, chance } = dice
  const tolerant = ['encodedSlash', 'doubleSlash', 'encodedUnreserved', 'semicolon'].filter(() => chance(0.3))
  return {
    hosts: oneOf([['shop.example.com'], ['*.example.com'], ['*'], ['shop.example.com', 'other.example.com']]),
    paths: chance(0.3) ? ['/a', '/'] : [randomPath(dice)],
    ...maybe(dice, 0.3, { methods: oneOf([['GET'], ['GET', 'POST'], ['OPTIONS', 'GET'], ['DELETE', 'GET']]) }),
    ...maybe(dice, 0.2, { headers: { [oneOf(['x-tenant', 'cf-connecting-ip', 'cookie'])]: randomValue(dice) } }),
    ...maybe(dice, 0.2, { query: { [oneOf(['q', 'constructor', 'ä'])]: randomValue(dice) } }),
    ...maybe(dice, 0.2, { cookies: { [oneOf(['beta', 'session'])]: randomValue(dice) } }),
    ...maybe(dice, 0.1, { countries: ['DE'] }),
    ...maybe(dice, 0.1, { ports: [443, 8443] }),
    ...Object.fromEntries(tolerant.map((name) => [name, 'allow'])),
  }
}

export const ORIGINS = ['https://page.example.com', 'https://*.pages.example.org'] as const

function randomAnswer(dice: Dice, prefixes: boolean): object {
  const { oneOf, chance } = dice
  const edits = { set: { 'x-set': '1' }, add: { 'x-add': '1', cookie: 'edge=1' }, remove: ['x-gone'] }
  const cors = chance(0.5)
    ? { origins: ['*'], methods: ['*'], headers: ['*'] }
    : { origins: [...ORIGINS], methods: ['PUT'], headers: ['*'], credentials: true }
  return {
    ...maybe(dice, 0.3, { cors }),
    ...maybe(dice, 0.3, { requestHeaders: edits }),
    ...maybe(dice, 0.3, { responseHeaders: { set: { vary: 'accept' }, add: { 'set-cookie': 'a=1' }, remove: ['x-gone'] } }),
    ...maybe(dice, 0.4, { rewrite: oneOf(prefixes ? [...REWRITES, ...OF_PREFIXES] : REWRITES) }),
    ...maybe(dice, 0.3, { mirrors: [{ pool: 'copies', ...maybe(dice, 0.3, { methods: 'all' }) }] }),
    ...maybe(dice, 0.1, { faults: { gated: true, delay: { length: '1s', share: '50%' }, abort: { status: 503, share: '50%' } } }),
  }
}

const OF_PREFIXES = [{ prefix: '/' }, { prefix: '/v2' }, { host: 'inner.example.com', prefix: '/x' }]
const REWRITES = [
  { path: '/whole' },
  { regex: { match: '/([^/]*)/?(.*)', replace: '/\\2/\\1' } },
  { regex: { match: '/(.*)', replace: '/t\\1' } },
]

function randomSending(dice: Dice, prefixes: boolean): object {
  const { oneOf, chance } = dice
  const writes = oneOf<object>([{}, { writes: 'anywhere' }, { writes: 'home', home: 'shop-0' }])
  return {
    ...writes,
    ...oneOf<object>([
      { pool: 'shop' },
      {
        pools: [
          { pool: 'shop', weight: 1 },
          { pool: 'next', weight: oneOf([0, 1]) },
        ],
      },
      ...('home' in writes ? [] : [{ pools: [{ pool: 'next', weight: 0 }] }]),
      {
        pools: [
          { pool: 'shop', redirect: { path: '/there' } },
          { pool: 'next', responseHeaders: { remove: ['x-gone'] } },
        ],
      },
    ]),
    ...maybe(dice, 0.3, {
      timeouts: oneOf([{ attempt: '50ms', slow: 'abort' }, { request: '0s' }, { request: '200ms', attempt: '100ms', idle: '0s' }]),
    }),
    ...maybe(dice, 0.3, {
      retry: oneOf([{ attemptsMax: 5, statuses: [404, 500, 503] }, { on: [] }, { headers: { 'x-again': { present: true } } }]),
    }),
    ...maybe(dice, 0.3, { hedge: { after: oneOf(['10ms', 'p95']), share: '50%' } }),
    ...maybe(dice, 0.3, { replayMax: oneOf(['0B', '16B']) }),
    ...maybe(dice, 0.3, { bufferUpTo: oneOf(['16B', '1MiB']) }),
    ...maybe(dice, 0.3, { priority: oneOf(['high', 'low']) }),
    ...maybe(dice, 0.2, { idempotencyKey: true }),
    ...maybe(dice, 0.2, { relayWebSockets: {} }),
    ...(chance(0.7) ? randomAnswer(dice, prefixes) : {}),
  }
}

function randomAction(dice: Dice, prefixes: boolean): object {
  const { oneOf, chance } = dice
  if (chance(0.7)) return randomSending(dice, prefixes)
  const { cors, responseHeaders } = randomAnswer(dice, prefixes) as { cors?: object; responseHeaders?: object }
  return {
    ...oneOf<object>([
      { redirect: oneOf([{ scheme: 'https' }, { path: '/x', port: 8443, status: 308 }, ...(prefixes ? OF_REDIRECTS : [])]) },
      { reply: { status: oneOf([200, 204, 404, 503]), headers: { 'x-reply': '1' } } },
    ]),
    ...(cors === undefined ? {} : { cors }),
    ...(responseHeaders === undefined ? {} : { responseHeaders }),
  }
}

const OF_REDIRECTS = [{ prefix: '/' }, { host: 'shop.example.com', prefix: '/new' }]

/** JSON is YAML. */
export function randomDocument(dice: Dice): string {
  const routes = Array.from({ length: dice.oneOf([1, 3, 6]) }, (_, index) => {
    const match = randomMatch(dice)
    const prefixes = match.paths.every((path) => typeof path === 'string')
    return { name: `route-${index}`, ...match, ...randomAction(dice, prefixes) }
  })
  const rest = { name: 'rest', hosts: ['shop.example.com', 'other.example.com', '*.example.com'], ...randomSending(dice, true) }
  const pools = Object.fromEntries(POOLS.map((name) => [name, randomPool(dice, name)]))
  return JSON.stringify({
    pools,
    routes: [...routes, rest],
    matching: { order: dice.oneOf(['most-specific', 'first-match']) },
    ...maybe(dice, 0.3, { replies: { routingHeaders: true } }),
  })
}
