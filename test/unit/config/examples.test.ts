/** The files that are committed: each is good, and does what its comment says. */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readYaml } from '../../../cli/read-yaml.ts'
import type { Base } from '../../../config/base.ts'
import { load, ROOT, routeOf } from './load-example.ts'

const examples = readdirSync(resolve(ROOT, 'config/examples')).map((name) => `config/examples/${name}`)
const endpointsOf = (base: Base) => base.pools.flatMap(({ endpoints }) => endpoints)

describe('every committed configuration', () => {
  test.each([...examples, 'config/gateway.yaml'])('%s is deployable', (file) => expect(load(file).routes.length).toBeGreaterThan(0))

  test('config/local.yaml serves this machine alone', () => {
    expect(load('config/local.yaml', true).routes.length).toBeGreaterThan(0)
    expect(() => load('config/local.yaml')).toThrow('a name instead of an IP address')
  })

  // What editors hold against a file, in a reading of its own.
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(resolve(ROOT, 'config/gateway.schema.json'), 'utf8')))
  test.each([...examples, 'config/gateway.yaml', 'config/local.yaml'])('%s obeys the JSON Schema that it names', (file) => {
    const text = readFileSync(resolve(ROOT, file), 'utf8')
    const [, named = ''] = /^# yaml-language-server: \$schema=(\S+)/.exec(text) ?? []
    expect(resolve(ROOT, file, '..', named)).toBe(resolve(ROOT, 'config/gateway.schema.json'))
    const read = readYaml(text)
    expect(read.ok).toBe(true)
    expect(schema.safeParse(read.ok && read.value).error?.issues).toBeUndefined()
  })

  test('the JSON Schema refuses what the build refuses', () => {
    expect(schema.safeParse({ pools: {}, routes: [], extra: 1 }).success).toBe(false)
    expect(schema.safeParse({ routes: [] }).success).toBe(false)
  })
})

