/**
 * Hostile requests through the whole of `handle`, in random gateways that `check` accepts: nothing is an exception, every answer says whose it is,
 * and no endpoint hears from a client what only the gateway may say.
 */
import { expect, test } from 'vitest'
import { loadText } from '../../../cli/load-gateway.ts'
import type { Base } from '../../../config/base.ts'
import { newIsolate } from '../../../worker/isolate.ts'
import { routesOfHost } from '../../../worker/policy/match-route.ts'
import type { Platform } from '../../../worker/ports.ts'
import { SEED, dice as seeded } from '../../seed.ts'
import { NO_HEALTH } from './carry.ts'
import { type Dice, diceOf, ENDPOINT_HOST, randomDocument } from './random-gateway.ts'
import { type Sent, VirtualPlatform } from './virtual-platform.ts'

/** Not imported by name: its types are the Workers', and these tests have Node's. */
const APP: string = '../../../worker/app.ts'
type Gateway = (request: Request, platform: Platform) => Promise<Response>
const { makeGateway } = (await import(APP)) as { readonly makeGateway: (runtime: object) => Gateway }

const GATEWAYS = 60
const REQUESTS = 40

/** Said by a client of itself; whatever reaches an endpoint under these names must be the gateway's. */
const POISON = 'evil'
const FORBIDDEN = [
  ...[
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-client-cert',
    'forwarded',
    'via',
    'x-real-ip',
    'true-client-ip',
  ],
  ...[
    'x-envoy-original-path',
    'x-envoy-attempt-count',
    'l5d-dst-override',
    'x-kuma-tags',
    'x-consul-token',
    'x-istio-attributes',
    'cf-ipcountry',
  ],
  ...[
    'meridian-probation',
    'meridian-attempt',
    'meridian-mirror',
    'meridian-fault',
    'cdn-loop',
    'x-request-id',
    'client-cert',
    'x_real_ip',
    'x-original-url',
  ],
  ...['x-http-method-override', 'te', 'trailer', 'expect', 'proxy-authorization', 'keep-alive'],
]
const CREDENTIALS = ['authorization', 'x-api-key'] as const

const USUAL = {
  host: ['shop.example.com', 'shop.example.com', 'other.example.com', 'x.y.example.com', 'SHOP.example.com:8443'],
  path: ['/', '/a', '/a/', '/a/b', '/ab', '/api/v1/x', '/x/admin', '/admin', '/xyz', '/caf%C3%A9', '/a%20b/c', '/a[b]|c'],
  query: ['', '', '?q=on', '?q=on&q=off', '?cart=1', '?x=//evil.test/..'],
} as const
const ODD = {
  host: ['unknown.test', 'shop.example.com.', 'a@b', '[', 'shop.example.com:99999'],
  path: [
    ...[
      '/admin/..',
      '/a%2f..%2fb',
      '/a%2Fb',
      '//evil.test/x',
      '/a//b',
      '/a;v=1/..;/b',
      '/a;v=1',
      '/%41',
      '/a%00',
      '/a"b',
      '/{x}',
      '/caf%c3%a9',
    ],
    ...[`/a/${'x'.repeat(5000)}`, `/${'a'.repeat(4000)}`, '/%252e', '*', '', '/%2e%2e/admin'],
  ],
  query: ['?', '?q=%zz', '?constructor=on', '?%C3%A4=on', '?q=1#q=2', '?cart=é', `?${'q=&'.repeat(3000)}`],
} as const

