/** What becomes of small bodies that are held because it was their turn, and do not come: through the whole of `handle`, in virtual time. */
import { describe, expect, test } from 'vitest'
import type { Route } from '../../../config/base.ts'
import { draw, ms, seconds } from '../../../config/units.ts'
import { newIsolate } from '../../../worker/isolate.ts'
import type { Evidence } from '../../../worker/policy/evidence.ts'
import type { Platform } from '../../../worker/ports.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { NO_HEALTH } from './carry.ts'
import { diceOf } from './random-gateway.ts'
import { VirtualPlatform } from './virtual-platform.ts'

/** Not imported by name: its types are the Workers', and these tests have Node's. */
const APP: string = '../../../worker/app.ts'
type Gateway = (request: Request, platform: Platform) => Promise<Response>
const { makeGateway } = (await import(APP)) as { readonly makeGateway: (runtime: object) => Gateway }

const RACE = { request: seconds(15), attempt: seconds(1), slow: 'race', idle: seconds(30) } as const

/** Endpoints that say 5,000 bytes at once, and send the last 4,000 of them after so long: one each. */
function sending(lasts: readonly number[], route: Partial<Route> = {}) {
  const answer = (): Response => {
    const at = Number(/^https:\/\/e(\d)/.exec(platform.sent.at(-1)?.url ?? '')?.[1])
    const body = new ReadableStream({
      type: 'bytes',
      start(controller) {
        controller.enqueue(new Uint8Array(1000))
        platform.wakeAfter(ms(lasts[at] ?? 0), () => {
          try {
            controller.enqueue(new Uint8Array(4000))
            controller.close()
          } catch {
            // Nobody wants it any more.
          }
        })
      },
    })
    return Object.assign(new Response(body, { headers: { 'content-length': '5000' } }), { webSocket: null })
  }
  // Heads come after a millisecond.
  const platform: VirtualPlatform = new VirtualPlatform(
    diceOf(() => draw(0)),
    answer,
  )
  const base = testBase({
    endpoints: lasts.map((_, index) => ({ id: `e${index}`, origin: `https://e${index}.test` })),
    route: { timeouts: RACE, ...route },
  })
  const evidence: Evidence[] = []
  const gateway = makeGateway({
    isolate: newIsolate(base),
    inbound: { settings: base.inbound, serves: () => true },
    health: {
      pin: () => NO_HEALTH,
      record: (said: { readonly evidence: readonly Evidence[] }) => evidence.push(...said.evidence),
      holdsProbation: () => false,
      takeProbation: () => false,
    },
    faultGate: async () => false,
    log: () => {},
  })
  const ask = async (method: string) => {
    const body = method === 'GET' ? null : new Response('order').body
    const headers = new Headers(body === null ? {} : { 'content-length': '5' })
    const { signal } = new AbortController()
    const asked = { method, url: 'https://shop.test/a', headers, body, signal, arrayBuffer: () => new Response(body).arrayBuffer() }
    const begun = platform.now()
    const answered = await platform.finish(gateway(asked as unknown as Request, platform))
    const after = platform.now() - begun
    const { byteLength } = await platform.finish(answered.arrayBuffer())
    return { status: answered.status, attempts: answered.headers.get('meridian-attempts'), after, whole: byteLength === 5000 }
  }
  const failures = () => evidence.filter(({ result }) => result !== 'succeeded').map(({ phase }) => phase)
  return { ask, failures }
}

describe('a body that comes late', () => {
  test.each<[string, string, number, Partial<Route>]>([
    ['of a write', 'POST', 3, {}],
    ['of a pool of one', 'GET', 1, {}],
    ['where slow attempts are aborted: its head was in time', 'GET', 2, { timeouts: { ...RACE, slow: 'abort' } }],
  ])('is passed on after a moment, %s', async (_, method, endpoints, route) => {
    const { ask } = sending(Array(endpoints).fill(16_000), route)
    expect(await ask(method)).toEqual({ status: 200, attempts: '1', after: 151, whole: true })
  })

  test('comes from the endpoint that has it whole, and the other one is blamed, as long as one has it', async () => {
    const { ask, failures } = sending([100_000, 0])
    expect(await ask('GET')).toEqual({ status: 200, attempts: '2', after: 1001, whole: true })
    expect(failures()).toEqual(['body'])
  })

  test('everywhere is nobody’s fault: the first answer goes on, and for a time none is held', async () => {
    const { ask, failures } = sending([16_000, 16_000])
    expect(await ask('GET')).toEqual({ status: 200, attempts: '2', after: 1501, whole: true })
    expect(failures()).toEqual([])
  })

  test('everywhere is found out once in ten seconds, whatever comes meanwhile', async () => {
    const { ask, failures } = sending([4000, 4000])
    expect(await ask('GET')).toMatchObject({ attempts: '2' })
    expect(await ask('GET')).toEqual({ status: 200, attempts: '1', after: 1, whole: true })
    expect(failures()).toEqual([])
  })
})

test('what comes at once is held until it is whole', async () => {
  expect(await sending([40]).ask('GET')).toEqual({ status: 200, attempts: '1', after: 40, whole: true })
})
