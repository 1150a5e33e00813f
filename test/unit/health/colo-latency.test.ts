/** What isolates of one colo tell each other of how fast endpoints answer, over the real cache entry. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type EndpointKey, endpointKey, routeId } from '../../../config/ids.ts'
import { parseSnapshot } from '../../../config/parse-snapshot.ts'
import { draw, instant, after as later, ms, seconds } from '../../../config/units.ts'
import { type Isolate, newIsolate, passiveHealth } from '../../../worker/isolate.ts'
import { pickEndpoint } from '../../../worker/policy/order-endpoints.ts'
import { hearLatencies, parseLatencies, TOLD_MAX, type ToldLatency, tellLatencies } from '../../../worker/policy/steering/colo-latency.ts'
import { expectedLatency, notePeak } from '../../../worker/policy/steering/peak-latency.ts'
import { firstState, testBase } from '../../workerd/gateway/base.ts'
import { Colo, FakeIsolate, makeCryptoImmediate, serve } from './fake-isolate.ts'

beforeAll(makeCryptoImmediate)

const NOW = instant(1_795_000_000_000)
const isolateOf = (steering: 'latency' | 'listed' = 'latency'): Isolate =>
  newIsolate(
    testBase({
      endpoints: ['slow', 'fast'].map((id) => ({ id, key: endpointKey(id), origin: `https://${id}.test` })),
      pool: { steering },
      routes: [{ id: 'shop' }],
    }),
  )
const stateOf = ({ base, gateway }: Isolate, now = NOW) => firstState(base, now, gateway)

/** An isolate whose endpoints have answered so. */
function seen(latencies: Readonly<Record<string, number>>, now = NOW): Isolate {
  const isolate = isolateOf()
  for (const { endpoint, peak } of stateOf(isolate, now).candidates) {
    const latency = latencies[endpoint.id]
    if (peak !== undefined && latency !== undefined) notePeak(peak, { latency: ms(latency), sentAt: now }, now)
  }
  return isolate
}
const expectedOf = (isolate: Isolate, now = NOW): readonly (number | undefined)[] =>
  stateOf(isolate, now).candidates.map((candidate) => expectedLatency(candidate, { age: 'none', silent: true }, now))
const told = (endpoint: string, value: number, ago: number): ToldLatency => [routeId('shop'), endpointKey(endpoint), value, ago]
const shared =
  (...of: readonly ToldLatency[]) =>
  (isolate: Isolate, at = NOW, now = NOW) =>
    hearLatencies(isolate.gateway, of, at, now)

describe('what is heard', () => {
  test('counts for routes that have had no request and for those that have, until an endpoint has answered here', () => {
    const hear = shared(told('slow', 200, 100), told('fast', 20, 100))
    const cold = isolateOf()
    hear(cold)
    expect(expectedOf(cold)).toEqual([200, 20])
    const warm = seen({ slow: 90 })
    hear(warm)
    expect(expectedOf(warm)).toEqual([90, 20])
    const [slow] = stateOf(cold).candidates
    if (slow?.peak !== undefined) notePeak(slow.peak, { latency: ms(30), sentAt: NOW }, NOW)
    expect(expectedOf(cold)).toEqual([30, 20])
  })
  test('is forgotten a minute after it was seen, however often it is told', () => {
    const isolate = isolateOf()
    shared(told('fast', 20, 50_000))(isolate)
    expect(expectedOf(isolate, later(NOW, seconds(10)))).toEqual([undefined, 20])
    expect(expectedOf(isolate, later(NOW, ms(10_001)))).toEqual([undefined, undefined])
    const again = isolateOf()
    hearLatencies(again.gateway, tellLatencies(isolate.gateway, later(NOW, seconds(9))), later(NOW, seconds(9)), later(NOW, seconds(9)))
    expect(expectedOf(again, later(NOW, seconds(10)))).toEqual([undefined, 20])
    expect(expectedOf(again, later(NOW, seconds(11)))).toEqual([undefined, undefined])
    expect(tellLatencies(again.gateway, later(NOW, seconds(11)))).toEqual([])
  })
  test('is not taken back by what is older', () => {
    const isolate = isolateOf()
    shared(told('fast', 20, 100))(isolate)
    shared(told('fast', 900, 5000))(isolate)
    expect(expectedOf(isolate)).toEqual([undefined, 20])
    shared(told('fast', 25, 50))(isolate)
    expect(expectedOf(isolate)).toEqual([undefined, 25])
  })
})

