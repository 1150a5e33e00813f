/** Headers by which the gateway alone speaks of an answer: an endpoint's own are not told as ours. */
import { expect, test } from 'vitest'
import { finishReply, type ReplyFacts } from '../../../worker/reply/finish-reply.ts'

const FACTS: ReplyFacts = {
  requestId: 'r',
  endpoint: 'east',
  attempts: 1,
  code: undefined,
  saysWho: true,
  dress: undefined,
}

function trackOf(facts: Partial<ReplyFacts>, status = 200): string | null {
  const response = new Response('', { status, headers: { 'meridian-track': 'forged' } })
  return finishReply(response, { kind: 'pass' }, { ...FACTS, ...facts }).headers.get('meridian-track')
}

test.each<[string, Partial<ReplyFacts>, number, string | null]>([
  ['of a route without a release', {}, 200, null],
  ['of a route whose release has no track to tell', { track: { cookie: undefined, told: undefined } }, 200, null],
  ['of a route with a release', { track: { cookie: undefined, told: 'canary' } }, 200, 'canary'],
  ['of a failure', { saysWho: false }, 500, null],
  ['with the cookie of a release', { saysWho: false, track: { cookie: 'a=b', told: 'canary' } }, 200, null],
])('meridian-track is never the endpoint’s: %s', (_, facts, status, expected) => expect(trackOf(facts, status)).toBe(expected))

test.each([200, 404, 503])('nor is meridian-code, in a reply that is made anyway: %i', (status) => {
  const response = new Response('', { status, headers: { 'meridian-code': 'ERR_FAKE' } })
  expect(finishReply(response, { kind: 'pass' }, FACTS).headers.get('meridian-code')).toBeNull()
})

test.each([
  ['alone', { 'proxy-connection': 'keep-alive' }],
  ['beside Connection', { connection: 'keep-alive', 'proxy-connection': 'keep-alive' }],
  ['named by Connection', { connection: 'proxy-connection, x-hop', 'proxy-connection': 'keep-alive', 'x-hop': '1' }],
])('a Proxy-Connection ends here: %s', (_, headers) => {
  const answer = finishReply(new Response('', { headers }), { kind: 'pass' }, { ...FACTS, saysWho: false })
  expect([answer.headers.get('proxy-connection'), answer.headers.get('x-hop')]).toEqual([null, null])
})

test.each([200, 407, 500])('a Proxy-Authenticate of a reply that is made anyway ends here: %i', (status) => {
  const response = new Response('', { status, headers: { 'proxy-authenticate': 'Basic' } })
  expect(finishReply(response, { kind: 'pass' }, FACTS).headers.get('proxy-authenticate')).toBeNull()
})

test('a plain answer is handed on as it is', () => {
  const response = new Response('')
  expect(finishReply(response, { kind: 'pass' }, { ...FACTS, saysWho: false })).toBe(response)
})
