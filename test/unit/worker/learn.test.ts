import { describe, expect, test } from 'vitest'
import { endpointKey, vantageId } from '../../../config/ids.ts'
import type { HealthSnapshot, Verdict } from '../../../config/snapshot.ts'
import { after as later, ms, seconds, share } from '../../../config/units.ts'
import { applyOverlay } from '../../../worker/policy/apply-overlay.ts'
import { attributeBody } from '../../../worker/policy/attribute-attempts.ts'
import { learnBrokenBody, learnVerdicts } from '../../../worker/policy/learn.ts'
import { isEjected } from '../../../worker/policy/standing.ts'
import { dice, SEED } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { answers, type Behaviour, FAILURES, VirtualGateway } from './carry.ts'
import { drainOf, overlayOf } from './overlays.ts'

const ENDPOINTS = ['a', 'b', 'c'].map((id) => ({ id, origin: `https://${id}.test` }))
const { resets = answers(), refuses = answers(), 'answers 503': unavailable = answers() } = FAILURES

const gatewayWith = (behaviours: Readonly<Record<string, Behaviour>>, parts: Partial<Parameters<typeof testBase>[0]> = {}) =>
  new VirtualGateway(testBase({ endpoints: ENDPOINTS, ...parts }), { a: answers(), b: answers(), c: answers(), ...behaviours }, dice(SEED))

const ejected = (gateway: VirtualGateway): readonly string[] =>
  gateway.route.candidates.filter(isEjected).map(({ endpoint }) => endpoint.id)

function requestsUntilEjected(gateway: VirtualGateway, client: Parameters<VirtualGateway['carry']>[0] = {}): number {
  for (let count = 1; count <= 100; count += 1) {
    gateway.carry(client)
    if (ejected(gateway).length > 0) return count
  }
  return Number.POSITIVE_INFINITY
}

describe('an endpoint is ejected', () => {
  test.each([
    ['after two failures to connect', refuses, 2],
    ['after three others', resets, 3],
    ['after three bad answers', unavailable, 3],
    ['never for 500', answers(500), Number.POSITIVE_INFINITY],
    ['never for 404', answers(404), Number.POSITIVE_INFINITY],
    ['never for 429', answers(429), Number.POSITIVE_INFINITY],
  ])('%s', (_, behaviour, requests) => expect(requestsUntilEjected(gatewayWith({ a: behaviour }))).toBe(requests))

  test('for writes that nobody else answered, only by failing to connect', () => {
    expect(requestsUntilEjected(gatewayWith({ a: resets }), { method: 'POST' })).toBe(Number.POSITIVE_INFINITY)
    expect(requestsUntilEjected(gatewayWith({ a: refuses }), { method: 'POST' })).toBe(2)
  })

  test('for a share of failures far above its pool’s, and not for a few', () => {
    const sometimes = (rate: number): Behaviour => {
      const roll = dice(SEED)
      let last = false
      // Never two in a row: what is tested is the share, not the streak.
      return (at, method) => {
        last = !last && roll() < rate
        return (last ? unavailable : answers())(at, method)
      }
    }
    const failing = gatewayWith({ a: sometimes(0.5) }, { pool: { steering: 'weighted' } })
    failing.load(100, seconds(8))
    expect(ejected(failing), `seed ${SEED}`).toEqual(['a'])
    const fine = gatewayWith({ a: sometimes(0.02) }, { pool: { steering: 'weighted' } })
    fine.load(100, seconds(60))
    expect(ejected(fine), `seed ${SEED}`).toEqual([])
  })

  test('by unproved failures only when two client networks saw them', () => {
    const flaky: Behaviour = (at, method) => (Math.floor(at / 10) % 2 === 0 ? unavailable : answers())(at, method)
    for (const [networks, expected] of [
      [1, []],
      [2, ['a']],
    ] as const) {
      const gateway = gatewayWith({ a: flaky }, { pool: { steering: 'weighted' } })
      gateway.load(200, seconds(9), (index) => ({ method: 'POST', network: `network ${index % networks}` }))
      expect(ejected(gateway), `${networks} networks, seed ${SEED}`).toEqual(expected)
    }
  })

  test('not at all when the route fails wherever it is tried', () => {
    const gateway = gatewayWith({ a: unavailable, b: unavailable, c: unavailable })
    gateway.load(100, seconds(5))
    expect(ejected(gateway)).toEqual([])
  })

  test('nor when everybody else is drained by operators, who may have known why', () => {
    const gateway = gatewayWith({ a: unavailable })
    const overlay = overlayOf({ drains: [drainOf('b'), drainOf('c')] })
    const applied = applyOverlay({ pools: [gateway.route.pool] }, { overlay, at: gateway.now }, [])
    gateway.health = { ...gateway.health, ...(applied === undefined ? {} : { applied }) }
    gateway.load(100, seconds(5))
    expect(ejected(gateway)).toEqual([])
  })

  test('in name only, when the pool says so', () => {
    const { pools } = testBase({ endpoints: [] })
    const outlier = { ...pools[0]?.outlier, mode: 'detected' } as NonNullable<(typeof pools)[0]>['outlier']
    const gateway = gatewayWith({ a: resets }, { pool: { outlier } })
    gateway.load(100, seconds(2))
    expect(ejected(gateway)).toEqual([])
  })

  test('on one route alone, until a second one and a second network agree', () => {
    const routes = [{ id: 'one', paths: [{ kind: 'prefix' as const, value: '/1' }] }, { id: 'two' }]
    const gateway = gatewayWith({ a: resets }, { routes })
    requestsUntilEjected(gateway)
    const [candidate] = gateway.route.candidates
    expect(candidate?.outlier.standing.kind).toBe('ejected')
    expect(candidate?.state.outlier.standing.kind).toBe('in')
  })
})

