/** What a bug becomes, in the request path and in the operators' API: an answer that says nothing of it, and a line in the log that says all. */
import { expect, test } from 'vitest'
import { makeGateway, withinBoundary } from '../../../worker/app.ts'
import { staticKeyRing } from '../../../worker/identity/key-ring.ts'
import { makeOperatorsApi } from '../../../worker/operator/api.ts'
import { dice } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { Driven } from '../explain/drive.ts'
import { VirtualPlatform } from './virtual-platform.ts'

const bug = (): never => {
  throw new Error('a bug within')
}
const { runtime } = new Driven(testBase({ endpoints: [{ id: 'a', origin: 'https://a.test' }] }))
const platform = new VirtualPlatform({ roll: dice(1) } as never, bug)
const tokens = { settings: undefined, keys: staticKeyRing([]), regexOf: bug }
const ports = {
  ...tokens,
  token: 'secret',
  pools: [],
  vantages: [],
  vantage: bug,
  problems: async () => [],
  runtime,
  director: undefined,
  serves: () => true,
}

test.each([
  ['the request path', (log: (line: string) => void) => makeGateway({ ...runtime, log, inbound: { ...runtime.inbound, serves: bug } })],
  ["the operators' API", (log: (line: string) => void) => withinBoundary(makeOperatorsApi({ ...ports, serves: bug }), log)],
] as const)('a bug in %s is a 500 with its code, and a line with its stack', async (_, make) => {
  const lines: string[] = []
  const request = new Request('https://shop.test/.well-known/meridian/status', { headers: { authorization: 'Bearer secret' } })
  const response = await make((line) => void lines.push(line))(request, platform)
  expect([response.status, response.headers.get('meridian-code')]).toEqual([500, 'ERR_INTERNAL'])
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as { requestId: string }
  expect(JSON.stringify(problem)).not.toContain('within')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { kind: 'bug', requestId: problem.requestId, error: expect.stringContaining('a bug within') },
  ])
})

test("what the operators' API refuses on purpose is no bug", async () => {
  const lines: string[] = []
  const api = withinBoundary(makeOperatorsApi(ports), (line) => void lines.push(line))
  expect((await api(new Request('https://shop.test/.well-known/meridian/status'), platform)).status).toBe(401)
  expect(lines).toEqual([])
})
