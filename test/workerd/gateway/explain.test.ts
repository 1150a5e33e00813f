/** `explain` over the operators' API on the real runtime: what it says comes true, nothing is sent, and hostile questions are refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExplainedDecision, Explanation } from '../../../config/explanation.ts'
import { bundle, COMPATIBILITY, type Running, startWorkers } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const EXPLAIN = '/.well-known/meridian/explain'
let running: Running
let endpoint: TestEndpoint
const seen: { readonly url: string | undefined; readonly headers: NodeJS.Dict<string | string[]> }[] = []

beforeAll(async () => {
  endpoint = await httpEndpoint(({ url, headers }, response) => {
    seen.push({ url, headers })
    response.end('well')
  })
  const base = testBase({
    endpoints: [
      { id: 'one', origin: endpoint.origin, headers: [['x-api-key', 'of the ingress']] },
      { id: 'out', origin: 'http://127.0.0.1:9', drain: true },
    ],
    route: { hosts: ['127.0.0.1'] },
  })
  const script = await bundle('worker/index.ts', base)
  running = await startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY, bindings: { OPERATOR_TOKEN: 'secret' } }])
})
afterAll(async () => {
  await running.stop()
  await endpoint.stop()
})

const post = (body: string, authorization = 'Bearer secret'): Promise<Response> =>
  fetch(`${running.url}${EXPLAIN}`, { method: 'POST', headers: { authorization }, body })

async function explain(question: object): Promise<Explanation> {
  const answer = await post(JSON.stringify(question))
  expect(answer.status).toBe(200)
  return (await answer.json()) as Explanation
}

describe('an explanation', () => {
  test('names what then happens, and nothing is sent for it', async () => {
    const url = `${running.url}/cart?a=1`
    const headers = [['authorization', 'Bearer of the client']]
    const { decision, silentVantages } = await explain({ method: 'GET', url, headers })
    expect(seen).toEqual([])
    expect(decision).toMatchObject({
      kind: 'forwarded',
      route: 'all',
      plan: {
        pool: 'pool',
        candidates: [
          { endpoint: 'one', place: 1, standing: 'routable' },
          { endpoint: 'out', eligible: false, standing: 'drained' },
        ],
      },
    })
    expect(silentVantages).toEqual([{ vantage: 'weur', problem: expect.any(String) }])
    const { outgoing } = decision as Extract<ExplainedDecision, { kind: 'forwarded' }>
    await fetch(url, { headers: { authorization: 'Bearer of the client' } })
    expect(`${endpoint.origin}${seen[0]?.url}`).toBe(outgoing.url)
    const told = Object.fromEntries(outgoing.set)
    for (const name of ['x-forwarded-host', 'x-forwarded-proto', 'meridian-attempt', 'cdn-loop'])
      expect(seen[0]?.headers[name]).toBe(told[name])
  })

  test('repeats no secret', async () => {
    const headers = [
      ['authorization', 'Bearer of the client'],
      ['cookie', 'session=of the client'],
    ]
    const text = JSON.stringify(await explain({ method: 'GET', url: running.url, headers }))
    expect(text).not.toMatch(/of the client|of the ingress/)
    expect(text).toContain('["x-api-key","(hidden)"]')
    expect(running.log.join('\n')).not.toContain('of the client')
  })

  test.each([
    [{ method: 'GET', url: 'https://elsewhere.example.org/' }, 'ERR_UNKNOWN_HOST'],
    [{ method: 'GET', url: 'https://127.0.0.1/a//b' }, 'ERR_BAD_REQUEST_PATH'],
    [{ method: 'TRACE', url: 'https://127.0.0.1/' }, 'ERR_METHOD_REFUSED'],
    [{ method: 'CONNECT', url: 'https://127.0.0.1/' }, 'ERR_METHOD_UNKNOWN'],
    [{ method: 'GET', url: 'https://127.0.0.1/', headers: [['x', 'x'.repeat(40_000)]] }, 'ERR_HEADERS_TOO_LARGE'],
  ])('of %j says that it is refused with %s', async (question, code) =>
    expect((await explain(question)).decision).toMatchObject({ kind: 'refused', code }),
  )
})

describe('a question', () => {
  test.each([
    ['', 'expected JSON'],
    ['[]', 'expected an object'],
    ['{"method":"GET"}', 'url: expected a URL'],
    ['{"method":"G T","url":"https://127.0.0.1/"}', 'method: expected a method'],
    ['{"method":"GET","url":"https://127.0.0.1/#x"}', 'url: expected a URL'],
    ['{"method":"GET","url":"https://127.0.0.1/ x"}', 'url: expected a URL'],
    ['{"method":"GET","url":"file:///etc/passwd"}', 'url: expected a URL'],
    ['{"method":"GET","url":"https://127.0.0.1/","headers":[["a b","c"]]}', 'headers[0]: expected a pair'],
    ['{"method":"GET","url":"https://127.0.0.1/","headers":[["a","b\\r\\nc: d"]]}', 'headers[0]: expected a pair'],
    ['{"method":"GET","url":"https://127.0.0.1/","client":{"latitude":"1"}}', 'client: expected an object'],
    ['{"method":"GET","url":"https://127.0.0.1/","draws":[1]}', 'draws: expected a list'],
    ['{"method":"GET","url":"https://127.0.0.1/","send":true}', 'and nothing else'],
    [`{"method":"GET","url":"https://127.0.0.1/${'x'.repeat(140_000)}"}`, 'at most 131072 bytes'],
  ])('%.60s is refused, with its place', async (body, says) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(((await answer.json()) as { detail: string }).detail).toContain(says)
  })

  test('without the token gets nothing', async () => expect((await post('{}', 'Bearer other')).status).toBe(401))
  test('is asked by POST alone', async () =>
    expect((await fetch(`${running.url}${EXPLAIN}`, { headers: { authorization: 'Bearer secret' } })).status).toBe(404))
})
