/** The operators' API on the real runtime: who may read the status, where, and that its paths never reach an endpoint. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, COMPATIBILITY, type Running, raw, startWorkers } from '../harness.ts'
import { testBase } from './base.ts'

const STATUS = '/.well-known/meridian/status'
let guarded: Running
let bare: Running

beforeAll(async () => {
  const script = await bundle(
    'worker/index.ts',
    testBase({ endpoints: [{ id: 'one', origin: 'http://127.0.0.1:9' }], route: { hosts: ['127.0.0.1'] } }),
  )
  guarded = await startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY, bindings: { OPERATOR_TOKEN: 'secret' } }])
  bare = await startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY }])
})
afterAll(() => Promise.all([guarded.stop(), bare.stop()]))

const ask = (path: string, authorization?: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${guarded.url}${path}`, { ...init, headers: authorization === undefined ? {} : { authorization } })

describe('the status', () => {
  test('names each vantage, and says of one that does not answer why', async () => {
    const answer = await ask(STATUS, 'Bearer secret')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const document = (await answer.json()) as { format: number; vantages: { answered: boolean; problem: string }[] }
    expect(document.format).toBe(1)
    expect(document.vantages.length).toBeGreaterThan(0)
    for (const vantage of document.vantages) expect(vantage).toMatchObject({ answered: false, problem: expect.any(String) })
  })

  test.each([
    ['no token', undefined, 401],
    ['another token', 'Bearer secreT', 401],
    ['a longer token', 'Bearer secret2', 401],
    ['the token by Basic', `Basic ${btoa('a:secret')}`, 401],
    ['an empty token', 'Bearer ', 401],
    ['two tokens', 'Bearer secret, Bearer secret', 401],
  ])('is refused with %s', async (_what, authorization, status) => {
    const answer = await ask(STATUS, authorization)
    expect(answer.status).toBe(status)
    expect(await answer.text()).not.toContain('vantages')
  })
})

test('there is no API while no token is set', async () => {
  const answer = await fetch(`${bare.url}${STATUS}`, { headers: { authorization: 'Bearer ' } })
  expect(answer.status).toBe(404)
  expect(answer.headers.get('meridian-code')).toBe('ERR_NO_ROUTE')
})

test('other paths under its prefix are not sent to an endpoint', async () => {
  expect((await ask('/.well-known/meridian/other', 'Bearer secret')).status).toBe(404)
  expect((await ask(`${STATUS}`, 'Bearer secret', { method: 'POST' })).status).toBe(404)
})

test.each(['[', 'a b', 'shop.test:99999'])('a host that is none (%s) is refused, not a failure', async (host) => {
  expect((await raw(guarded.port, `GET ${STATUS} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).status).toBe(400)
})
