import { describe, expect, test } from 'vitest'
import { ms, seconds } from '../../../config/units.ts'
import { raw, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint } from './endpoints.ts'

/** Requests a second. */
const RATE = 40

async function started() {
  /** What each endpoint waits before it answers, in ms. */
  const waits = { near: 20, middle: 60, far: 150 }
  const names = Object.keys(waits) as (keyof typeof waits)[]
  const made = await Promise.all(names.map((name) => httpEndpoint((_, answer) => void setTimeout(() => answer.end(name), waits[name]))))
  const gateway = await startGateway(
    testBase({
      endpoints: made.map(({ origin }, index) => ({ id: names[index] ?? '', origin })),
      pool: { steering: 'latency' },
      route: { timeouts: { request: seconds(5), attempt: ms(1000), slow: 'race', idle: seconds(30) } },
    }),
  )
  return { gateway, waits, stop: () => Promise.all([gateway.stop(), ...made.map((endpoint) => endpoint.stop())]) }
}

/** Requests that do not wait for each other; who answered each. */
async function load(port: number, length: number): Promise<readonly string[]> {
  const sent: Promise<string>[] = []
  const end = Date.now() + length
  while (Date.now() < end) {
    sent.push(raw(port, 'GET /a HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n').then(({ body }) => String(body)))
    await new Promise((resolve) => setTimeout(resolve, 1000 / RATE))
  }
  return Promise.all(sent)
}

const share = (answers: readonly string[], name: string): number => answers.filter((each) => each.includes(name)).length / answers.length

describe('steering by latency', () => {
  // Forty milliseconds of real time apart: where the machine pauses for longer, all endpoints look alike.
  test('goes to the fastest, and within five seconds to another when that one is fastest', { retry: 2 }, async () => {
    const { gateway, waits, stop } = await started()
    try {
      await load(gateway.port, 2000)
      expect(share(await load(gateway.port, 3000), 'near')).toBeGreaterThanOrEqual(0.9)
      waits.near = 300
      await load(gateway.port, 5000)
      expect(share(await load(gateway.port, 3000), 'middle')).toBeGreaterThanOrEqual(0.9)
    } finally {
      await stop()
    }
  })
})
