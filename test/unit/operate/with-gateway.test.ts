/** The operators' commands with a gateway that says what a test wants and writes down what it is told. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { release } from '../../../cli/release.ts'
import type { Difference } from '../../../config/director.ts'
import { captureOutput } from '../../capture-output.ts'

interface Told {
  readonly headers: IncomingMessage['headers']
  readonly body: { readonly changes: readonly unknown[]; readonly dryRun?: boolean; readonly door?: string }
}

const VIEW = { phase: 'running', step: 1, steps: 4, order: { weight: 0.05, mirror: 0, killed: false, salt: 's' } }
const document = (revision: number) => ({
  ...{ format: 1, revision, releases: [{ release: 'checkout', ...VIEW }], entries: [], problems: [] },
  spread: { revision, vantages: [{ vantage: 'weur', holds: 99 }] },
})
/** As the director would tell it. */
function moved({ action, weight }: { readonly action?: string; readonly weight?: number }): Difference {
  if (action === 'kill') return { field: 'releases.checkout.killed', before: undefined, after: 'yes' }
  if (action === 'pause') return { field: 'releases.checkout.phase', before: 'running', after: 'paused' }
  const after = weight ?? { rollback: 0, start: 0.01 }[action ?? ''] ?? 0.5
  return { field: 'releases.checkout.weight', before: 0.05, after }
}
let told: Told[] = []
/** Answers to what is not a rehearsal, the first first; then it is done. */
let answers: { readonly status: number; readonly body: object }[] = []
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const reply = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body))
  if (request.method === 'GET') return reply(200, document(7))
  const body = JSON.parse(Buffer.concat(chunks).toString())
  told.push({ headers: request.headers, body })
  const next = body.dryRun === true ? undefined : answers.shift()
  const differences = [moved(body.changes[0])]
  return next === undefined
    ? reply(200, { format: 1, revision: 8, dryRun: body.dryRun === true, differences })
    : reply(next.status, next.body)
})

const output = captureOutput()
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => server.close())
beforeEach(() => {
  told = []
  answers = []
})

const say = (...words: string[]) =>
  release([...words, '--url', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--token', 'x', '--by', 'Zoë', '--reason', 'r'])
const CONFLICT = (field: string) => ({
  status: 412,
  body: { title: 'Precondition Failed', status: 412, detail: 'x', revision: 9, differences: [{ field, before: 1, after: 2 }] },
})

test('a share is sent for the revision that was read, under a key, by a name that headers can carry', async () => {
  expect(await say('set', 'checkout', '50%')).toBe(0)
  const change = { kind: 'set-release', release: 'checkout', weight: 0.5 }
  expect(told.map(({ body }) => [body.dryRun ?? false, body.door, body.changes])).toEqual([
    [true, 'cli', [change]],
    [false, 'cli', [change]],
  ])
  expect(told[1]?.headers).toMatchObject({
    'if-match': '"7"',
    'meridian-operator': 'Zoe',
    'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test.each(['0.01%', '100%', '0%'])('%s is a share', async (share) => {
  expect(await say('set', 'checkout', share, '--yes')).toBe(0)
})
test.each(['5', '101%', '0.001%', '-1%', 'half'])('%s is none', async (share) => {
  expect(await say('set', 'checkout', share, '--yes')).toBe(2)
  expect(told).toEqual([])
})

test('what takes clients from the canary is asked about, and nobody is there', async () => {
  for (const words of [
    ['rollback', 'checkout'],
    ['kill', 'checkout'],
    ['set', 'checkout', '1%'],
    ['start', 'checkout'],
  ])
    expect(await say(...words)).toBe(1)
  expect(told.every(({ body }) => body.dryRun === true)).toBe(true)
  expect(output.complained).toContain('5 % of clients have the canary, and go back to stable, those with an override as well')
})

test('somebody at other fields is no conflict: it is made for the new revision', async () => {
  answers = [CONFLICT('pools.shop.a.weight')]
  expect(await say('pause', 'checkout')).toBe(0)
  expect(told.map(({ headers }) => headers['if-match'])).toEqual(['"7"', '"7"', '"9"'])
})

test('somebody at the same release is one, and with --if-match everybody is', async () => {
  answers = [CONFLICT('releases.checkout.weight')]
  expect(await say('pause', 'checkout')).toBe(1)
  expect(output.complained).toContain('Somebody else was faster: revision 9')
  answers = [CONFLICT('pools.shop.a.weight')]
  expect(await say('pause', 'checkout', '--if-match', '7')).toBe(1)
})

test('an answer that got lost is asked for again under the same key', async () => {
  answers = [{ status: 503, body: { detail: 'The director does not answer' } }]
  expect(await say('pause', 'checkout', '--json')).toBe(0)
  const [, first, second] = told.map(({ headers }) => headers['idempotency-key'])
  expect(first).toBeDefined()
  expect(second).toBe(first)
  expect(JSON.parse(output.said)).toMatchObject({ done: true, revision: 8 })
})

test('one that gets no answer twice may have been made, and that is said', async () => {
  answers = [1, 2].map(() => ({ status: 503, body: { detail: 'The director does not answer' } }))
  expect(await say('pause', 'checkout')).toBe(2)
  expect(output.complained).toContain('The change may have been made: look at "npx meridian revisions" before you ask for it again.')
})

test.each([
  [401, {}, 'refuses the operator token'],
  [403, {}, 'operators.scopes.releases'],
  [500, {}, 'answered 500'],
  [200, { hello: 1 }, 'no Meridian gateway'],
])('%i is no way to make it: 2', async (status, body, words) => {
  answers = [{ status, body }]
  expect(await say('pause', 'checkout')).toBe(2)
  expect(output.complained).toContain(words)
})