test('what is told: own answers before what was heard, as old as they are, no more than is kept', () => {
  const isolate = seen({ slow: 200 })
  shared(told('slow', 7, 0), told('fast', 20.04, 1000))(isolate)
  expect(tellLatencies(isolate.gateway, later(NOW, seconds(1)))).toEqual([told('slow', 200, 1000), told('fast', 20, 2000)])
  const many = Array.from({ length: 2000 }, (_, index): ToldLatency => [routeId(`r${index}`), 'e' as EndpointKey, 5, index])
  shared(...many)(isolate)
  expect(isolate.gateway.heard.size).toBe(TOLD_MAX)
  expect(tellLatencies(isolate.gateway, NOW)).toHaveLength(TOLD_MAX)
})

test('what an entry may say', () => {
  const good = told('fast', 20, 100)
  expect(
    parseLatencies([
      good,
      ...[
        ['shop', 'fast', 20],
        ['shop', 'fast', -1, 0],
        ['shop', 'fast', 0, 0],
        ['shop', 'fast', '20', 0],
      ],
    ]),
  ).toEqual([good])
  expect(parseLatencies([['shop', 'fast', Number.NaN, 0], ['', 'fast', 1, 0], ['shop', 'fast', 1, 60_001], null, 7, {}])).toEqual([])
  for (const odd of [undefined, null, 'x', {}, 7]) expect(parseLatencies(odd)).toEqual([])
})

describe('isolates of one colo', () => {
  test('a new one steers well from its first request', async () => {
    const colo = new Colo()
    const old = seen({ slow: 200, fast: 20 }, instant(colo.now))
    const first = new FakeIsolate(colo, 'secret', passiveHealth(old))
    await serve(first, colo, 3000)
    const isolate = isolateOf()
    const { held } = await new FakeIsolate(colo, 'secret', passiveHealth(isolate)).request()
    const facts = { route: stateOf(isolate, instant(colo.now)), health: held }
    const picks = Array.from({ length: 50 }, (_, index) => pickEndpoint(facts, () => false, instant(colo.now), draw(0.02 + index * 0.0195)))
    expect(picks.every((pick) => pick.kind === 'picked' && pick.candidate.endpoint.id === 'fast')).toBe(true)
  })

  test('where no pool steers by latency nothing is told, and what others tell is passed by', async () => {
    const colo = new Colo()
    await serve(new FakeIsolate(colo, 'secret', passiveHealth(isolateOf('listed'))), colo, 2000)
    const bodies = () => [...colo.entries.values()].map(({ body }) => body).join()
    expect(bodies()).not.toContain('latencies')
    const telling = new FakeIsolate(colo, 'secret', passiveHealth(seen({ fast: 20 }, instant(colo.now))))
    await serve(telling, colo, 4000)
    expect(bodies()).toContain('"latencies":[["shop","fast",20,')
    expect((await new FakeIsolate(colo, 'secret').request()).held.snapshot).not.toHaveProperty('latencies')
  })

  test('a version that knows nothing of it reads the snapshot all the same', () => {
    const snapshot = new Colo().vantage('weur').snapshot()
    expect(parseSnapshot(JSON.parse(JSON.stringify({ ...snapshot, latencies: [told('fast', 20, 100)] })))).toBeDefined()
  })
})
