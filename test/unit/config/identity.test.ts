/** What a base and an endpoint are known by: the hash changes exactly with the content, the key exactly with address and monitor. */
import { describe, expect, test } from 'vitest'
import { baseOf, document, notesOf } from './documents.ts'

const keysOf = (text: string) => baseOf(text).pools.flatMap(({ endpoints }) => endpoints.map(({ key }) => key))
const PLAIN = document()
const [AWS, GCP] = keysOf(PLAIN)

describe('the hash of a base', () => {
  test('is 16 hex digits, and the same again', () => {
    expect(baseOf(PLAIN).hash).toMatch(/^[0-9a-f]{16}$/)
    expect(baseOf(document())).toEqual(baseOf(PLAIN))
  })

  test.each([
    { what: 'a comment', text: `# a comment\n${PLAIN}` },
    { what: 'a default that is said', text: document({ route: 'writes: follow-verdict', pool: 'steering: listed' }) },
    {
      what: 'another order of fields',
      text: document({ aws: '{ mesh: istio, region: us-east-1, url: https://ingress.use1.example.com, cloud: aws }' }),
    },
    { what: 'another spelling of a length', text: document({ route: 'timeouts: { request: 15000ms }' }) },
    {
      what: 'a trailing slash',
      text: document({ aws: '{ url: https://ingress.use1.example.com/, cloud: aws, region: us-east-1, mesh: istio }' }),
    },
  ])('does not change with $what', ({ text }) => expect(baseOf(text).hash).toBe(baseOf(PLAIN).hash))

  const changed = [
    document({ route: 'name: a' }),
    document({ route: 'bufferUpTo: 1B' }),
    document({ route: 'timeouts: { request: 14s }' }),
    document({ pool: 'slowStart: 31s' }),
    document({ rest: 'inbound: { hopsMax: 2 }' }),
    document({ rest: 'health: { vantages: [enam, wnam, weur, eeur, apac] }' }),
    document({ aws: '{ url: https://ingress.use1.example.com, cloud: aws, region: us-east-2, mesh: istio }' }),
    document({ aws: '{ url: https://ingress.use1.example.com, cloud: aws, region: us-east-1, mesh: istio, headers: { a: b } }' }),
    document({ pool: 'monitor: { interval: 2s }' }),
    document({ routes: '  - { hosts: [a.example.org], pool: shop }\n  - { hosts: [b.example.org], pool: shop }' }),
    document({ routes: '  - { hosts: [b.example.org], pool: shop }\n  - { hosts: [a.example.org], pool: shop }' }),
  ]
  test('differs for each change of content', () => {
    expect(new Set([PLAIN, ...changed].map((text) => baseOf(text).hash)).size).toBe(changed.length + 1)
  })
})

describe('the key of an endpoint', () => {
  test('is 16 hex digits, another for each endpoint', () => {
    expect(AWS).toMatch(/^[0-9a-f]{16}$/)
    expect(AWS).not.toBe(GCP)
  })

  test.each([
    { what: 'its name', text: PLAIN.replace('aws-use1', 'renamed') },
    { what: 'its pool', text: PLAIN.replaceAll('shop:', 'store:').replace('pool: shop', 'pool: store') },
    {
      what: 'its weight, region and drain',
      text: document({
        pool: 'steering: weighted',
        aws: '{ url: https://ingress.use1.example.com, cloud: aws, region: us-east-2, mesh: istio, weight: 7, drain: true }',
      }),
    },
    { what: 'the routes', text: document({ route: 'writes: anywhere' }) },
  ])('stays when $what changes', ({ text }) => expect(keysOf(text)).toEqual([AWS, GCP]))

  test.each([
    { what: 'its URL', text: document({ aws: '{ url: https://other.use1.example.com, cloud: aws, region: us-east-1, mesh: istio }' }) },
    {
      what: 'its base path',
      text: document({ aws: '{ url: https://ingress.use1.example.com/base, cloud: aws, region: us-east-1, mesh: istio }' }),
    },
    {
      what: 'its mesh, and so its monitor',
      text: document({ aws: '{ url: https://ingress.use1.example.com, cloud: aws, region: us-east-1, mesh: kuma }' }),
    },
    {
      what: 'its monitor',
      text: document({
        aws: '{ url: https://ingress.use1.example.com, cloud: aws, region: us-east-1, mesh: istio, monitor: { path: /x } }',
      }),
    },
  ])('changes with $what, and no other does', ({ text }) => {
    expect(keysOf(text)[0]).not.toBe(AWS)
    expect(keysOf(text)[1]).toBe(GCP)
  })

  test("changes for all with the pool's monitor", () => {
    const keys = keysOf(document({ pool: 'monitor: { consecutiveDown: 3 }' }))
    expect(keys).not.toContain(AWS)
    expect(keys).not.toContain(GCP)
  })

  test('is shared by one address in two pools, which is probed once', () => {
    const text = document({
      rest: '',
      routes: '  - { hosts: [shop.example.com], pool: shop }\n  - { hosts: [b.example.org], pool: second }',
    }).replace(
      'routes:',
      '  second:\n    endpoints:\n      again: { url: https://ingress.use1.example.com, cloud: aws, region: us-east-1, mesh: istio }\nroutes:',
    )
    const base = baseOf(text)
    expect(base.pools[1]?.endpoints[0]?.key).toBe(AWS)
    expect(base.targets.map(({ id }) => id)).toEqual(['aws-use1', 'gcp-euw1'])
  })
})

