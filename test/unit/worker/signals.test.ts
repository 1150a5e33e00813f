import { describe, expect, test } from 'vitest'
import { instant, after as later, ms, seconds } from '../../../config/units.ts'
import { composeHealth } from '../../../durable-objects/policy/compose-snapshot.ts'
import { foldProbe, NEVER_PROBED } from '../../../durable-objects/policy/fold-probe.ts'
import type { ProbeResult } from '../../../durable-objects/policy/probe-result.ts'
import { classifyGrpc } from '../../../worker/policy/classify-grpc.ts'
import { type AnswerHead, classifyAnswer } from '../../../worker/policy/classify-outcome.ts'
import { noteDraining, standing } from '../../../worker/policy/standing.ts'
import { dice, SEED } from '../../seed.ts'
import { testBase, toPool } from '../../workerd/gateway/base.ts'
import { monitor, passed, vote } from '../health/samples.ts'
import { answers, type Behaviour, VirtualGateway } from './carry.ts'
import { candidateOf, factsFor, healthOf, NOW, shares } from './pool-facts.ts'

const head = (status: number, said: Partial<AnswerHead> = {}): AnswerHead => ({
  status,
  webSocket: false,
  madeByCloudflare: false,
  rateLimitedByQuota: false,
  ...said,
})
/** Each with a pool entry of its own, as the compiler makes them. */
const routes = (...ids: readonly string[]) => ids.map((id) => ({ id, action: toPool('pool') }))
const ENDPOINTS = ['a', 'b', 'c'].map((id) => ({ id, origin: `https://${id}.test` }))

describe('what an answer of a mesh means', () => {
  test.each<[string, AnswerHead, object]>([
    ['503 that Envoy shed', head(503, { sheds: true }), { kind: 'overloaded', status: 503, retryAfter: 1000 }],
    ['the same, saying for how long', head(503, { sheds: true, retryAfter: '7' }), { kind: 'overloaded', status: 503, retryAfter: 7000 }],
    ['503 of an application', head(503), { kind: 'failed-status', phase: 'status' }],
    ['503 of Linkerd', head(503, { madeByMesh: true }), { kind: 'failed-status', phase: 'mesh' }],
    ['500 of Linkerd', head(500, { madeByMesh: true }), { kind: 'failed-status', status: 500, phase: 'mesh' }],
    ['508 of Linkerd', head(508, { madeByMesh: true }), { kind: 'failed-status', phase: 'mesh' }],
    ['500 of an application', head(500), { kind: 'answered', status: 500 }],
    ['429 of a quota', head(429, { retryAfter: '5', rateLimitedByQuota: true }), { kind: 'answered', status: 429 }],
    ['429 of a region over its limit', head(429, { retryAfter: '5' }), { kind: 'overloaded', status: 429, retryAfter: 5000 }],
    ['429 of Linkerd without a time', head(429, { madeByMesh: true }), { kind: 'answered', status: 429 }],
  ])('%s', (_, said, expected) => expect(classifyAnswer(said, [502, 503, 504], NOW)).toMatchObject(expected))

  test('gRPC that Envoy shed', () => {
    const said = { status: '14', pushback: null, retryAfter: null, rateLimitedByQuota: false, sheds: true }
    expect(classifyGrpc(said, [503], NOW)).toMatchObject({ kind: 'overloaded', status: 503, retryAfter: 1000 })
  })
})

describe('an endpoint that sheds', () => {
  const sheds: Behaviour = () => ({ after: ms(3), outcome: { kind: 'overloaded', status: 503, retryAfter: ms(1000) } })
  const anybody = (index: number) => ({ network: `network ${index % 3}` })
  const gatewayWith = (behaviours: Readonly<Record<string, Behaviour>>) =>
    new VirtualGateway(testBase({ endpoints: ENDPOINTS }), { a: answers(), b: answers(), c: answers(), ...behaviours }, dice(SEED))

  test('is asked once a second, costs no request, and is not ejected', () => {
    const gateway = gatewayWith({ a: sheds })
    const carried = gateway.load(100, seconds(5), anybody)
    expect(carried.every(({ step }) => step.kind === 'answer' && step.code === undefined)).toBe(true)
    const asked = carried.filter(({ ledger }) => ledger.attempts.some(({ candidate }) => candidate.endpoint.id === 'a')).length
    // What is under way when the pause begins is asked as well.
    expect(asked, `seed ${SEED}`).toBeLessThanOrEqual(20)
    expect(gateway.route.candidates[0]?.outlier.standing.kind).toBe('in')
  })

  test('is asked like the others as long as one client network alone hears it', () => {
    const gateway = gatewayWith({ a: sheds })
    const carried = gateway.load(20, seconds(5))
    expect(
      carried.every(({ ledger }) => ledger.attempts[0]?.candidate.endpoint.id === 'a'),
      `seed ${SEED}`,
    ).toBe(true)
    expect(gateway.route.candidates[0]?.state.load.limit.hasShrunk).toBe(false)
  })

  test('is not asked again by the same request', () => {
    const gateway = gatewayWith({ a: sheds, b: sheds, c: sheds })
    for (const { ledger } of gateway.load(20, seconds(5)))
      expect(new Set(ledger.attempts.map(({ candidate }) => candidate)).size).toBe(ledger.attempts.length)
  })
})