describe('bodies that broke', () => {
  const broken = (networks: readonly string[]): VirtualGateway => {
    const gateway = gatewayWith({})
    for (const network of networks) {
      const { ledger } = gateway.carry({ network })
      const [fact] = ledger.attempts
      if (fact === undefined) throw new Error('nobody was asked')
      learnBrokenBody(attributeBody(fact, gateway.route.route.id, network, gateway.now), gateway.now)
    }
    return gateway
  }
  test.each([
    ['of one client, however many', Array(20).fill('x'), []],
    ['three, of two clients', ['x', 'y', 'x'], ['a']],
    ['of one client, and one of another', [...Array(5).fill('x'), 'y'], ['a']],
    ['two, of two clients', ['x', 'y'], []],
    ['three, of clients that nobody knows', ['', '', ''], ['a']],
  ])('%s', (_, networks, expected) => expect(ejected(broken(networks))).toEqual(expected))
})

describe('an ejected endpoint', () => {
  const HEALED = seconds(31)

  function brokenThenHealed(): VirtualGateway {
    const gateway = gatewayWith({ a: resets })
    gateway.load(50, seconds(1))
    gateway.behaviours.set('a', answers())
    return gateway
  }

  test('gets nothing during its hold-down', () => {
    const gateway = brokenThenHealed()
    const carried = gateway.load(50, seconds(28))
    expect(carried.every(({ ledger }) => ledger.attempts[0]?.candidate.endpoint.id === 'b')).toBe(true)
  })

  test('is tried once a second afterwards, and back after five', () => {
    const gateway = brokenThenHealed()
    gateway.now = later(gateway.now, HEALED)
    const trials = () => gateway.done.filter(({ ledger }) => ledger.attempts[0]?.kind === 'probation').length
    gateway.load(50, seconds(3))
    expect(trials()).toBe(3)
    gateway.load(50, seconds(4))
    expect(trials()).toBe(5)
    expect(ejected(gateway)).toEqual([])
  })

  test('falls again with the first failed trial, and longer', () => {
    const gateway = gatewayWith({ a: resets })
    gateway.load(50, seconds(1))
    gateway.now = later(gateway.now, HEALED)
    const [tried] = gateway.load(50, seconds(2)).filter(({ ledger }) => ledger.attempts[0]?.kind === 'probation')
    expect(tried?.ledger.attempts.map(({ kind }) => kind)).toEqual(['probation', 'first'])
    const standing = gateway.route.candidates[0]?.outlier.standing
    expect(standing?.kind === 'ejected' && standing.until - standing.since).toBe(120_000)
  })

  test('comes back when a snapshot that has shown it down shows it up, after its hold-down', () => {
    const gateway = brokenThenHealed()
    const say = (verdict: Verdict) => learnVerdicts(gateway.state, snapshotOf('a', verdict), gateway.now)
    gateway.now = later(gateway.now, seconds(29))
    say('up')
    say('down')
    gateway.now = later(gateway.now, seconds(3))
    say('up')
    expect(ejected(gateway)).toEqual([])
    const unseen = brokenThenHealed()
    unseen.now = later(unseen.now, HEALED)
    learnVerdicts(unseen.state, snapshotOf('a', 'up'), unseen.now)
    expect(ejected(unseen)).toEqual(['a'])
  })
})

function snapshotOf(id: string, verdict: Verdict): HealthSnapshot {
  const said = { verdict, stoodFor: ms(0), local: 'unknown' as const, routesDown: [], localRoutesDown: [], reasons: [] }
  return {
    format: 1,
    vantage: vantageId('weur'),
    incarnation: { createdAt: 1, bootCount: 1 },
    seq: 1,
    endpoints: { [endpointKey(`key of ${id}`)]: said },
    retryScale: share(1),
  }
}