describe('monitors', () => {
  const urlOf = (aws: string, pool?: string) => baseOf(document(pool === undefined ? { aws } : { aws, pool })).targets[0]?.monitor.url
  const at = (rest: string) => `{ url: "https://a.example.com:8443/base", cloud: aws, region: us-east-1${rest} }`
  test.each([
    { aws: at(''), url: 'https://a.example.com:8443/' },
    { aws: at(', mesh: istio'), url: 'http://a.example.com:15021/healthz/ready' },
    { aws: at(', mesh: tetrate'), url: 'http://a.example.com:15021/healthz/ready' },
    { aws: at(', mesh: istio, monitor: { path: /ready }'), url: 'https://a.example.com:8443/ready' },
    { aws: at(', mesh: istio, monitor: { port: 4191 }'), url: 'http://a.example.com:4191/' },
    { aws: at(', mesh: istio, monitor: { port: 8443, path: /r }'), url: 'https://a.example.com:8443/r' },
    { aws: at(', monitor: { url: "http://b.example.com/r?x=1" }'), url: 'http://b.example.com/r?x=1' },
    { aws: at(''), pool: 'monitor: { path: /p }', url: 'https://a.example.com:8443/p' },
    { aws: at(', monitor: { port: 9000 }'), pool: 'monitor: { path: /p }', url: 'http://a.example.com:9000/p' },
    { aws: at(', monitor: { url: "https://b.example.com/r" }'), pool: 'monitor: { path: /p }', url: 'https://b.example.com/r' },
    { aws: at(', monitor: { path: /q }'), pool: 'monitor: { url: "https://b.example.com/r" }', url: 'https://a.example.com:8443/q' },
  ])('$aws with $pool asks $url', ({ aws, pool, url }) => expect(urlOf(aws, pool)).toBe(url))
})

describe('notes say what is allowed and may surprise', () => {
  test.each([
    { text: PLAIN, local: false, says: [] },
    {
      text: document({ rest: 'health: { vantages: [wnam] }' }),
      local: true,
      says: ['8:21 health.vantages: no quorum: the vote of the one vantage is the verdict'],
    },
    {
      text: document({ aws: '{ url: https://ingress.use1.example.com, cloud: aws, region: us-esat-1 }' }),
      local: false,
      says: ['4:78 pools.shop.endpoints.aws-use1.region: us-esat-1 is no known region of aws; did you mean "us-east-1"?'],
    },
    {
      text: PLAIN.replace(/ {6}gcp.*\n/, ''),
      local: false,
      says: ['3:5 pools.shop.endpoints: one endpoint alone: nothing can rescue its requests'],
    },
  ])('$says', ({ text, local, says }) => expect(notesOf(text, local)).toEqual(says))

  const many = (count: number) => {
    const endpoint = (index: number) => `      e${index}: { url: "https://e${index}.example.com", cloud: own, region: r }\n`
    const pool = (index: number) =>
      `  p${index}:\n    endpoints:\n${Array.from({ length: count }, (_, at) => endpoint(index * count + at)).join('')}`
    return `pools:\n${Array.from({ length: 9 }, (_, index) => pool(index)).join('')}routes: [${Array.from({ length: 9 }, (_, index) => `{ hosts: [h${index}.example.com], pool: p${index} }`).join(', ')}]\n`
  }
  test('more endpoints than a vantage probes', () => {
    expect(notesOf(many(56))).toEqual([])
    expect(notesOf(many(57))).toEqual([
      '1:1 pools: 513 endpoints: a vantage probes the first 512, the rest are judged by their traffic alone',
    ])
  })
})
