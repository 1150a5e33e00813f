/** F17 in virtual time: one region of three sends its small bodies a byte each half second from some moment on. */
import { expect, test } from 'vitest'
import { after, ms, seconds } from '../../../config/units.ts'
import { newIsolate } from '../../../worker/isolate.ts'
import type { Platform } from '../../../worker/ports.ts'
import { SEED, dice as seeded } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { NO_HEALTH } from './carry.ts'
import { diceOf } from './random-gateway.ts'
import { VirtualPlatform } from './virtual-platform.ts'

/** Not imported by name: its types are the Workers', and these tests have Node's. */
const APP: string = '../../../worker/app.ts'
type Gateway = (request: Request, platform: Platform) => Promise<Response>
const { makeGateway } = (await import(APP)) as { readonly makeGateway: (runtime: object) => Gateway }

const RATE = 200
const LENGTH = 200

/** As it was asked for: a request of four clients, one in ten a write, half of those for a store that all regions share. */
function requestOf(index: number): Request {
  const writes = index % 10 === 0
  const headers = new Headers({ 'cf-connecting-ip': `203.0.${index % 4}.1`, ...(writes ? { 'content-length': '5' } : {}) })
  const url = `https://shop.test/${writes && index % 20 === 0 ? 'shared' : 'a'}`
  const body = writes ? new Response('order').body : null
  const { signal } = new AbortController()
  return { method: writes ? 'POST' : 'GET', url, headers, body, signal, arrayBuffer: () => new Response(body).arrayBuffer() } as Request
}

test(`at most fifteen bodies reach clients before the region is left, no read is lost, seed ${SEED}`, async () => {
  const roll = diceOf(seeded(SEED))
  const answer = (): Response => {
    const drips = (platform.sent.at(-1)?.url ?? '').startsWith('https://e0') && platform.now() >= from
    const body = new ReadableStream({ type: 'bytes', start: (controller) => (drips ? drip(controller, 1) : whole(controller)) })
    return Object.assign(new Response(body, { headers: { 'content-length': String(LENGTH) } }), { webSocket: null })
  }
  const whole = (controller: ReadableByteStreamController): void => {
    controller.enqueue(new Uint8Array(LENGTH))
    controller.close()
  }
  const drip = (controller: ReadableByteStreamController, sent: number): void =>
    void platform.wakeAfter(ms(500), () => {
      try {
        controller.enqueue(new Uint8Array(1))
        if (sent < LENGTH) drip(controller, sent + 1)
        else controller.close()
      } catch {
        // Nobody wants it any more.
      }
    })
  // Heads come after five milliseconds.
  const platform: VirtualPlatform = new VirtualPlatform({ ...roll, oneOf: (items) => items[1] ?? items[0] } as typeof roll, answer)
  const begun = platform.now()
  const from = after(begun, seconds(1))
  const base = testBase({
    endpoints: ['e0', 'e1', 'e2'].map((id, zone) => ({ id, origin: `https://${id}.test`, region: `region-${zone}` })),
    pool: { steering: 'weighted' },
    route: { timeouts: { request: seconds(15), attempt: seconds(1), slow: 'race', idle: seconds(30) } },
    routes: [{ id: 'shared', paths: [{ kind: 'exact', value: '/shared' }], writes: 'anywhere' }, { id: 'all' }],
  })
  const gateway = makeGateway({
    isolate: newIsolate(base),
    inbound: { settings: base.inbound, serves: () => true },
    health: { pin: () => NO_HEALTH, record: () => {}, holdsProbation: () => false, takeProbation: () => false },
    faultGate: async () => false,
    log: () => {},
  })
  const served: {
    readonly index: number
    readonly status: number
    readonly dripped: boolean
    readonly at: number
    readonly took: number
  }[] = []
  const send = async (index: number): Promise<void> => {
    const at = platform.now()
    const { status, headers, body } = await gateway(requestOf(index), platform)
    const dripped = headers.get('meridian-endpoint') === 'e0' && at >= from - 10
    served.push({ index, status, dripped, at: at - from, took: platform.now() - at })
    // Read as it comes, or nothing would ever be seen to be slow.
    void body?.pipeTo(new WritableStream()).catch(() => {})
  }
  for (let index = 0; index < RATE * 6; index += 1) platform.wakeAfter(ms((index * 1000) / RATE), () => void send(index))
  await platform.finish(platform.sleep(seconds(24)))
  const dripped = served.filter((each) => each.dripped)
  expect(served.length).toBe(RATE * 6)
  expect(served.filter(({ status }) => status !== 200)).toEqual([])
  expect(dripped.length, JSON.stringify(dripped)).toBeLessThanOrEqual(15)
  expect(Math.max(...dripped.map(({ at }) => at))).toBeLessThanOrEqual(3000)
})
