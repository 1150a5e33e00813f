/** The token of the edge on the real runtime: who gets one, what it says, and that nobody is asked while none can be signed. */
import { createRemoteJWKSet, decodeJwt, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RouteAdmission } from '../../../config/admission.ts'
import { EDGE_TOKEN_HEADER, KEYS_PATH } from '../../../config/forwarded-identity.ts'
import { poolId } from '../../../config/ids.ts'
import { ms } from '../../../config/units.ts'
import { bundle, COMPATIBILITY, type Running, raw, startWorkers } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const ADMISSION: RouteAdmission = {
  identity: {
    xfcc: false,
    clientCert: false,
    claims: [{ header: 'x-user', claim: ['sub'] }],
    token: { header: EDGE_TOKEN_HEADER, claims: [] },
  },
}

async function newSecret(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return JSON.stringify(await exportJWK(privateKey))
}

let failing: TestEndpoint
let sound: TestEndpoint
let signing: Running
let unsigned: Running
let seen: { readonly host: string; readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly url: string }[] = []

beforeAll(async () => {
  const note = (host: string, url: string | undefined, headers: (typeof seen)[number]['headers']) =>
    seen.push({ host, url: url ?? '', headers })
  failing = await httpEndpoint((request, answer) => {
    note('failing', request.url, request.headers)
    answer.writeHead(503).end()
  })
  sound = await httpEndpoint((request, answer) => {
    note('sound', request.url, request.headers)
    answer.end('ok')
  })
  const base = testBase({
    endpoints: [
      { id: 'failing', origin: failing.origin },
      { id: 'sound', origin: sound.origin, region: 'eu-west-1', basePath: '/base' },
    ],
    routes: [
      { id: 'told', hosts: ['shop.test'], admission: ADMISSION },
      { id: 'plain', hosts: ['plain.test'] },
      {
        id: 'mirrored',
        hosts: ['mirrored.test'],
        admission: ADMISSION,
        mirrors: [{ to: { pool: poolId('pool'), weight: 1 }, share: 1 as never, methods: 'safe', credentials: 'keep', timeout: ms(1000) }],
      },
      {
        id: 'rewritten',
        hosts: ['rewritten.test'],
        admission: ADMISSION,
        rewrite: { host: 'inner.test', path: { kind: 'full', value: '/inner' } },
      },
    ],
  })
  const script = await bundle('worker/index.ts', { ...base, edge: { issuer: 'urn:edge' } })
  const worker = { name: 'gateway', modules: true, script, ...COMPATIBILITY }
  const bindings = { EDGE_SIGNING_KEY: await newSecret(), EDGE_SIGNING_KEY_NEXT: await newSecret(), OPERATOR_TOKEN: 'operator' }
  signing = await startWorkers([{ ...worker, bindings }])
  unsigned = await startWorkers([{ ...worker, bindings: { OPERATOR_TOKEN: 'operator', EDGE_SIGNING_KEY: '{"kty":"EC"}' } }])
})
afterAll(() => Promise.all([signing.stop(), unsigned.stop(), failing.stop(), sound.stop()]))

async function send(host: string, lines = '', target = '/cart?a=1', gateway = signing) {
  seen = []
  return raw(gateway.port, `GET ${target} HTTP/1.1\r\nhost: ${host}\r\n${lines}connection: close\r\n\r\n`)
}

