/** From a client's token to what an endpoint is told of it, on the real runtime, by a configuration as an operator writes it. */
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newEdgeKey } from '../../../cli/edge-key.ts'
import { loadText } from '../../../cli/load-gateway.ts'
import { bundle, COMPATIBILITY, type Running, raw, startWorkers } from '../harness.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

let endpoint: TestEndpoint
let gateway: Running
let sign: (claims: Record<string, unknown>) => Promise<string>
let seen: Readonly<Record<string, string | string[] | undefined>>[] = []

beforeAll(async () => {
  endpoint = await httpEndpoint((request, answer) => {
    seen.push(request.headers)
    answer.end('ok')
  })
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
  sign = (claims) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer('https://id.test')
      .setAudience('shop')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey)
  const loaded = loadText(
    `pools: { shop: { endpoints: { a: { url: "${endpoint.origin}", cloud: aws, region: us-east-1 } } } }
issuers: { idp: { issuer: "https://id.test", audiences: [shop], keys: [${JSON.stringify(jwk)}] } }
admission: [{ hosts: [shop.test], tokens: [idp], require: optional }]
routes:
  - hosts: [shop.test]
    pool: shop
    identity: { claims: { x-user: sub, x-tenant: org.tenant, x-roles: roles }, token: { claims: [org.tenant, roles] } }
`,
    'f',
    { local: true },
  )
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.defects))
  const script = await bundle('worker/index.ts', loaded.base)
  const bindings = { EDGE_SIGNING_KEY: newEdgeKey().secret }
  gateway = await startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY, bindings }])
})
afterAll(() => Promise.all([gateway.stop(), endpoint.stop()]))

async function send(authorization?: string) {
  seen = []
  const bearer = authorization === undefined ? '' : `authorization: ${authorization}\r\n`
  const lies = 'x-user: root\r\nX-Tenant: root\r\nx-forwarded-client-cert: root\r\n'
  const answer = await raw(gateway.port, `GET /cart HTTP/1.1\r\nhost: shop.test\r\n${bearer}${lies}connection: close\r\n\r\n`)
  return { status: answer.status, headers: seen[0] }
}

test('claims of a verified token reach the endpoint, as headers and in a token of the edge', async () => {
  const { status, headers } = await send(`Bearer ${await sign({ sub: 'josé, root', org: { tenant: 'acme' }, roles: ['a', 'b'] })}`)
  expect(status).toBe(200)
  expect(headers).toMatchObject({ 'x-user': 'jos%C3%A9%2C root', 'x-tenant': 'acme' })
  expect(headers).not.toHaveProperty(['x-roles'])
  expect(decodeJwt(String(headers?.['meridian-identity']))).toMatchObject({
    iss: 'urn:meridian:edge',
    aud: endpoint.origin,
    sub: 'josé, root',
    client: { iss: 'https://id.test', org: { tenant: 'acme' }, roles: ['a', 'b'] },
  })
})

test('one client never gets the token of another', async () => {
  const [ann, bob] = await Promise.all([sign({ sub: 'ann' }), sign({ sub: 'bob' })])
  for (const [token, sub] of [
    [ann, 'ann'],
    [bob, 'bob'],
    [ann, 'ann'],
  ] as const) {
    const { headers } = await send(`Bearer ${token}`)
    expect(decodeJwt(String(headers?.['meridian-identity']))['sub']).toBe(sub)
    expect(headers?.['x-user']).toBe(sub)
  }
})

test('nothing is told of who proved nothing, and a bad token reaches nobody', async () => {
  const { status, headers } = await send()
  expect(status).toBe(200)
  for (const name of ['x-user', 'x-tenant', 'x-forwarded-client-cert']) expect(headers).not.toHaveProperty([name])
  const said = decodeJwt(String(headers?.['meridian-identity']))
  expect(said).not.toHaveProperty('sub')
  expect(said).not.toHaveProperty('client')
  const token = await sign({ sub: 'ann' })
  expect(await send(`Bearer ${token.slice(0, -4)}AAAA`)).toEqual({ status: 401, headers: undefined })
})
