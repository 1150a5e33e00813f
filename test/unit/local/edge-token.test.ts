import { createServer, type IncomingMessage, type Server } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { edgeTokenReader } from '../../../cli/local/edge-token.ts'

const ORIGIN = 'https://127.0.0.1:9101'
const GOOD = { iss: 'urn:meridian:edge', aud: ORIGIN, htm: 'GET', htu: 'https://shop.test/private/x', sub: 'ann' }

describe('a sample ingress', () => {
  let gateway: Server
  let read: ReturnType<typeof edgeTokenReader>
  let signing: Awaited<ReturnType<typeof generateKeyPair>>
  let foreign: Awaited<ReturnType<typeof generateKeyPair>>

  beforeAll(async () => {
    signing = await generateKeyPair('ES256', { extractable: true })
    foreign = await generateKeyPair('ES256')
    const keys = { keys: [{ ...(await exportJWK(signing.publicKey)), kid: 'edge', alg: 'ES256' }] }
    gateway = createServer((_request, response) => response.end(JSON.stringify(keys)))
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
    const { port } = gateway.address() as { port: number }
    read = edgeTokenReader({ keysUrl: `http://127.0.0.1:${port}/jwks.json`, paths: ['/private'] }, () => ORIGIN)
  })
  afterAll(() => new Promise((resolve) => gateway.close(resolve)))

  const sign = (claims: Readonly<Record<string, unknown>>, lifetime: string, key = signing.privateKey): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'edge' }).setIssuedAt().setExpirationTime(lifetime).sign(key)
  const ask = (url: string, token?: string) => {
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.test',
      ...(token === undefined ? {} : { 'meridian-identity': token }),
    }
    return read({ url, method: 'GET', headers } as unknown as IncomingMessage)
  }

  test("answers what is anybody's, and what the edge has signed", async () => {
    expect(await ask('/')).toEqual({ ok: true, value: undefined })
    expect(await ask('/privateer')).toEqual({ ok: true, value: undefined })
    expect(await ask('/private/x?y=1', await sign(GOOD, '30s'))).toMatchObject({ ok: true, value: { sub: 'ann' } })
  })

  test.each([
    { what: 'no token', token: undefined },
    { what: 'a token of another key', token: () => sign(GOOD, '30s', foreign.privateKey) },
    { what: 'one for another ingress', token: () => sign({ ...GOOD, aud: 'https://127.0.0.1:9102' }, '30s') },
    { what: 'one of another issuer', token: () => sign({ ...GOOD, iss: 'somebody' }, '30s') },
    { what: 'one that has expired', token: () => sign(GOOD, '-10s') },
    { what: 'one for another method', token: () => sign({ ...GOOD, htm: 'POST' }, '30s') },
    { what: 'one for another path', token: () => sign({ ...GOOD, htu: 'https://shop.test/private/y' }, '30s') },
    { what: 'one that says no path', token: () => sign({ ...GOOD, htu: undefined }, '30s') },
  ])('refuses $what', async ({ token }) => expect(await ask('/private/x', await token?.())).toMatchObject({ ok: false }))
})
