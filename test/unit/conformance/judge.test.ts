import { describe, expect, test } from 'vitest'
import type { ConformanceCase, Expectation } from '../../../cli/conformance/case.ts'
import type { Echo } from '../../../cli/conformance/echo.ts'
import { type Answer, judge } from '../../../cli/conformance/judge.ts'

const ECHO: Echo = {
  path: '/a?b=c',
  host: 'shop.example:8080',
  method: 'GET',
  headers: { 'x-one': ['1', '2'] },
  namespace: 'shop',
  pod: 'cart-0',
}
const SENT = { host: 'shop.example:8080', path: '/a?b=c' }

const EXPECTED: Expectation = {
  statuses: [200],
  backend: 'cart',
  namespace: 'shop',
  seen: { host: 'shop.example:8080', headers: {}, absent: [] },
  response: { headers: {}, oneOf: {}, absent: [], ignoreWhitespace: false },
}

function judged(
  expected: Partial<Expectation>,
  { headers = {}, ...answer }: Partial<Omit<Answer, 'headers'>> & { headers?: Record<string, string> } = {},
) {
  const one: ConformanceCase = {
    name: 'a',
    gateway: 'shop/edge',
    scheme: 'http',
    request: { host: SENT.host, path: SENT.path, method: 'GET', headers: {}, echoHeaders: {} },
    expect: { ...EXPECTED, ...expected },
  }
  return judge(one, SENT, { status: 200, echo: ECHO, ...answer, headers: new Map(Object.entries(headers)) })
}

const seen = (parts: Partial<Expectation['seen']>): Partial<Expectation> => ({ seen: { headers: {}, absent: [], ...parts } })
const response = (parts: Partial<Expectation['response']>): Partial<Expectation> => ({ response: { ...EXPECTED.response, ...parts } })

test('the request as it was sent, answered by the right pod, is right', () => expect(judged({})).toBeUndefined())

describe.each<[what: string, expected: Partial<Expectation>, answer: Parameters<typeof judged>[1], problem: string | undefined]>([
  ['another status', {}, { status: 404 }, 'status 404'],
  ['one of several statuses', { statuses: [200, 204] }, { status: 200 }, undefined],
  ['any timeout for another', { statuses: [504] }, { status: 408 }, undefined],
  ['no timeout for an error', { statuses: [500] }, { status: 504 }, 'status 504'],
  ['a body that is not looked at with another status', { statuses: [500], backend: 'other' }, { status: 500 }, undefined],
  ['another path', seen({ path: '/b' }), {}, 'the path'],
  ['another method', seen({ method: 'PUT' }), {}, 'the method'],
  ['a host without its port', seen({ host: 'shop.example' }), {}, 'the host'],
  ['no host asked about', seen({}), {}, undefined],
  ['another pod', { backend: 'stock' }, {}, 'answered by cart-0'],
  ['another namespace', { namespace: 'depot' }, {}, 'namespace shop'],
  ['values joined without a space', seen({ headers: { 'X-One': '1,2' } }), {}, undefined],
  ['values joined with one', seen({ headers: { 'X-One': '1, 2' } }), {}, 'x-one'],
  ['a header that must be absent', seen({ absent: ['X-ONE'] }), {}, 'x-one'],
  ['an answer of no echo has no path', { ...seen({}), backend: 'cart' }, { echo: undefined as never }, 'the path'],
  [
    'an answer of no echo where none is expected',
    { statuses: [204], ...seen({ path: '' }) },
    { status: 204, echo: undefined as never },
    'answered by nobody',
  ],
  ['a header of the answer', response({ headers: { A: 'b,c' } }), { headers: { a: 'b, c' } }, 'A: b, c'],
  ['the same without regard to spaces', response({ headers: { A: 'b,c' }, ignoreWhitespace: true }), { headers: { a: 'b, c' } }, undefined],
  ['one of several values', response({ oneOf: { A: ['x', 'y'] } }), { headers: { a: 'y' } }, undefined],
  ['none of several values', response({ oneOf: { A: ['x', 'y'] } }), { headers: {} }, 'A: none'],
  ['a header of the answer that must be absent', response({ absent: ['A'] }), { headers: { a: '' } }, 'A:'],
])('%s', (_, expected, answer, problem) => {
  test(problem === undefined ? 'is right' : `is wrong: ${problem}`, () => {
    const said = judged(expected, answer)
    if (problem === undefined) expect(said).toBeUndefined()
    else expect(said?.toLowerCase()).toContain(problem.toLowerCase())
  })
})

describe('a redirect', () => {
  const to = (location: string, redirect: NonNullable<Expectation['redirect']>) =>
    judged({ statuses: [302], redirect }, { status: 302, headers: { location } })
  test.each([
    ['http://shop.example/a', {}, undefined],
    ['http://shop.example:80/a', {}, undefined],
    ['https://shop.example:443/a', { scheme: 'https' }, undefined],
    ['http://shop.example:8080/a', {}, 'port'],
    ['http://shop.example:8080/a', { port: '8080' }, undefined],
    ['http://other.example/a', {}, 'host'],
    ['http://shop.example/b', {}, 'path'],
    ['https://shop.example/a', {}, 'scheme'],
    ['/a', {}, 'absolute'],
    ['', {}, 'absolute'],
  ])('to "%s", expected %j: %s', (location, redirect, problem) => {
    const said = to(location, redirect)
    if (problem === undefined) expect(said).toBeUndefined()
    else expect(said).toContain(problem)
  })
})
