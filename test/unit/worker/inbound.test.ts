import { describe, expect, test } from 'vitest'
import { isStripped, STRIPPED_HEADERS } from '../../../config/stripped-headers.ts'
import { bytes, draw, instant } from '../../../config/units.ts'
import { clientAddress, networkOf } from '../../../worker/inbound/client-address.ts'
import { connectionNames } from '../../../worker/inbound/read-headers.ts'
import { readInbound } from '../../../worker/inbound/read-inbound.ts'
import { stripping } from '../../../worker/inbound/stripping.ts'
import { hex32, traceContext } from '../../../worker/inbound/trace-context.ts'
import type { Platform } from '../../../worker/ports.ts'

const UUID = '0189f7a2-7c1e-4b3d-9a5f-6e8d7c6b5a49'
const platform = { now: () => instant(1), draw: () => draw(0.5), uuid: () => UUID } as Platform
const rules = { settings: { headersMax: bytes(1000), hopsMax: 3 }, serves: (host: string) => host === 'shop.test' || host === '[::1]' }

/** Only what `readInbound` reads: Node's own Request would tidy the URL up, as workerd does not. */
function read(url: string, method = 'GET', headers: Record<string, string> = {}) {
  const request = { url, method, headers: new Headers(headers), cf: undefined } as unknown as Parameters<typeof readInbound>[0]
  const result = readInbound(request, rules, platform)
  return result.ok ? result.value : result.error
}

describe('a target', () => {
  test.each([
    ['http://shop.test/', 'shop.test', '/', ''],
    ['http://SHOP.test:8443/a/b?c=/d?e', 'shop.test', '/a/b', '?c=/d?e'],
    ['https://shop.test?x', 'shop.test', '/', '?x'],
    ['http://[::1]:8787/a', '[::1]', '/a', ''],
  ])('%s', (url, host, path, query) => expect(read(url)).toMatchObject({ host, path, query }))

  test.each([
    ['http://user@shop.test/', 'ERR_BAD_REQUEST'],
    ['http:///a', 'ERR_BAD_REQUEST'],
    ['http://.shop.test/', 'ERR_BAD_REQUEST'],
    ['http://shop.test:x/', 'ERR_BAD_REQUEST'],
    ['http://shop.test:65536/', 'ERR_BAD_REQUEST'],
    ['http://shop.test/a?b=1#c', 'ERR_BAD_REQUEST'],
    ['http://shop.test./', 'ERR_BAD_REQUEST'],
    ['http://shop.test.:8443/', 'ERR_BAD_REQUEST'],
    ['http://shop.test../', 'ERR_BAD_REQUEST'],
    ['http://shop..test/', 'ERR_BAD_REQUEST'],
    ['http://./', 'ERR_BAD_REQUEST'],
    ['http://other.test/a%00b', 'ERR_UNKNOWN_HOST'],
    ['http://shop.test/a%00b', 'ERR_BAD_REQUEST_PATH'],
  ])('%s is refused with %s', (url, code) => expect(read(url)).toMatchObject({ code }))

  test.each([
    ['TRACE', {}, 'ERR_METHOD_REFUSED'],
    ['CONNECT', {}, 'ERR_METHOD_UNKNOWN'],
    ['GET', { 'x-long': 'a'.repeat(1000) }, 'ERR_HEADERS_TOO_LARGE'],
    ['GET', { 'cdn-loop': 'meridian, cloudflare; loops=1, meridian;v=2,meridian' }, 'ERR_LOOP_DETECTED'],
  ])('%s with %j is refused', (method, headers, code) =>
    expect(read('http://shop.test/', method, headers as Record<string, string>)).toMatchObject({ code }),
  )
})

test('a dot at the end leads no host past its own admission to that of the host *', () => {
  const open = { ...rules, serves: () => true }
  const code = (url: string) => {
    const request = { url, method: 'GET', headers: new Headers(), cf: undefined } as unknown as Parameters<typeof readInbound>[0]
    const result = readInbound(request, open, platform)
    return result.ok ? result.value.host : result.error.code
  }
  expect(code('https://Shop.test/')).toBe('shop.test')
  expect(code('https://shop.test./')).toBe('ERR_BAD_REQUEST')
  expect(code('https://SHOP.TEST.:443/')).toBe('ERR_BAD_REQUEST')
})

describe('the client’s address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7', '203.0.113'],
    ['2001:DB8:12:3456::7', '2001:DB8:12:3456::7', '2001:db8:12'],
    ['2001:db8::1', '2001:db8::1', '2001:db8:0'],
    ['2001:0db8:0012:1:2:3:4:5', '2001:0db8:0012:1:2:3:4:5', '2001:db8:12'],
    ['::1', '::1', '0:0:0'],
    ['203.0.113.7, 10.0.0.1', undefined, ''],
    ['<script>', undefined, ''],
    [undefined, undefined, ''],
  ])('%s', (header, address, network) => {
    expect(clientAddress(header)).toBe(address)
    expect(networkOf(clientAddress(header))).toBe(network)
  })
  test('is believed of nobody but the platform', () => {
    const headers = { 'x-forwarded-for': '6.6.6.6', 'true-client-ip': '6.6.6.6', forwarded: 'for=6.6.6.6' }
    expect(read('http://shop.test/', 'GET', headers)).toMatchObject({ address: undefined })
  })
})

