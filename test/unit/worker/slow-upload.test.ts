/** A client that takes its time over a small body, which is kept: in virtual time, through the whole of `handle`. */
import { expect, test } from 'vitest'
import { seconds } from '../../../config/units.ts'
import { newIsolate } from '../../../worker/isolate.ts'
import type { Platform } from '../../../worker/ports.ts'
import { dice } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { NO_HEALTH } from './carry.ts'
import { diceOf } from './random-gateway.ts'
import { VirtualPlatform } from './virtual-platform.ts'

/** Not imported by name: its types are the Workers', and these tests have Node's. */
const APP: string = '../../../worker/app.ts'
type Gateway = (request: Request, platform: Platform) => Promise<Response>
const { makeGateway } = (await import(APP)) as { readonly makeGateway: (runtime: object) => Gateway }

function gatewayOf(): Gateway {
  const base = testBase({
    endpoints: [{ id: 'e0', origin: 'https://e0.test' }],
    route: { timeouts: { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(30) } },
  })
  return makeGateway({
    isolate: newIsolate(base),
    inbound: { settings: base.inbound, serves: () => true },
    health: { pin: () => NO_HEALTH, record: () => {}, holdsProbation: () => false, takeProbation: () => false },
    faultGate: async () => false,
    log: () => {},
  })
}

test.each([0, 4, 20])('an upload of %i s leaves its endpoint all the time that the route gives', async (length) => {
  const platform = new VirtualPlatform(diceOf(dice(1)), () => Object.assign(new Response('taken'), { webSocket: null }))
  const arrayBuffer = async (): Promise<ArrayBuffer> => {
    await platform.sleep(seconds(length))
    return new TextEncoder().encode('order').buffer as ArrayBuffer
  }
  const headers = new Headers({ 'content-length': '5' })
  const { signal } = new AbortController()
  const request = {
    method: 'POST',
    url: 'https://shop.test/orders',
    headers,
    body: new Response('order').body,
    signal,
    arrayBuffer,
  } as Request
  const { status } = await platform.finish(gatewayOf()(request, platform))
  expect({ status, left: platform.sent.map(({ outgoing }) => outgoing.headers.get('meridian-deadline-ms')) }).toEqual({
    status: 200,
    left: ['5000'],
  })
})
