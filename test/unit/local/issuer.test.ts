import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { type LocalIssuer, startIssuer } from '../../../cli/local/issuer.ts'
import { ANNOUNCE_MS, addIssuerKey, issuerKeys, publicKeys, signingKey } from '../../../cli/local/issuer-keys.ts'
import { setFault } from '../../../cli/local/sample-ingress.ts'
import { signTestToken, type TestToken } from '../../../cli/local/test-token.ts'

const folders: string[] = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-unit-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const WANTED: TestToken = { issuer: 'http://issuer.test', subject: 'ann', audience: 'shop', claims: {}, lifetime: 300 }
const NOW_S = 1_800_000_000
const verify = (token: string, keys: JSONWebKeySet) =>
  jwtVerify(token, createLocalJWKSet(keys), { issuer: WANTED.issuer, audience: 'shop', currentDate: new Date(NOW_S * 1000) })

describe('a test token', () => {
  test('says what was wanted, and the published keys verify it', async () => {
    const keys = await issuerKeys(newFolder())
    const wanted = { ...WANTED, scope: 'orders:read', claims: { tenant: 'blue', roles: ['a', 'b'] } }
    const { token, claims } = await signTestToken(wanted, signingKey(keys, 0), NOW_S)
    const { payload, protectedHeader } = await verify(token, publicKeys(keys) as JSONWebKeySet)
    expect(payload).toEqual(claims)
    expect(payload).toMatchObject({ sub: 'ann', scope: 'orders:read', tenant: 'blue', roles: ['a', 'b'], exp: NOW_S + 300 })
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: keys[0].kid })
  })

  test.each([
    { bad: 'expired', code: 'ERR_JWT_EXPIRED' },
    { bad: 'signature', code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' },
    { bad: 'audience', code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' },
    { bad: 'none', code: 'ERR_JOSE_NOT_SUPPORTED' },
  ] as const)('that is bad by $bad is bad by nothing else', async ({ bad, code }) => {
    const keys = await issuerKeys(newFolder())
    const { token } = await signTestToken({ ...WANTED, bad }, signingKey(keys, 0), NOW_S)
    await expect(verify(token, publicKeys(keys) as JSONWebKeySet)).rejects.toMatchObject({ code })
  })
})

describe('keys of the local issuer', () => {
  test('are kept, readable by their owner alone', async () => {
    const folder = newFolder()
    expect(await issuerKeys(folder)).toEqual(await issuerKeys(folder))
    expect(statSync(join(folder, 'issuer/keys.json')).mode & 0o077).toBe(0)
  })

  test('are published before they sign when announced, and no private part ever is', async () => {
    const folder = newFolder()
    const [old] = await issuerKeys(folder)
    const keys = await addIssuerKey(folder, NOW_S * 1000 + ANNOUNCE_MS)
    const fresh = keys.at(-1)
    expect(publicKeys(keys).keys.map(({ kid }) => kid)).toEqual([old.kid, fresh?.kid])
    expect(signingKey(keys, NOW_S * 1000)).toEqual(old)
    expect(signingKey(keys, NOW_S * 1000 + ANNOUNCE_MS)).toEqual(fresh)
    expect(JSON.stringify(publicKeys(keys))).not.toContain('"d"')
  })

  test('are three at most', async () => {
    const folder = newFolder()
    const kids = []
    for (let turn = 0; turn < 5; turn += 1) kids.push((await addIssuerKey(folder, turn)).at(-1)?.kid)
    expect((await issuerKeys(folder)).map(({ kid }) => kid)).toEqual(kids.slice(-3))
  })
})

describe('the local issuer', () => {
  let issuer: LocalIssuer | undefined
  afterAll(() => issuer?.stop())

  test('is found by discovery, and can be broken and healed', async () => {
    const folder = newFolder()
    issuer = await startIssuer(folder, { traffic: 0, control: 0 })
    const discovery = `${issuer.url}/.well-known/openid-configuration`
    const document = (await (await fetch(discovery)).json()) as { issuer: string; jwks_uri: string }
    expect(document.issuer).toBe(issuer.url)
    const { token } = await signTestToken(WANTED, signingKey(await issuerKeys(folder), 0), NOW_S)
    const remote = createRemoteJWKSet(new URL(document.jwks_uri))
    expect(await jwtVerify(token, remote, { currentDate: new Date(NOW_S * 1000) })).toMatchObject({ payload: { sub: 'ann' } })
    await setFault(issuer.ports, '503')
    expect((await fetch(discovery)).status).toBe(503)
    await setFault(issuer.ports, 'heal')
    expect((await fetch(discovery)).status).toBe(200)
  })
})
