/** The nouns of the operators' API that change something, with a director that writes down what it is told. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { ChangeReply, ChangeRequest, DirectorForOperators } from '../../../config/director.ts'
import type { ChangeProblem } from '../../../config/operator-documents.ts'
import { staticKeyRing } from '../../../worker/identity/key-ring.ts'
import { makeOperatorsApi } from '../../../worker/operator/api.ts'
import { dice } from '../../seed.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { Driven } from '../explain/drive.ts'
import { VirtualPlatform } from './virtual-platform.ts'

const bug = (): never => {
  throw new Error('a bug within')
}
const { runtime } = new Driven(testBase({ endpoints: [{ id: 'a', origin: 'https://a.test', headers: [['x-key', 'secret of a']] }] }))
const platform = new VirtualPlatform({ roll: dice(1) } as never, bug)

let lines: Record<string, unknown>[] = []
let asked: ChangeRequest[] = []
let reply: ChangeReply | Error
const director: DirectorForOperators = {
  change: async (request) => {
    asked.push(request)
    if (reply instanceof Error) throw reply
    return reply
  },
  view: async () => Promise.reject(new Error('storage is gone')),
  revisions: bug,
  audit: async (page) => ({ entries: [], ...(page.before === undefined ? {} : { next: page.before - 1 }) }),
  learn: async () => {},
}
beforeEach(() => {
  lines = []
  asked = []
  reply = { kind: 'done', revision: 4, differences: [{ field: 'pools.shop.a.weight', before: 1, after: 2 }] }
})

function api(bound: (() => DirectorForOperators) | undefined) {
  const log = (line: string) => void lines.push(JSON.parse(line))
  const tokens = { settings: undefined, keys: staticKeyRing([]), regexOf: bug }
  const ports = { ...tokens, pools: [], vantages: [], vantage: bug, problems: async () => [] }
  return makeOperatorsApi({ ...ports, token: 'secret', runtime: { ...runtime, log }, director: bound, serves: () => true })
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly bound?: (() => DirectorForOperators) | undefined
}

async function ask(method: string, noun: string, { headers = {}, body, ...rest }: Asked = {}) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const request = new Request(`https://ops.test/.well-known/meridian/${noun}`, {
    method,
    headers: { authorization: 'Bearer secret', ...headers },
    ...(text === undefined ? {} : { body: text }),
  })
  const response = await api('bound' in rest ? rest.bound : () => director)(request, platform)
  const answer = (await response.json()) as ChangeProblem & { readonly base?: unknown }
  return { status: response.status, retryAfter: response.headers.get('retry-after'), etag: response.headers.get('etag'), answer }
}

const HEADER = Headers.prototype.get
const SET = { kind: 'set-weights', pool: 'shop', weights: { a: 2 } }
const BODY = { changes: [SET], reason: 'more for a' }

test('a change is the director’s to make, by whom, why and for which revision', async () => {
  const headers = { 'if-match': '"3"', 'idempotency-key': 'k1', 'meridian-operator': 'ann' }
  const { status, etag, answer } = await ask('POST', 'weights', { body: { ...BODY, door: 'cli' }, headers })
  expect([status, etag]).toEqual([200, '"4"'])
  expect(answer).toMatchObject({ format: 1, revision: 4, dryRun: false, differences: [{ before: 1, after: 2 }] })
  expect(asked).toEqual([{ changes: [SET], reason: 'more for a', by: 'ann (claimed)', door: 'cli', ifMatch: 3, id: 'k1' }])
  expect(lines).toMatchObject([{ kind: 'operators', by: 'ann (claimed)', status: 200, revision: 4, fields: ['pools.shop.a.weight'] }])
})

test('a long name is cut between characters', async () => {
  // Header values of this runtime are bytes; workerd reads them as UTF-8.
  const get = vi.spyOn(Headers.prototype, 'get')
  get.mockImplementation(function (this: Headers, name) {
    return name === 'meridian-operator' ? `x${'😀'.repeat(100)}` : HEADER.call(this, name)
  })
  await ask('POST', 'weights', { body: BODY }).finally(() => get.mockRestore())
  expect(asked[0]?.by).toBe(`x${'😀'.repeat(39)} (claimed)`)
})

test('who bears the secret and says no name has none', async () => {
  await ask('POST', 'weights', { body: BODY, headers: { 'meridian-operator': ' \t ' } })
  expect(asked[0]?.by).toBe('the secret OPERATOR_TOKEN')
})

test('somebody was faster: 412 with the difference, and nothing is done', async () => {
  reply = { kind: 'conflict', revision: 5, differences: [{ field: 'pools.shop.a.weight', before: 1, after: 9, owner: 'operator' }] }
  const { status, answer } = await ask('POST', 'weights', { body: BODY, headers: { 'if-match': '4' } })
  expect(status).toBe(412)
  expect(answer).toMatchObject({ revision: 5, differences: [{ field: 'pools.shop.a.weight', before: 1, after: 9 }] })
  expect(lines).toMatchObject([{ status: 412, revision: 5 }])
})

test('what the director refuses is 422, each defect with its place', async () => {
  reply = { kind: 'refused', defects: [{ path: ['changes', 0, 'weights', 'b'], expected: 'an endpoint of shop', found: '"b"' }] }
  const { status, answer } = await ask('POST', 'weights', { body: BODY })
  expect([status, answer.defects]).toEqual([422, [{ path: 'changes[0].weights.b', expected: 'an endpoint of shop', found: '"b"' }]])
})

describe('hostile bodies reach nobody', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  test.each([
    ['nothing', '', '.'],
    ['no JSON', '{', '.'],
    ['a list', '[]', '.'],
    ['too deep', deep, '.'],
    ['a megabyte', JSON.stringify({ ...BODY, reason: 'x'.repeat(2 ** 20) }), '.'],
    ['an unknown field', JSON.stringify({ ...BODY, by: 'the boss' }), 'by'],
    ['a prototype', '{"__proto__":{"dryRun":true},"changes":[],"reason":"x"}', '__proto__'],
    ['no changes', JSON.stringify({ ...BODY, changes: [] }), 'changes'],
    ['no reason', JSON.stringify({ changes: [SET] }), 'reason'],
    ['a reason that steers terminals', JSON.stringify({ ...BODY, reason: 'a\u001b[2J' }), 'reason'],
    ['a weight below nothing', JSON.stringify({ ...BODY, changes: [{ ...SET, weights: { a: -1 } }] }), 'changes[0].weights.a'],
    ['a door of the director', JSON.stringify({ ...BODY, door: 'expiry' }), 'door'],
    ['a change of another noun', JSON.stringify({ ...BODY, changes: [{ kind: 'revert', revision: 1 }] }), 'changes[0].kind'],
  ])('%s', async (_, body, path) => {
    const { status, answer } = await ask('POST', 'weights', { body })
    expect([status, answer.title]).toEqual([400, 'Bad Request'])
    expect(answer.defects?.map((defect) => defect.path)).toContain(path)
    expect(asked).toEqual([])
    expect(lines).toMatchObject([{ kind: 'operators', status: 400 }])
  })

  test('all that is wrong is said at once', async () => {
    const { answer } = await ask('POST', 'drains', {
      body: { chnages: [], changes: [{ kind: 'drain', target: { kind: 'zone' }, over: -1 }], reason: '' },
      headers: { 'if-match': 'W/"x"' },
    })
    expect(answer.defects?.map(({ path }) => path)).toEqual(['chnages', 'If-Match', 'changes[0].target.kind', 'changes[0].over', 'reason'])
  })
})

test('each noun changes its own kinds alone', async () => {
  const changes = {
    weights: SET,
    drains: { kind: 'drain', target: { kind: 'region', region: 'r' }, over: 0 },
    releases: { kind: 'release', release: 'x', action: 'start' },
    revisions: { kind: 'revert', revision: 1 },
  }
  for (const noun of Object.keys(changes)) {
    for (const [own, change] of Object.entries(changes)) {
      const { status } = await ask('POST', noun, { body: { changes: [change], reason: 'x' } })
      expect([noun, own, status]).toEqual([noun, own, noun === own ? 200 : 400])
    }
  }
})

test.each([
  ['GET', 'drift'],
  ['GET', 'weights'],
  ['POST', 'weights'],
])('%s %s: without the binding, and without an answer, it is 503 and says which', async (method, noun) => {
  const body = method === 'POST' ? BODY : undefined
  const unbound = await ask(method, noun, { body, bound: undefined })
  expect([unbound.status, unbound.answer.detail]).toEqual([503, expect.stringContaining('no binding DIRECTOR')])
  reply = new Error('storage is gone')
  const broken = await ask(method, noun, { body })
  expect([broken.status, broken.answer.detail]).toEqual([503, expect.stringContaining('The director does not answer: storage is gone')])
})

test.each([
  { how: 'with a key', key: 'k1', retryAfter: '2', words: 'look at `revisions`, or send it again with the same Idempotency-Key.' },
  { how: 'without a key', retryAfter: null, words: 'may have been made: look at `revisions` before you send it again.' },
  { how: 'as a dry run', dryRun: true, retryAfter: '2', words: 'What is in force stays in force.' },
])('a change $how that gets no answer', async ({ key, dryRun, retryAfter, words }) => {
  const body = dryRun === undefined ? BODY : { ...BODY, dryRun }
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
  reply = new Error('no answer in 4000 ms')
  const lost = await ask('POST', 'weights', { body, headers })
  expect([lost.status, lost.retryAfter, lost.answer.detail]).toEqual([503, retryAfter, expect.stringContaining(words)])
})

test('pages are asked for in the query, and what is no number is left out', async () => {
  expect((await ask('GET', 'audit?before=7&limit=x')).answer).toEqual({ format: 1, entries: [], next: 6 })
  expect((await ask('GET', 'audit?before=-7')).answer).toEqual({ format: 1, entries: [] })
})

test('the deployed configuration is told without values of headers', async () => {
  const { answer } = await ask('GET', 'plan')
  expect(answer.base).toMatchObject({ pools: [{ endpoints: [{ id: 'a', headers: [['x-key', 'hidden']] }] }] })
  expect(JSON.stringify(answer)).not.toContain('secret of a')
})