describe('each example shows what it says', () => {
  test('smallest: every default', () => {
    const { pools, routes, health, inbound } = load('config/examples/smallest.yaml')
    expect(pools[0]).toMatchObject({ steering: 'listed', slowStart: 30_000, retryBudget: { share: 0.2, window: 10_000, perSecond: 1 } })
    expect(pools[0]?.outlier).toEqual({
      mode: 'enforced',
      consecutiveConnect: 2,
      consecutiveOther: 3,
      window: 10_000,
      attemptsMin: 20,
      shareAbovePool: 0.2,
    })
    expect(routes[0]).toEqual({
      id: 'routes[0]',
      action: { kind: 'forward', pools: [{ pool: 'shop', weight: 1 }] },
      hosts: ['shop.example.com'],
      paths: [{ kind: 'prefix', value: '/' }],
      methods: [],
      headers: [],
      priority: 'normal',
      writes: 'follow-verdict',
      idempotencyKey: false,
      timeouts: { request: 15_000, attempt: 1000, slow: 'race', idle: 30_000 },
      retry: {
        attemptsMax: 3,
        statuses: [502, 503, 504],
        rescue: true,
        leave: 'region',
        retryAfterMax: 300_000,
        backoff: { base: 25, max: 250, min: 0 },
      },
      replayMax: 65_536,
      bufferUpTo: 0,
    })
    expect(health).toEqual({
      vantages: ['wnam', 'enam', 'weur', 'eeur', 'apac'],
      holdDown: { base: 30_000, factor: 4, max: 600_000, memory: 600_000 },
    })
    expect(inbound).toEqual({ headersMax: 32_768, hopsMax: 3 })
  })

  test('nearest: known regions have coordinates, others give theirs', () => {
    const base = load('config/examples/nearest.yaml')
    expect(endpointsOf(base).map(({ coordinates }) => coordinates?.longitude)).toEqual([-77.49, 103.83, 8.68])
  })

  test('weights and standby: weights, a second priority, a drained endpoint that is probed', () => {
    const base = load('config/examples/weights-and-standby.yaml')
    expect(endpointsOf(base).map(({ weight, priority, drain }) => [weight, priority, drain])).toEqual([
      [3, 0, false],
      [1, 0, false],
      [1, 1, false],
      [1, 0, true],
    ])
    expect(base.targets).toHaveLength(4)
  })

  test('writes: a home, anywhere, and the default', () => {
    const { routes } = load('config/examples/writes.yaml')
    expect(routes.map(({ writes, home }) => [writes, home])).toEqual([
      ['home', 'aws-use1'],
      ['anywhere', undefined],
      ['follow-verdict', undefined],
    ])
  })

  test('monitors: the preset, a canary route, a port, a URL', () => {
    const { targets } = load('config/examples/monitors.yaml')
    expect(targets.map(({ monitor }) => monitor.url)).toEqual([
      'http://ingress.use1.example.com:15021/healthz/ready',
      'https://ingress.euw1.example.com/canary',
      'http://ingress.sea.example.com:21000/ready',
      'https://ready.ane1.example.com:8443/healthz',
    ])
    expect(targets.map(({ monitor }) => [monitor.interval, monitor.timeout, monitor.consecutiveDown])).toEqual(
      Array.from({ length: 4 }, () => [2000, 1000, 3]),
    )
    expect(targets[1]?.monitor).toMatchObject({
      headers: [['x-canary', 'edge']],
      statuses: [
        [200, 299],
        [404, 404],
      ],
      body: 'ready',
    })
  })

  test('matching: exact and prefix paths, methods, headers, a wildcard', () => {
    const base = load('config/examples/matching.yaml')
    expect(routeOf(base, 'suggest')?.paths).toEqual([{ kind: 'exact', value: '/suggest' }])
    expect(routeOf(base, 'blue')?.headers).toEqual([{ name: 'x-tenant', kind: 'exact', value: 'blue' }])
    expect(routeOf(base, 'others')?.hosts).toEqual(['*.example.com'])
  })

  test('conditions: each kind, in order of the file', () => {
    const base = load('config/examples/conditions.yaml')
    expect(base.matching.order).toBe('first-match')
    expect(base.regexes.map(({ source, literal }) => [source, literal])).toEqual([
      ['on|yes', ''],
      ['/api/v2(\\.[0-9]+)?/.*', '/api/v2'],
    ])
    expect(routeOf(base, 'testers')).toMatchObject({
      cookies: [{ name: 'beta', kind: 'regex', value: 'on|yes' }],
      headers: [{ name: 'x-no-beta', kind: 'absent' }],
    })
    expect(routeOf(base, 'preview')?.query).toEqual([{ name: 'preview', kind: 'exact', value: '1' }])
    expect(routeOf(base, 'v2')?.paths).toEqual([{ kind: 'regex', value: '/api/v2(\\.[0-9]+)?/.*' }])
    expect(routeOf(base, 'items')?.paths).toEqual([{ kind: 'prefix-string', value: '/items' }])
    expect(routeOf(base, 'packages')?.ambiguous).toEqual(['encodedSlash'])
    expect(routeOf(base, 'legacy')?.ambiguous).toEqual(['doubleSlash', 'encodedUnreserved', 'semicolon'])
    expect(routeOf(base, 'dach')?.countries).toEqual(['DE', 'AT', 'CH'])
    expect(routeOf(base, 'west')?.continents).toEqual(['EU', 'NA'])
    expect(routeOf(base, 'partners')).toMatchObject({ schemes: ['https'], ports: [8443] })
    expect(Object.keys(routeOf(base, 'rest') ?? {})).not.toEqual(expect.arrayContaining(['query']))
  })

  test('streaming: no idle limit, whole answers, no replay', () => {
    const base = load('config/examples/streaming.yaml')
    expect(routeOf(base, 'events')?.timeouts).toMatchObject({ idle: 0 })
    // Stated, it is kept for every body.
    expect(base.routes.map(({ timeouts }) => timeouts.idleOfAll)).toEqual([undefined, true, undefined])
    expect(routeOf(base, 'prices')?.bufferUpTo).toBe(16_384)
    expect(routeOf(base, 'uploads')?.replayMax).toBe(0)
  })

  test('hedging: at a quantile, after a fixed time, and none by default', () => {
    const base = load('config/examples/hedging.yaml')
    expect(base.routes.map(({ hedge }) => hedge)).toEqual([
      { after: { kind: 'quantile', quantile: 0.95 }, share: 0.07 },
      { after: { kind: 'fixed', delay: 150 }, share: 0.1 },
      undefined,
    ])
  })

  test('retries: as the Gateway API has them, without a limit, by header and method', () => {
    const base = load('config/examples/retries.yaml')
    expect(routeOf(base, 'as-gateway-api')).toMatchObject({
      timeouts: { request: 400, attempt: 200, slow: 'abort' },
      retry: { attemptsMax: 6, statuses: [500], on: ['connect-failure', 'timeout'], backoff: { min: 10 } },
    })
    expect(routeOf(base, 'reports')?.timeouts).toMatchObject({ request: 300_000, attempt: 300_000 })
    expect(routeOf(base, 'stock')?.retry).toMatchObject({
      headers: [{ kind: 'exact', name: 'x-replica', value: 'behind' }],
      methods: ['GET', 'HEAD', 'PUT', 'DELETE'],
      retryAfterMax: 30_000,
    })
  })

  test('zones: rescues leave the region, or the zone alone', () => {
    const base = load('config/examples/zones.yaml')
    expect(endpointsOf(base).map(({ region, zone }) => [region, zone])).toEqual([
      ['us-east-1', 'use1-az1'],
      ['us-east-1', 'use1-az2'],
      ['europe-west1', 'europe-west1-b'],
      ['europe-west1', 'europe-west1-c'],
    ])
    expect(base.routes.map(({ retry }) => retry.leave)).toEqual(['region', 'zone'])
  })

  test('tuned: no dial has its default', () => {
    const [tuned, smallest] = [load('config/examples/tuned.yaml'), load('config/examples/smallest.yaml')]
    const dials = (base: Base) => {
      const { outlier, retryBudget, slowStart } = base.pools[0] ?? {}
      const { timeouts, retry } = base.routes[0] ?? {}
      const { backoff, ...retries } = retry ?? {}
      const { vantages, holdDown } = base.health
      return Object.entries({
        ...outlier,
        ...retryBudget,
        slowStart,
        ...timeouts,
        ...retries,
        ...backoff,
        vantages,
        ...holdDown,
        ...base.inbound,
      })
    }
    const defaults = new Map(dials(smallest))
    expect(dials(tuned).filter(([name, value]) => JSON.stringify(defaults.get(name)) === JSON.stringify(value))).toEqual([])
  })
})