describe('an endpoint that drains itself', () => {
  test('gets nothing for ten seconds, unless all of them do', () => {
    const facts = factsFor(ENDPOINTS)
    noteDraining(candidateOf(facts, 'a'), 'network', NOW)
    expect(shares(facts, NOW, 100)).toEqual({ b: expect.closeTo(1) })
    expect(shares(facts, later(NOW, seconds(10)), 100)).toEqual({ a: expect.closeTo(1) })
    for (const id of ['b', 'c']) noteDraining(candidateOf(facts, id), 'network', NOW)
    expect(shares(facts, NOW, 100)).toEqual({ a: expect.closeTo(1) })
  })

  test.each([
    ['one route, however often', ['one', 'one'], ['x', 'y'], false],
    ['two routes by one network', ['one', 'two'], ['x', 'x'], false],
    ['two routes by two networks', ['one', 'two'], ['x', 'y'], true],
    ['two routes by nobody who is known', ['one', 'two'], ['', ''], true],
  ] as const)('heard on %s, drains for the third as well: %j %j %j', (_, heardOn, networks, expected) => {
    const gateway = new VirtualGateway(
      testBase({ endpoints: ENDPOINTS, routes: routes('one', 'two', 'three') }),
      { a: answers(), b: answers(), c: answers() },
      dice(SEED),
    )
    const of = (route: string) => gateway.routeNamed(route).candidates[0] ?? expect.fail('no candidate')
    for (const [index, route] of heardOn.entries()) noteDraining(of(route), networks[index] ?? '', gateway.now)
    const drains = (route: string, at = gateway.now) => standing(of(route), gateway.health, at).reason === 'drains-itself'
    expect(drains('one')).toBe(true)
    expect(drains('three')).toBe(expected)
    expect(drains('three', later(gateway.now, seconds(10)))).toBe(false)
  })

  test('heard by a second route when the first has forgotten, drains for none but the second', () => {
    const gateway = new VirtualGateway(testBase({ endpoints: ENDPOINTS, routes: routes('one', 'two') }), {}, dice(SEED))
    const of = (route: string) => gateway.routeNamed(route).candidates[0] ?? expect.fail('no candidate')
    noteDraining(of('one'), 'x', gateway.now)
    gateway.now = later(gateway.now, seconds(10))
    noteDraining(of('two'), 'y', gateway.now)
    expect(['one', 'two'].map((route) => standing(of(route), gateway.health, gateway.now).reason)).toEqual(['routable', 'drains-itself'])
  })

  test('is down with its first probe that says so, not before a vantage may speak at all', () => {
    const drains: ProbeResult = { kind: 'failed', phase: 'drain', latency: ms(5), detail: '' }
    const fold = (...results: readonly ProbeResult[]) =>
      results.reduce((held, result) => foldProbe(held, result, { monitor, held: false }, instant(NOW)), NEVER_PROBED)
    expect(fold(passed, passed).facet).toBe('up')
    expect(fold(passed, passed, drains).facet).toBe('down')
    expect(fold(drains).facet).toBe('unknown')
  })
})

describe('an endpoint that would rather not', () => {
  test('goes behind those that are well, and before those over their limit', () => {
    const order = (endpoints: Parameters<typeof healthOf>[0]) => shares(factsFor(ENDPOINTS, { health: healthOf(endpoints) }), NOW, 100)
    expect(order({ a: { degraded: true }, b: {}, c: {} })).toEqual({ b: expect.closeTo(1) })
    expect(order({ a: { degraded: true }, b: { verdict: 'down' }, c: { local: 'down' } })).toEqual({ a: expect.closeTo(1) })
  })

  test('counts as lost where priorities spill over', () => {
    const levels = [...ENDPOINTS.map(({ id }) => ({ id, priority: 0 })), { id: 'x', priority: 1 }]
    const health = healthOf({ a: { degraded: true }, b: { degraded: true }, c: {}, x: {} })
    expect(shares(factsFor(levels, { pool: { levels: { spillOver: 1 } }, health }))['x']).toBeCloseTo(0.67, 1.6)
  })

  test('is told by the last probe that passed', () => {
    const would: ProbeResult = { kind: 'passed', status: 200, latency: ms(5), degraded: true }
    const said = (result: ProbeResult, abstains = false) => {
      const { degraded = false } = foldProbe(NEVER_PROBED, result, { monitor, held: false }, instant(NOW))
      const view = { settled: { verdict: 'up' as const, since: NOW }, own: vote('up'), abstains, votes: [], configured: 3, degraded }
      return composeHealth(view, instant(NOW)).degraded
    }
    expect(said(would)).toBe(true)
    expect(said(passed)).toBeUndefined()
    expect(said(would, true)).toBeUndefined()
  })
})