describe('a table of names that were looked at', () => {
  const ODDITIES = ['', '_', '.', '-', ' ', 'é', 'X']
  const NAMES = [
    ...STRIPPED_HEADERS.map((name) => name.replace('*', 'any')),
    'accept',
    'cookie',
    'x-forward',
    'cfx',
    'x-user',
    'y'.repeat(65),
  ].flatMap((name) => ODDITIES.flatMap((oddity) => [name, `${name}${oddity}`, name.replace('-', oddity)]))

  test.each([
    ['headers of its own', new Set(['x-user', 'x-tenant'])],
    ['none', undefined],
  ])('says what is said of each name anew, with %s', (_, own) => {
    const strips = stripping(own)
    for (let time = 0; time < 2; time += 1) for (const name of NAMES) expect(strips(name), name).toBe(isStripped(name, own))
  })

  test('a header of the gateway ends here as it is written, whatever is in its name', () => {
    const strips = stripping(new Set(['x.user']))
    expect(strips('x.user')).toBe(true)
    expect(strips('x.tenant')).toBe(false)
  })

  test('is right also about names beyond those that it remembers', () => {
    const strips = stripping()
    for (let count = 0; count < 2_000; count += 1) expect(strips(`x-rubbish-${count}`)).toBe(false)
    for (const name of NAMES) expect(strips(name), name).toBe(isStripped(name))
  })
})

describe('a trace', () => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  test.each([
    ['goes on', valid, true, '01'],
    ['of a later version goes on', 'cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings', true, '01'],
    ['begins anew: none came', undefined, false, '00'],
    ['begins anew: version ff', valid.replace('00-', 'ff-'), false, '00'],
    ['begins anew: all zero', '00-00000000000000000000000000000000-b7ad6b7169203331-01', false, '00'],
    ['begins anew: no parent', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01', false, '00'],
    ['begins anew: upper case', valid.toUpperCase(), false, '00'],
    ['begins anew: longer than version 00 is', `${valid}-x`, false, '00'],
    ['begins anew: two of them', `${valid}, ${valid}`, false, '00'],
  ])('%s', (_, came, continued, flags) => {
    const trace = traceContext(came, hex32(UUID))
    expect(trace.continued).toBe(continued)
    expect(trace.traceparent).toMatch(new RegExp(`^00-${trace.traceId}-9a5f6e8d7c6b5a49-${flags}$`))
    expect(trace.traceId).toBe(continued ? '0af7651916cd43dd8448eb211c80319c' : hex32(UUID))
  })
})

test.each([
  ['GET', true],
  ['POST', false],
  ['HEAD', false],
])('%s asks for a WebSocket with Upgrade: %s', (method, webSocket) =>
  expect(read('http://shop.test/', method, { upgrade: 'WebSocket' })).toMatchObject({ headers: { webSocket } }),
)

describe('headers', () => {
  test.each([
    'x-forwarded-for',
    'x-forwarded-anything',
    'forwarded',
    'cf-connecting-ip',
    'cf-access-jwt-assertion',
    'mf-cf-blob',
    'x-envoy-original-path',
  ])('%s ends here', (name) => expect(isStripped(name)).toBe(true))
  test.each([
    'l5d-dst-override',
    'x-kuma-tags',
    'client-cert',
    'x_real_ip',
    'transfer-encoding',
    'meridian-deadline-ms',
    'x-original-url',
    'x-request-id',
    'wl-proxy-client-cert',
    'proxy-client-ip',
    '$wscc',
    'x-remote-extra-scopes',
    'impersonate-user',
    'x-auth-username',
    'x-auth-subject',
    'x-auth-email',
    'x-vouch-user',
    'x-original-forwarded-for',
    'fly-client-ip',
    'sm-user',
    'oidc-claim-sub',
    'oidc.claim.sub',
    'tailscale-user-login',
    'shib-identity-provider',
    'kubeflow-userid',
    'x.remote.group',
  ])('%s ends here', (name) => expect(isStripped(name)).toBe(true))
  test.each([
    'accept',
    'authorization',
    'cookie',
    'x-custom',
    'x-auth-token',
    'x-auth-key',
    'wl-x',
    '$w',
    'content-type',
    'content-length',
    'if-none-match',
    'range',
    'traceparent',
    'b3',
    'x-amzn-trace-id',
    'origin',
    'x-email',
    'x-user',
    'x-name',
    'oidc-nonce',
    'tailscale-x',
  ])('%s goes on', (name) => expect(isStripped(name)).toBe(false))
  test.each([
    ['close', []],
    ['keep-alive', []],
    ['close, X-Foo', ['x-foo']],
    [' x-a ,, X-B', ['x-a', 'x-b']],
    ['authorization, cookie, host, x-a', ['x-a']],
    ['bad name, x a', []],
  ])('Connection: %s names %j', (value, names) => expect(connectionNames(value)).toEqual(names))
})
