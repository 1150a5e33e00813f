/** For how long a request that waits has its place at an endpoint with a limit: through the whole of `handle`, in virtual time. */
import { describe, expect, test } from 'vitest'
import { bytes, type DurationMs, ms, seconds } from '../../../config/units.ts'
import { newIsolate } from '../../../worker/isolate.ts'
import type { Platform } from '../../../worker/ports.ts'
import { dice as seeded } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { NO_HEALTH } from './carry.ts'
import { diceOf } from './random-gateway.ts'
import { VirtualPlatform } from './virtual-platform.ts'

/** Not imported by name: its types are the Workers', and these tests have Node's. */
const APP: string = '../../../worker/app.ts'
type Gateway = (request: Request, platform: Platform) => Promise<Response>
const { makeGateway } = (await import(APP)) as { readonly makeGateway: (runtime: object) => Gateway }

/** Two may wait at each of so many endpoints, none of which ever answers. */
function silent(endpoints: number) {
  const platform = new VirtualPlatform(diceOf(seeded(1)), () => 'silent')
  const base = testBase({
    endpoints: Array.from({ length: endpoints }, (_, index) => ({ id: `e${index}`, origin: `https://e${index}.test`, concurrency: 2 })),
    pool: { limits: { adaptive: false, classes: ['normal'] } },
    route: { timeouts: { request: seconds(15), attempt: ms(300), slow: 'race', idle: seconds(30) }, replayMax: bytes(100) },
  })
  const gateway = makeGateway({
    isolate: newIsolate(base),
    inbound: { settings: base.inbound, serves: () => true },
    health: { pin: () => NO_HEALTH, record: () => {}, holdsProbation: () => false, takeProbation: () => false },
    faultGate: async () => false,
    log: () => {},
  })
  const pass = (time: DurationMs): Promise<void> => platform.finish(platform.sleep(time))
  return { platform, pass, send: (request: Request) => gateway(request, platform) }
}

/** As the runtime hands it over. */
const requestOf = (method: string, body: ReadableStream | null = null, length = 0, signal = new AbortController().signal): Request =>
  ({
    method,
    url: 'https://shop.test/a',
    headers: new Headers(body === null ? {} : { 'content-length': String(length) }),
    body,
    arrayBuffer: () => new Response(body).arrayBuffer(),
    signal,
    cf: undefined,
  }) as unknown as Request

const small = (): ReadableStream | null => new Response('order').body
const codeOf = (answer: Response): string | null => answer.headers.get('meridian-code')

describe('a place is kept for as long as the attempt lasts, and no longer', () => {
  test.each<[string, number, () => Request, number]>([
    ['writes', 1, () => requestOf('POST', small(), 5), 3],
    ['reads of a pool of one', 1, () => requestOf('GET'), 3],
    // Each has two attempts under way, the second without a timer.
    ['reads that race', 2, () => requestOf('GET'), 3],
    ['uploads that take longer than the request may', 1, () => requestOf('POST', new ReadableStream(), 1000), 40],
  ])('%s', async (_, endpoints, request, time) => {
    const { platform, pass, send } = silent(endpoints)
    for (const _each of [1, 2]) void send(request())
    await pass(seconds(time))
    const before = platform.sent.length
    expect(before).toBe(2 * endpoints)
    expect(codeOf(await platform.finish(send(request())))).toBe('ERR_OVER_LIMIT')
    expect(platform.sent.length).toBe(before)
  })

  test('an upload that has ended waits until its deadline', async () => {
    const { platform, pass, send } = silent(1)
    const uploads: ReadableStreamDefaultController[] = []
    const upload = () => requestOf('POST', new ReadableStream({ start: (controller) => void uploads.push(controller) }), 1000)
    const sent = [send(upload()), send(upload())]
    await pass(seconds(290))
    for (const controller of uploads) controller.close()
    await pass(seconds(14))
    expect(codeOf(await platform.finish(send(requestOf('GET'))))).toBe('ERR_OVER_LIMIT')
    for (const each of sent) expect((await platform.finish(each)).status).toBe(504)
    void send(requestOf('GET'))
    await pass(ms(10))
    expect(platform.sent.length).toBe(3)
  })

  test('a client that goes away leaves its place at once', async () => {
    const { platform, pass, send } = silent(1)
    const clients = [new AbortController(), new AbortController()]
    const gone = clients.map(({ signal }) => send(requestOf('GET', null, 0, signal)))
    await pass(seconds(1))
    expect(codeOf(await platform.finish(send(requestOf('GET'))))).toBe('ERR_OVER_LIMIT')
    for (const client of clients) client.abort()
    await pass(ms(10))
    for (const _each of gone) void send(requestOf('GET'))
    await pass(ms(10))
    expect(platform.sent.length).toBe(4)
    await Promise.all(gone)
  })
})