function randomHeaders({ oneOf, chance }: Dice): Headers {
  const headers = new Headers({ 'cf-connecting-ip': oneOf(['203.0.113.7', '2001:db8::1', 'evil']) })
  for (const name of FORBIDDEN) if (chance(0.3)) headers.append(name, POISON)
  for (const name of CREDENTIALS) if (chance(0.5)) headers.set(name, 'secret')
  const others: readonly (readonly [string, string])[] = [
    ['connection', 'x-hop, content-type, upgrade, x-forwarded-for, ,, ="'],
    ['cookie', oneOf(['beta=on; session=abc', '=;;;=', 'a'.repeat(9000), `${'s=1;'.repeat(2000)}`, 'session=', 'beta=on, session=x'])],
    [
      'origin',
      oneOf(['https://evil.test', 'null', 'https://page.example.com', 'https://x.pages.example.org', 'https://page.example.com.evil.test']),
    ],
    ['access-control-request-method', oneOf(['PUT', 'GET', 'nonsense', ''])],
    ['access-control-request-headers', `x-a, ${'x-b,'.repeat(200)}, "q"`],
    ['grpc-timeout', oneOf(['0m', '1n', '99999999H', '-1S', '1', '50m'])],
    ['content-type', oneOf(['application/grpc', 'application/grpc-web+proto', 'application/grpc; x', 'text/plain'])],
    ['traceparent', oneOf(['00-0-0-00', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, POISON])],
    ['tracestate', 'a=b'],
    ['idempotency-key', oneOf(['', 'k'])],
    ['upgrade', oneOf(['h2c', 'websocket'])],
    ['x-tenant', oneOf(['on', 'x'.repeat(5000), ''])],
    ['x-gone', 'there'],
    ['x-hop', 'here'],
    ['x-large', 'x'.repeat(oneOf([10, 10, 10, 40_000]))],
  ]
  for (const [name, value] of others) if (chance(0.25)) headers.append(name, value)
  return headers
}

function randomRequest(dice: Dice): Request {
  const { oneOf, chance } = dice
  const part = (name: keyof typeof USUAL, odd: number): string => oneOf<string>(chance(odd) ? ODD[name] : USUAL[name])
  const method = oneOf(['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE', chance(0.1) ? 'TRACE' : 'PURGE'])
  const headers = randomHeaders(dice)
  const content = method === 'POST' || method === 'PUT' ? new Uint8Array(oneOf([0, 10, 100_000])) : undefined
  if (content !== undefined && chance(0.7)) headers.set('content-length', String(content.length))
  const held = content === undefined ? undefined : new Response(content)
  return {
    method,
    // As the runtime hands it over: `Request` of Node would tidy it up.
    url: `${oneOf(['https', 'https', 'http'])}://${part('host', 0.05)}${part('path', 0.3)}${part('query', 0.2)}`,
    headers,
    body: held?.body ?? null,
    arrayBuffer: () => held?.arrayBuffer(),
    signal: new AbortController().signal,
    cf: oneOf([
      undefined,
      {},
      { country: 'DE', continent: 'EU', latitude: '50.1', longitude: 'x' },
      { country: '__proto__', latitude: '' },
    ]),
  } as unknown as Request
}

const ENDPOINT_HEADERS = {
  'x-from': 'endpoint',
  'meridian-code': 'ERR_FORGED',
  'access-control-allow-origin': 'https://endpoint.test',
  'access-control-allow-credentials': 'true',
  vary: '*',
}

/** What an endpoint does: anything. */
function randomAnswer({ oneOf, chance }: Dice): Response | Error | 'silent' {
  if (chance(0.1)) return 'silent'
  if (chance(0.1)) return Object.assign(new Error('lost'), { retryable: chance(0.5) })
  const status = oneOf([200, 200, 200, 204, 301, 304, 400, 404, 429, 500, 502, 503, 503, 504, 520, 522, 599])
  const headers = new Headers(ENDPOINT_HEADERS)
  const others: readonly (readonly [string, string])[] = [
    ['retry-after', oneOf(['0', '300', '99999999999', 'soon', 'Thu, 01 Jan 1970 00:00:00 GMT'])],
    ['grpc-status', oneOf(['14', '4', '8', '-1', '99', ''])],
    ['grpc-retry-pushback-ms', oneOf(['-1', '10', 'x'])],
    ['x-envoy-overloaded', 'true'],
    ['x-envoy-immediate-health-check-fail', 'true'],
    ['x-envoy-ratelimited', ''],
    ['l5d-proxy-error', 'x'],
    ['x-again', '1'],
    ['connection', 'x-private, close'],
    ['set-cookie', 'own=1'],
    ['content-type', 'text/event-stream'],
    ['content-length', oneOf(['5', '100000', 'x'])],
    ['location', '//evil.test'],
    ['server', 'cloudflare'],
    ['cf-ray', 'x'],
  ]
  for (const [name, value] of others) if (chance(0.15)) headers.append(name, value)
  const body = [204, 304].includes(status) ? null : 'a'.repeat(oneOf([0, 5, 5000]))
  return Object.assign(new Response(body, { status, headers }), { webSocket: null })
}

