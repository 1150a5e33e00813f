/** Lists and mappings that the schema bounds from below: each empty one is a defect at its place, whoever has to find it. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Path } from '../../../config/defect.ts'
import { at } from '../../../config/document.ts'
import { linkGateway } from '../../../config/link-gateway.ts'
import { parseGateway } from '../../../config/parse-gateway.ts'
import { gatewaySchema } from '../../../config/schema.ts'

interface Bounded {
  readonly minItems?: number
  readonly properties?: Readonly<Record<string, Bounded>>
  readonly additionalProperties?: Bounded | false
  readonly items?: Bounded
}

const described = z.toJSONSchema(gatewaySchema, { target: 'draft-7', io: 'input' }) as Bounded

/** Every list of the schema that must have an element, with stars for names and places. */
function bounded(schema: Bounded | false | undefined, pattern: string): readonly string[] {
  if (!schema) return []
  const { minItems = 0, properties = {}, additionalProperties, items } = schema
  return [
    ...(minItems > 0 ? [pattern] : []),
    ...Object.entries(properties).flatMap(([name, each]) => bounded(each, `${pattern}.${name}`)),
    ...bounded(additionalProperties, `${pattern}.*`),
    ...bounded(items, `${pattern}.*`),
  ]
}

const CERTIFICATE = { trust: 'zone', spiffe: ['spiffe://example.org/a'], dns: ['a.example.org'], fingerprints: ['a'.repeat(64)] }
const RULE = { effect: 'allow', certificate: CERTIFICATE, paths: ['/a'], methods: ['GET'], clients: ['192.0.2.0/24'], countries: ['DE'] }
const MONITOR = { path: '/ready', statuses: [200] }
const endpoint = (host: string) => ({ url: `https://${host}.example.com`, cloud: 'aws', region: 'us-east-1', monitor: MONITOR })
const STEPS = [
  { weight: '10%', pause: '1m' },
  { weight: '100%', pause: '1m' },
]

/** With each of those lists once at least. What else may be wrong with it does not matter. */
const FULL = {
  pools: {
    a: {
      endpoints: { a1: endpoint('a1'), a2: endpoint('a2') },
      monitor: MONITOR,
      steering: 'map',
      map: { countries: { DE: ['a1'] }, continents: { EU: ['a2'] }, default: ['a1'] },
    },
    b: { endpoints: { b1: endpoint('b1'), b2: endpoint('b2') } },
  },
  routes: [
    { hosts: ['a.example.org'], paths: ['/a'], certificate: CERTIFICATE, pools: [{ pool: 'a' }], mirrors: [{ pool: 'b' }] },
    { hosts: ['a.example.org'], pool: 'a', cors: { origins: ['https://b.example.org'] }, admission: { authorization: { rules: [RULE] } } },
    { hosts: ['b.example.org'], release: 'next' },
  ],
  releases: {
    next: {
      stable: { pool: 'a' },
      canary: { pool: 'b' },
      key: { cookie: 'k' },
      steps: STEPS,
      regions: [['us-east-1']],
      schedule: { days: ['mon'], from: 9, to: 17 },
    },
  },
  issuers: {
    one: {
      issuer: 'https://issuer.example.org',
      audiences: ['shop'],
      keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'one', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
      algorithms: ['EdDSA'],
      from: [{ header: 'authorization' }],
    },
  },
  trusts: {
    zone: { verify: 'cloudflare', issuers: ['d3:8a:91:0c:5e:77:42:b6:1f:09:aa:bb:cc:dd:ee:ff:01:23:45:67'], trustDomains: ['example.org'] },
    own: { verify: 'bundle', authorities: [{ file: 'own.pem', trustDomains: ['example.org'] }] },
  },
  admission: [{ hosts: ['a.example.org'], tokens: ['one'], certificates: ['zone'], require: 'any', authorization: { rules: [RULE] } }],
  health: { vantages: ['wnam', 'weur', 'apac'] },
}

interface Place {
  readonly pattern: string
  readonly path: Path
}

function listsIn(value: unknown, path: Path, pattern: string): readonly Place[] {
  if (typeof value !== 'object' || value === null) return []
  const isList = Array.isArray(value)
  const below = Object.entries(value).flatMap(([key, held]) =>
    [key, '*'].flatMap((step) => listsIn(held, [...path, isList ? Number(key) : key], `${pattern}.${step}`)),
  )
  return isList ? [{ pattern, path }, ...below] : below
}

const wanted = bounded(described, '')
const there = new Map(listsIn(FULL, [], '').map(({ pattern, path }) => [pattern, path]))

test('the document has each of them', () => {
  expect(wanted.length).toBeGreaterThan(40)
  expect(wanted.filter((pattern) => !there.has(pattern))).toEqual([])
})

test.each(wanted)('%s', (pattern) => {
  const path = there.get(pattern) ?? []
  // Not by `structuredClone`, which keeps shared parts shared.
  const document = JSON.parse(JSON.stringify(FULL)) as typeof FULL
  Object.assign(at(document, path.slice(0, -1)) as object, { [String(path.at(-1))]: [] })
  const { defects } = linkGateway(parseGateway(document), { local: true, now: 0 })
  expect(defects.filter(({ code }) => code === 'COUNT_OUT_OF_RANGE').map((one) => one.path.join('.'))).toEqual([path.join('.')])
})
