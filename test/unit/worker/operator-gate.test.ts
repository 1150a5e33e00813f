/** Which refusals at the operators' door count as failures of their network: guesses, and nothing that a page can make a browser ask. */
import { expect, test } from 'vitest'
import type { Inbound } from '../../../worker/inbound/read-inbound.ts'
import { makeOperatorGate } from '../../../worker/operator/operator-gate.ts'
import type { Platform } from '../../../worker/ports.ts'
import { NOW } from './sample-issuer.ts'

type Asked = Readonly<Record<string, string>>
const GOOD: Asked = { authorization: 'Bearer secret' }
const IN = 'in'

function door() {
  const log: string[] = []
  const gate = makeOperatorGate({
    settings: undefined,
    secret: 'secret',
    isOwn: (host) => host === 'ops.test',
    log: (line) => log.push(line),
    keys: { held: () => ({ kind: 'none' }), noteUnknownKey: () => {} },
    regexOf: () => {
      throw new Error('no expressions here')
    },
  })
  const ask = async (headers: Asked): Promise<number | typeof IN> => {
    const path = '/.well-known/meridian/status'
    const inbound = { host: 'ops.test', path, address: '203.0.113.7', receivedAt: NOW, requestId: 'r' } as unknown as Inbound
    const answer = await gate(new Request(`https://ops.test${path}`, { headers }), inbound, 'status', {} as Platform)
    return answer.kind === 'in' ? IN : answer.response.status
  }
  return { ask, log }
}

test.each<[string, Asked, number]>([
  ['without anything, as an image of a page asks', {}, 401],
  ['from a page of another site', { origin: 'https://evil.test' }, 403],
  ['from one that guesses', { origin: 'https://evil.test', authorization: 'Bearer guess' }, 403],
  ['with the name and password of an address', { authorization: `Basic ${btoa('a:b')}` }, 401],
  ['with a cookie', { cookie: 'token=guess' }, 401],
])('a hundred times %s shut nobody out, and leave ten lines', async (_what, headers, status) => {
  const { ask, log } = door()
  for (let time = 0; time < 100; time += 1) expect(await ask(headers)).toBe(status)
  expect(await ask(GOOD)).toBe(IN)
  expect(log).toHaveLength(10)
})

test('ten guesses do, and the lines of others are none of theirs', async () => {
  const { ask, log } = door()
  for (let time = 0; time < 20; time += 1) await ask({})
  for (let time = 0; time < 10; time += 1) expect(await ask({ authorization: 'Bearer guess' })).toBe(401)
  expect(await ask(GOOD)).toBe(429)
  expect(log.filter((line) => line.includes('is not the secret'))).toHaveLength(10)
})