/** What is wrong with an answer; undefined when nothing is. */
function wrongAnswer(request: Request, answer: Response): string | undefined {
  const { headers, status } = answer
  const isOurs = ['meridian-code', 'x-reply', 'location'].some((name) => headers.has(name))
  const isPreflight = status === 204 && request.method === 'OPTIONS' && headers.has('vary')
  const isAnswer = headers.get('x-from') === 'endpoint'
  if (!isOurs && !isPreflight && !isAnswer) return 'nobody’s answer'
  if (headers.get('meridian-code') === 'ERR_INTERNAL') return 'a bug'
  const location = headers.get('location')
  if (location !== null && !isAnswer && URL.parse(location)?.host.includes('evil') !== false) return `leads to ${location}`
  const origin = headers.get('access-control-allow-origin')
  return origin === null || ALLOWED.includes(origin) ? undefined : `is for ${origin}`
}

/** And those of the endpoints, where a route leaves CORS to them. */
const ALLOWED = ['*', 'https://endpoint.test', 'https://page.example.com', 'https://x.pages.example.org']

function wrongSending({ url, outgoing: { headers } }: Sent): string | undefined {
  const read = new URL(url)
  if (read.protocol !== 'https:' || !read.host.endsWith(ENDPOINT_HOST)) return 'goes elsewhere'
  // The runtime would send another path than was matched.
  if (read.pathname !== url.slice(read.origin.length).replace(/\?.*$/, '')) return 'another path'
  const poisoned = FORBIDDEN.find((name) => headers.get(name)?.includes(POISON))
  if (poisoned !== undefined) return `${poisoned}: ${headers.get(poisoned)}`
  const isCopy = headers.has('meridian-mirror')
  return isCopy && [...CREDENTIALS, 'cookie'].some((name) => headers.get(name)?.match(/secret|session|beta/))
    ? 'a copy with credentials'
    : undefined
}

const describe = ({ method, url, headers }: Request): string =>
  `${method} ${url.slice(0, 200)} ${JSON.stringify([...headers].map(([name, value]) => [name, value.slice(0, 60)]))}`

async function send(base: Base, dice: Dice): Promise<void> {
  const platform = new VirtualPlatform(dice, randomAnswer)
  const isolate = newIsolate(base)
  const log: string[] = []
  const gateway = makeGateway({
    isolate,
    inbound: { settings: base.inbound, serves: (host: string) => routesOfHost(isolate.table, host) !== undefined },
    health: { pin: () => NO_HEALTH, record: () => {}, holdsProbation: () => false, takeProbation: () => false },
    faultGate: async () => dice.chance(0.5),
    log: (line: string) => log.push(line),
  })
  for (let count = 0; count < REQUESTS; count += 1) {
    const request = randomRequest(dice)
    platform.sent.length = 0
    const answer = await platform.finish(gateway(request, platform))
    const wrong = wrongAnswer(request, answer) ?? platform.sent.map(wrongSending).find((one) => one !== undefined)
    await platform.finish(answer.text().catch(() => ''))
    const bug = log.find((line) => line.includes('"kind":"bug"'))
    expect(bug ?? wrong, describe(request)).toBeUndefined()
    expect(platform.sent.length, describe(request)).toBeLessThanOrEqual(7)
    for (const line of log.splice(0)) JSON.parse(line)
  }
}

test(`no request breaks a gateway, or goes around it, seed ${SEED}`, async () => {
  const dice = diceOf(seeded(SEED))
  let sound = 0
  for (let tries = 0; sound < GATEWAYS && tries < 10 * GATEWAYS; tries += 1) {
    const text = randomDocument(dice)
    const loaded = loadText(text, 'gateway.yaml', { local: false })
    if (!loaded.ok) continue
    sound += 1
    await send(loaded.base, dice)
  }
  expect(sound).toBe(GATEWAYS)
})
