/** What hedging is for: few late answers, few attempts more. The committed figure is of `npm run failover -- --fault hedge`. */
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seconds, share } from '../../../config/units.ts'
import { dice, SEED } from '../../seed.ts'
import { type Running, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const LATE_MS = 600
const RATE = 80
const SECONDS = 10

const roll = dice(SEED)
let gateway: Running
let endpoints: readonly TestEndpoint[] = []
let attempts = 0

beforeAll(async () => {
  const endpoint = (lateShare: number) =>
    httpEndpoint((_, answer) => {
      attempts += 1
      setTimeout(() => answer.end('served'), 5 + (roll() < lateShare ? LATE_MS : 0))
    })
  endpoints = await Promise.all([endpoint(0.05), endpoint(0), endpoint(0)])
  gateway = await startGateway(
    testBase({
      endpoints: endpoints.map(({ origin }, index) => ({ id: `e${index}`, origin })),
      route: {
        timeouts: { request: seconds(10), attempt: seconds(5), slow: 'race', idle: seconds(30) },
        hedge: { after: { kind: 'quantile', quantile: share(0.95) }, share: share(0.07) },
      },
    }),
  )
})
afterAll(() => Promise.all([gateway.stop(), ...endpoints.map(({ stop }) => stop())]))

/** Resolves with its latency from when it was due, and rejects when it fails. */
function get(due: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: gateway.port, host: '127.0.0.1', headers: { host: 'shop.test' } }, (answer) => {
      answer.on('end', () => resolve(performance.now() - due)).resume()
    })
    sent.on('error', reject).end()
  })
}

/** At scheduled times, whether or not answers come. */
async function load(length: number): Promise<readonly number[]> {
  const start = performance.now()
  const answers: Promise<number>[] = []
  for (let count = 0; count < RATE * length; count += 1) {
    const due = start + (count * 1000) / RATE
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
    answers.push(get(due))
  }
  return (await Promise.all(answers)).toSorted((a, b) => a - b)
}

test('one request in twenty late, hedged at p95: all but a few are served in time, at seven attempts more in a hundred', async () => {
  // Until a quantile is known, and hedges are paid for.
  await load(5)
  attempts = 0
  const latencies = await load(SECONDS)
  const at = (part: number): number => latencies[Math.floor(part * latencies.length)] ?? 0
  const why = `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, attempts ${attempts / latencies.length}`
  expect(attempts / latencies.length, why).toBeLessThanOrEqual(1.08)
  expect(at(0.99), why).toBeLessThan(LATE_MS)
}, 60_000)
