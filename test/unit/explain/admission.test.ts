/** `npx meridian explain` of a configuration with keys in it: who sent a request, what is demanded, what each rule made of it. */
import { stripVTControlCharacters } from 'node:util'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { decideHere } from '../../../cli/explain/decide-here.ts'
import { NOTHING_KNOWN } from '../../../cli/explain/read-known.ts'
import { renderExplanation } from '../../../cli/explain/render-explanation.ts'
import { baseOf, document } from '../config/documents.ts'

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
const key = JSON.stringify({ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' })

const base = baseOf(
  document({
    routes:
      '  - { name: gold, hosts: [shop.example.com], claims: { tier: gold }, pool: shop }\n  - { name: shop, hosts: [shop.example.com], pool: shop }',
    rest: `issuers: { idp: { issuer: "https://id.example.com", audiences: [shop], keys: [${key}] } }
admission:
  - hosts: [shop.example.com]
    tokens: [idp]
    require: optional
    authorization:
      rules: [{ name: staff, effect: allow, claims: { staff: true } }, { name: no-admin, effect: deny, paths: [/admin] }, { effect: allow, methods: [GET] }]`,
  }),
)

const token = (claims: Record<string, unknown>): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer('https://id.example.com')
    .setAudience('shop')
    .setSubject('ann')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey)

async function shown(path: string, bearer?: string): Promise<string> {
  const headers = bearer === undefined ? [] : [['authorization', `Bearer ${bearer}`] as const]
  const told = await decideHere(
    { method: 'GET', url: `https://shop.example.com${path}`, headers, client: {}, draws: [] },
    base,
    NOTHING_KNOWN,
  )
  if (!told.ok) throw new Error(told.error)
  return stripVTControlCharacters(renderExplanation(told.value, Number.POSITIVE_INFINITY).join('\n'))
}

test('a good token is verified by the keys of the configuration, and never repeated', async () => {
  const bearer = await token({ staff: true, tier: 'gold' })
  const text = await shown('/admin', bearer)
  expect(text).toContain('sent on by route gold')
  expect(text).toContain('token: verified, of idp')
  expect(text).toContain('demanded: optional')
  expect(text).toContain('rules of the host: allowed by staff')
  expect(text).toMatch(/allow staff +applies/)
  expect(text).not.toContain(bearer)
})

test('one in the query is no more repeated than one in a header', async () => {
  const inQuery = baseOf(
    document({
      routes: '  - { name: shop, hosts: [shop.example.com], pool: shop }',
      rest: `issuers: { idp: { issuer: "https://id.example.com", audiences: [shop], keys: [${key}], from: [{ query: access_token }] } }
admission: [{ hosts: [shop.example.com], tokens: [idp] }]`,
    }),
  )
  const bearer = await token({})
  const url = `https://shop.example.com/cart?a=$1&access_token=${bearer}&b=2`
  const told = await decideHere({ method: 'GET', url, headers: [], client: {}, draws: [] }, inQuery, NOTHING_KNOWN)
  if (!told.ok) throw new Error(told.error)
  expect(told.value.decision.kind).toBe('forwarded')
  expect(told.value.request).toMatchObject({ url: 'https://shop.example.com/cart?a=$1&b=2', read: { query: '?a=$1&b=2' } })
  expect(JSON.stringify(told.value)).not.toContain(bearer)
})

test('without one each rule says why it did not apply', async () => {
  const text = await shown('/admin')
  expect(text).toContain('refused with 403 ERR_FORBIDDEN')
  expect(text).toContain('Because: the rule no-admin of the host denies it.')
  expect(text).toContain('token: no token')
  expect(text).toMatch(/not gold +claim tier: no token/)
  expect(text).toMatch(/allow staff +not: claim staff: no token/)
  expect(text).toMatch(/deny {2}no-admin +applies/)
})

test('a bad one says why it is refused', async () => {
  const text = await shown('/', `${await token({})}x`)
  expect(text).toContain('refused with 401 ERR_TOKEN_REQUIRED')
  expect(text).toMatch(/token: the token is refused: \w+/)
})

test('what endpoints are told of the sender is said as the gateway tells it, and what a client writes there ends', async () => {
  const telling = baseOf(
    document({
      routes: '  - { name: shop, hosts: [shop.example.com], pool: shop, identity: { claims: { x-user: sub }, token: true } }',
      rest: `issuers: { idp: { issuer: "https://id.example.com", audiences: [shop], keys: [${key}] } }
admission: [{ hosts: [shop.example.com], tokens: [idp], require: optional }]`,
    }),
  )
  const outgoingOf = async (headers: readonly (readonly [string, string])[]) => {
    const url = 'https://shop.example.com/cart'
    const told = await decideHere({ method: 'GET', url, headers, client: {}, draws: [] }, telling, NOTHING_KNOWN)
    if (!told.ok || told.value.decision.kind !== 'forwarded') throw new Error(JSON.stringify(told))
    return told.value.decision.outgoing
  }
  const nobody = await outgoingOf([['x-user', 'root']])
  expect(nobody.removed).toEqual(['x-user'])
  expect(nobody.set).toContainEqual(['meridian-identity', '(hidden)'])
  const ann = await outgoingOf([
    ['x-user', 'root'],
    ['authorization', `Bearer ${await token({})}`],
  ])
  expect(ann.set).toContainEqual(['x-user', 'ann'])
})

test('what an endpoint is told by the configuration is named, not shown: it may be how it knows the edge', async () => {
  const text = document({ routes: '  - { name: shop, hosts: [shop.example.com], pool: shop }' })
  const proving = baseOf(text.replace('cloud: aws', 'headers: { X-Edge-Proof: "0451" }, cloud: aws'))
  const url = 'https://shop.example.com/cart'
  const told = await decideHere({ method: 'GET', url, headers: [], client: {}, draws: [] }, proving, NOTHING_KNOWN)
  if (!told.ok || told.value.decision.kind !== 'forwarded') throw new Error(JSON.stringify(told))
  expect(told.value.decision.outgoing.set).toContainEqual(['x-edge-proof', '(hidden)'])
  expect(JSON.stringify(told.value)).not.toContain('0451')
})
