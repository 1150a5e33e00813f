/** Copies of requests as mirrors get them, through the whole of `handle`: through which connection, and without which headers. */
import { expect, test } from 'vitest'
import { loadText } from '../../../cli/load-gateway.ts'
import type { Base } from '../../../config/base.ts'
import { makeGateway } from '../../../worker/app.ts'
import { makeIdentify } from '../../../worker/identity/identify.ts'
import { NO_CERTIFICATE, NO_TOKEN } from '../../../worker/policy/identity.ts'
import { credentialHeaders } from '../../../worker/policy/mirror.ts'
import { dice } from '../../seed.ts'
import { Driven } from '../explain/drive.ts'
import { installPassingStreams } from './passing-streams.ts'
import { diceOf } from './random-gateway.ts'
import { type Sent, VirtualPlatform } from './virtual-platform.ts'

installPassingStreams()

const KEYS = '[{ kty: OKP, crv: Ed25519, kid: one, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo }]'
const issuer = (name: string, from: string): string =>
  `  ${name}: { issuer: "urn:${name}", audiences: [shop], keys: ${KEYS}, algorithms: [EdDSA], from: ${from} }`

const FILE = `
pools:
  shop:
    endpoints:
      a: { url: https://a.example.com, cloud: aws, region: us-east-1, clientCertificate: SHOP_CERTIFICATE }
      b: { url: https://b.example.com, cloud: gcp, region: europe-west1, clientCertificate: SHOP_CERTIFICATE }
  next:
    endpoints:
      c: { url: https://c.example.com, cloud: aws, region: us-east-1, clientCertificate: NEXT_CERTIFICATE }
      d: { url: https://d.example.com, cloud: gcp, region: europe-west1, clientCertificate: NEXT_CERTIFICATE }
issuers:
${issuer('people', '[{ header: x-access-token }, { query: access_token }]')}
${issuer('elsewhere', '[{ header: x-other-token }]')}
admission:
  - { hosts: [shop.example.com], tokens: [people], require: none }
  - { hosts: [other.example.com], tokens: [elsewhere] }
routes:
  - { name: dropped, hosts: [shop.example.com], paths: [/dropped], pool: shop, mirrors: [{ pool: next }] }
  - { name: kept, hosts: [shop.example.com], paths: [/kept], pool: shop, mirrors: [{ pool: next, credentials: keep }] }
  - { name: other, hosts: [other.example.com], pool: shop }
`

const SECRET = 'a secret of the client'
const SHOWN = ['authorization', 'cookie', 'dpop', 'x-api-key', 'x-access-token', 'x-other-token'] as const

function loaded(): Base {
  const read = loadText(FILE, 'gateway.yaml', { local: false })
  if (!read.ok) throw new Error(JSON.stringify(read.defects))
  return read.base
}

const base = loaded()
const { admission } = base

/** What was sent on, and the copy of it. */
async function sentFor(path: string): Promise<readonly [forwarded: Sent, copy: Sent]> {
  if (admission === undefined) throw new Error('the file has an admission')
  const { runtime } = new Driven(base)
  const identify = makeIdentify(admission, { findCertificate: () => NO_CERTIFICATE, findToken: () => NO_TOKEN })
  const platform = new VirtualPlatform(diceOf(dice(1)), () => Object.assign(new Response('good'), { webSocket: null }))
  const gateway = makeGateway({ ...runtime, identify })
  const headers = Object.fromEntries(SHOWN.map((name) => [name, SECRET]))
  const request = new Request(`https://shop.example.com/${path}?q=1&access_token=shown`, { headers })
  expect((await platform.finish(gateway(request, platform))).status).toBe(200)
  const [forwarded, copy, ...more] = platform.sent
  if (forwarded === undefined || copy === undefined || more.length > 0) throw new Error(`${platform.sent.length} were sent, not two`)
  expect([forwarded, copy].map(({ outgoing }) => outgoing.headers.has('meridian-mirror'))).toEqual([false, true])
  return [forwarded, copy]
}

const shownBy = ({ outgoing }: Sent): readonly string[] => SHOWN.filter((name) => outgoing.headers.get(name) === SECRET)

test.each(['dropped', 'kept'])('the copy of /%s goes through the connection that its endpoint demands', async (path) => {
  const [forwarded, copy] = await sentFor(path)
  expect([forwarded.clientCertificate, copy.clientCertificate]).toEqual(['SHOP_CERTIFICATE', 'NEXT_CERTIFICATE'])
})

test('neither is read from nor kept in the cache of the platform, which would know it by the URL of its endpoint alone', async () => {
  for (const { outgoing } of await sentFor('kept')) expect(outgoing.cf).toEqual({ cacheTtl: -1, cacheLevel: 'bypass' })
})

test('a copy without credentials has none of those that the configuration knows, and endpoints have them all', async () => {
  const [forwarded, copy] = await sentFor('dropped')
  expect([shownBy(forwarded), shownBy(copy)]).toEqual([SHOWN, []])
})

test('a copy with credentials has them', async () => {
  const [forwarded, copy] = await sentFor('kept')
  expect([shownBy(forwarded), shownBy(copy)]).toEqual([SHOWN, SHOWN])
})

test.each(['dropped', 'kept'])('a token in the query of /%s goes to nobody', async (path) => {
  for (const { url } of await sentFor(path)) expect(url).toMatch(new RegExp(`/${path}\\?q=1$`))
})

test('each header has its place in the list once', () => {
  const names = credentialHeaders(base)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(['x-access-token', 'x-other-token']))
})