const keysOf = ({ port }: Running, host = 'shop.test') =>
  raw(port, `GET ${KEYS_PATH} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)

describe('a token', () => {
  test('is for one endpoint each, and verified by the published keys', async () => {
    expect((await send('shop.test')).status).toBe(200)
    const proxied = async () => {
      const { body } = await keysOf(signing)
      return new Response(body.toString(), { headers: { 'content-type': 'application/json' } })
    }
    const jwks = createRemoteJWKSet(new URL('https://shop.test/keys'), { [(await import('jose')).customFetch]: proxied })
    expect(seen.map(({ host }) => host)).toEqual(['failing', 'sound'])
    const said = await Promise.all(
      [failing, sound].map(({ origin }, index) =>
        jwtVerify(String(seen[index]?.headers[EDGE_TOKEN_HEADER]), jwks, { issuer: 'urn:edge', audience: origin, algorithms: ['ES256'] }),
      ),
    )
    expect(said[0]?.payload).toMatchObject({ htm: 'GET', htu: 'http://shop.test/cart' })
    expect(said[1]?.payload).toMatchObject({ htm: 'GET', htu: 'http://shop.test/base/cart' })
    for (const { payload } of said) {
      expect(Object.keys(payload).toSorted()).toEqual(['aud', 'exp', 'htm', 'htu', 'iat', 'iss', 'jti'])
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(30)
    }
    const { headers = {}, url = '' }: Partial<(typeof seen)[number]> = seen[1] ?? {}
    expect(decodeJwt(String(headers[EDGE_TOKEN_HEADER]))['htu']).toBe(
      `${headers['x-forwarded-proto']}://${headers['x-forwarded-host']}${url.split('?')[0]}`,
    )
  })

  test('is used again for the same, and made anew for another path', async () => {
    await send('shop.test')
    const first = seen.at(-1)?.headers[EDGE_TOKEN_HEADER]
    await send('shop.test', '', '/cart?a=2')
    expect(seen.at(-1)?.headers[EDGE_TOKEN_HEADER]).toBe(first)
    await send('shop.test', '', '/other')
    expect(seen.at(-1)?.headers[EDGE_TOKEN_HEADER]).not.toBe(first)
  })

  test('is bound to what a rewrite makes of the request', async () => {
    await send('rewritten.test')
    expect(decodeJwt(String(seen.at(-1)?.headers[EDGE_TOKEN_HEADER]))['htu']).toBe('http://inner.test/base/inner')
  })

  test('nobody but the gateway sets: not on its route, and on no other', async () => {
    const lines = `${EDGE_TOKEN_HEADER}: spoofed\r\nMeridian-Identity: spoofed\r\nX-User: spoofed\r\nx.user: spoofed\r\nConnection: x-user\r\n`
    for (const host of ['shop.test', 'plain.test']) {
      await send(host, lines)
      expect(JSON.stringify(seen)).not.toContain('spoofed')
      expect(seen.length).toBeGreaterThan(0)
      expect(seen.at(-1)?.headers).not.toHaveProperty(['x-user'])
    }
    expect(seen.at(-1)?.headers).not.toHaveProperty([EDGE_TOKEN_HEADER])
  })

  test('no mirror gets, whatever else it may have', async () => {
    await send('mirrored.test')
    await expect.poll(() => seen.filter(({ headers }) => headers['meridian-mirror'] === '1').length).toBe(1)
    for (const { headers } of seen) expect(EDGE_TOKEN_HEADER in headers).toBe(headers['meridian-mirror'] === undefined)
  })

  test('is named by an explanation, not shown', async () => {
    const asked = { method: 'GET', url: 'https://shop.test/cart' }
    const question = JSON.stringify(asked)
    const answer = await raw(
      signing.port,
      `POST /.well-known/meridian/explain HTTP/1.1\r\nhost: shop.test\r\nauthorization: Bearer operator\r\ncontent-length: ${question.length}\r\nconnection: close\r\n\r\n${question}`,
    )
    expect(answer.body.toString()).toContain(`["${EDGE_TOKEN_HEADER}","(hidden)"]`)
    expect(answer.body.toString()).not.toContain('eyJ')
  })
})

describe('the keys', () => {
  test('anybody may read, on every host of the gateway and no other', async () => {
    const { status, headers, body } = await keysOf(signing, 'plain.test')
    expect(status).toBe(200)
    expect(headers).toContainEqual(['cache-control', 'public, max-age=300'])
    const { keys } = JSON.parse(body.toString()) as { keys: Record<string, string>[] }
    expect(keys.map(({ alg, use, d }) => [alg, use, d])).toEqual([
      ['ES256', 'sig', undefined],
      ['ES256', 'sig', undefined],
    ])
    expect((await keysOf(signing, 'other.test')).status).toBe(421)
  })
})

describe('without a sound key', () => {
  test('a route that tells is answered 503, nobody is asked, and the log says why', async () => {
    const answer = await send('shop.test', '', '/cart', unsigned)
    expect(answer.status).toBe(503)
    expect(answer.headers).toContainEqual(['meridian-code', 'ERR_IDENTITY_UNSIGNED'])
    expect(seen).toEqual([])
    expect(unsigned.log.join('\n')).toContain('ERR_IDENTITY_UNSIGNED')
    expect((await keysOf(unsigned)).status).toBe(503)
  })
  test('other routes are served, and the status names the secret', async () => {
    expect((await send('plain.test', '', '/', unsigned)).status).toBe(200)
    const status = await raw(
      unsigned.port,
      'GET /.well-known/meridian/status HTTP/1.1\r\nhost: shop.test\r\nauthorization: Bearer operator\r\nconnection: close\r\n\r\n',
    )
    expect(JSON.parse(status.body.toString().replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, ''))).toMatchObject({
      problems: expect.arrayContaining([expect.stringContaining('EDGE_SIGNING_KEY is no private JWK')]),
    })
  })
})
