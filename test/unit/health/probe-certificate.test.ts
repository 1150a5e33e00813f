/** Probes of endpoints that demand a client certificate: through the binding that presents it, and without it where there is none. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { probe } from '../../../durable-objects/platform.ts'
import { monitor } from './samples.ts'

let asked = 0
const server = createServer((_, answer) => {
  asked += 1
  answer.writeHead(496).end()
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ready`
})
afterAll(() => server.close())

const guarded = () => ({ ...monitor, url, clientCertificate: 'EDGE' })

test('the binding is asked, as the monitor says', async () => {
  const seen: unknown[] = []
  const binding = {
    fetch: async (asks: string, init: RequestInit) => {
      seen.push(asks, init.method, init.redirect)
      return new Response('ready')
    },
  }
  expect(await probe(guarded(), { EDGE: binding })).toMatchObject({ kind: 'passed', status: 200 })
  expect(seen).toEqual([url, 'GET', 'manual'])
  expect(asked).toBe(0)
})

test.each([
  ['missing', {}],
  ['something else', { EDGE: 'text' }],
])('a binding that is %s: the endpoint is probed without, and the failure says so', async (_, bindings) => {
  const before = asked
  expect(await probe(guarded(), bindings)).toMatchObject({
    kind: 'failed',
    phase: 'status',
    detail: 'without a certificate, for want of a binding EDGE: status 496',
  })
  expect(asked).toBe(before + 1)
})

test('nothing is said of a binding that no monitor names', async () => {
  const { clientCertificate: _, ...plain } = guarded()
  expect(await probe(plain, {})).toMatchObject({ detail: 'status 496' })
})
