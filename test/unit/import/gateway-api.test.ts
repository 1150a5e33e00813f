import { describe, expect, test } from 'vitest'
import { readEndpoint, readPattern } from '../../../cli/import/endpoints.ts'
import { BASE, importText, route, rule, service } from './manifests.ts'

const routesOf = (text: string) => importText(BASE + text).document.routes
const first = (text: string) => routesOf(text)[0]
const refusals = (text: string) =>
  importText(text)
    .findings.filter(({ severity }) => severity === 'refused')
    .map(({ text: said }) => said)

describe('a match', () => {
  test.each([
    ['none', '', {}],
    ['the prefix /', 'matches: [{ path: { value: / } }]', {}],
    ['a prefix', 'matches: [{ path: { value: /a/ } }]', { paths: ['/a'] }],
    ['an exact path', 'matches: [{ path: { type: Exact, value: /a/ } }]', { paths: [{ exact: '/a/' }] }],
    ['a path in another spelling', 'matches: [{ path: { value: /a%3Ab } }]', { paths: ['/a%3Ab', '/a:b'] }],
    ['an expression', 'matches: [{ path: { type: RegularExpression, value: /a+ } }]', { paths: [{ regex: '/a+' }] }],
    ['a method', 'matches: [{ method: PUT }]', { methods: ['PUT'] }],
    ['a header', 'matches: [{ headers: [{ name: X-Tenant, value: blue }] }]', { headers: { 'x-tenant': 'blue' } }],
    ['two spellings of a header', 'matches: [{ headers: [{ name: A, value: x }, { name: a, value: y }] }]', { headers: { a: 'x' } }],
    ['a parameter', 'matches: [{ queryParams: [{ name: Q, value: x }] }]', { query: { Q: 'x' } }],
    [
      'an expression for a header',
      'matches: [{ headers: [{ name: a, type: RegularExpression, value: "x|y" }] }]',
      { headers: { a: { regex: 'x|y' } } },
    ],
  ])('%s', (_, matches, expected) =>
    expect(first(rule(matches))).toEqual({ name: 'pay', hosts: ['*'], retry: { attemptsMax: 1 }, pool: 'cart', ...expected }),
  )

  test('each of several is a route of its own, in their order', () => {
    const routes = routesOf(rule('matches: [{ path: { value: /a } }, { path: { value: /b } }]'))
    expect(routes.map(({ name, paths }) => [name, paths])).toEqual([
      ['pay', ['/a']],
      ['pay-2', ['/b']],
    ])
  })

  test('a method that the gateway never routes is refused', () => {
    expect(refusals(BASE + rule('matches: [{ method: TRACE }]'))).toHaveLength(1)
  })
})

describe('a filter', () => {
  test.each([
    [
      'changes request headers',
      'filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: A, value: b }], add: [{ name: C, value: d }], remove: [E] } }]',
      { requestHeaders: { set: { a: 'b' }, add: { c: 'd' }, remove: ['e'] } },
    ],
    [
      'changes response headers',
      'filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { add: [{ name: C, value: d }] } }]',
      { responseHeaders: { add: { c: 'd' } } },
    ],
    [
      'answers for CORS',
      'filters: [{ type: CORS, cors: { allowOrigins: ["https://*.a.example"], allowMethods: [PUT], allowCredentials: true, maxAge: 3600 } }]',
      { cors: { origins: ['https://*.a.example'], methods: ['PUT'], credentials: true, maxAge: '60m' } },
    ],
    ['rewrites the host', 'filters: [{ type: URLRewrite, urlRewrite: { hostname: new.example } }]', { rewrite: { host: 'new.example' } }],
    [
      'rewrites the path',
      'filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /x } } }]',
      { rewrite: { path: '/x' } },
    ],
    [
      'takes a prefix away',
      'filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: "" } } }]',
      { rewrite: { prefix: '/' } },
    ],
    [
      'mirrors',
      'filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: old, port: 80 }, fraction: { numerator: 1, denominator: 3 } } }]',
      { mirrors: [{ pool: 'old', share: '33.33%' }] },
    ],
  ])('%s', (_, filters, expected) => expect(first(rule(filters))).toMatchObject(expected))

  const mirrorTo = (service: string) => `{ type: RequestMirror, requestMirror: { backendRef: { name: ${service}, port: 80 } } }`
  test('mirrors to nobody where the Service is not there, and to four at most', () => {
    expect(first(rule(`filters: [${mirrorTo('gone')}]`))).not.toHaveProperty('mirrors')
    expect(refusals(BASE + rule(`filters: [${mirrorTo('gone')}]`))).toEqual([expect.stringContaining('no copy is sent')])
    const many = rule(`filters: [${Array.from({ length: 5 }, () => mirrorTo('old')).join(', ')}]`)
    expect(first(many)?.mirrors).toHaveLength(4)
    expect(refusals(BASE + many)).toHaveLength(1)
  })

  test('redirects instead of sending', () => {
    const filters =
      'filters: [{ type: RequestRedirect, requestRedirect: { scheme: https, hostname: a.example, port: 8443, statusCode: 308 } }]'
    expect(first(rule(filters, ''))).toEqual({
      name: 'pay',
      hosts: ['*'],
      redirect: { scheme: 'https', host: 'a.example', port: 8443, status: 308 },
    })
  })

  test.each([
    ['of an extension', 'filters: [{ type: ExtensionRef, extensionRef: { group: x, kind: Y, name: z } }]'],
    ['of authorization', 'filters: [{ type: ExternalAuth, externalAuth: { protocol: HTTP } }]'],
    [
      'that replaces a prefix where none is matched',
      'matches: [{ path: { type: Exact, value: /a } }]\n    filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /b } } }]',
    ],
  ])('%s is never passed over: 500', (_, fields) => {
    expect(first(rule(fields))).toMatchObject({ reply: { status: 500 } })
    expect(first(rule(fields))).not.toHaveProperty('pool')
  })
})

describe('backends', () => {
  const to = (refs: string) => first(rule('matches: []', refs))
  test.each([
    ['none', 'backendRefs: []', { reply: { status: 500 } }],
    ['of weight 0 only', 'backendRefs: [{ name: cart, port: 80, weight: 0 }]', { reply: { status: 500 } }],
    ['that is not there', 'backendRefs: [{ name: gone, port: 80 }]', { reply: { status: 500 } }],
    ['at a port that it has not', 'backendRefs: [{ name: cart, port: 81 }]', { reply: { status: 500 } }],
    ['of a kind that is no Service', 'backendRefs: [{ group: x, kind: Y, name: cart }]', { reply: { status: 500 } }],
    ['in another namespace', 'backendRefs: [{ name: cart, namespace: other, port: 80 }]', { reply: { status: 500 } }],
    [
      'with weights',
      'backendRefs: [{ name: cart, port: 80, weight: 9 }, { name: stock, port: 80 }, { name: old, port: 80, weight: 0 }]',
      {
        pools: [
          { pool: 'cart', weight: 9 },
          { pool: 'stock', weight: 1 },
          { pool: 'old', weight: 0 },
        ],
      },
    ],
    [
      'of which one is invalid: its share is a 500',
      'backendRefs: [{ name: cart, port: 80, weight: 3 }, { name: gone, port: 80 }]',
      {
        pools: [
          { pool: 'cart', weight: 3 },
          { reply: { status: 500 }, weight: 1 },
        ],
      },
    ],
    [
      'named twice: one share where they mean the same, a twin of the pool where they do not',
      'backendRefs: [{ name: cart, port: 80 }, { name: cart, port: 80, weight: 2 }, { name: cart, port: 80, filters: [{ type: URLRewrite, urlRewrite: { hostname: c.example } }] }]',
      {
        pools: [
          { pool: 'cart', weight: 3 },
          { pool: 'cart-2', weight: 1, rewrite: { host: 'c.example' } },
        ],
      },
    ],
    [
      'with filters of their own',
      'backendRefs: [{ name: cart, port: 80, filters: [{ type: URLRewrite, urlRewrite: { hostname: c.example } }] }]',
      { pools: [{ pool: 'cart', weight: 1, rewrite: { host: 'c.example' } }] },
    ],
  ])('%s', (_, refs, expected) => expect(to(refs)).toMatchObject(expected))

  test('that ask for HTTP/2 over plain text get HTTP/1.1, and that is said', () => {
    const plain = BASE.replace('ports: [{ port: 80 }]', 'ports: [{ port: 80, appProtocol: kubernetes.io/h2c }]')
    const { document, findings } = importText(plain + rule(''))
    expect(document.routes[0]?.pool).toBe('cart')
    expect(findings.some(({ severity, text }) => severity === 'approximate' && text.includes('HTTP/2 over plain text'))).toBe(true)
  })

  const elsewhere = rule('matches: []', 'backendRefs: [{ name: cart, namespace: other, port: 80 }]')
  const grant = (from: string, to: string, namespace = 'other') => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: grant, namespace: ${namespace} }
spec: { from: [${from}], to: [${to}] }
---${service('cart', 'other')}`
  const FROM = '{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop }'
  const TO = '{ group: "", kind: Service }'
  test.each([
    ['that permits it', grant(FROM, TO), 'cart'],
    ['that names it', grant(FROM, '{ group: "", kind: Service, name: cart }'), 'cart'],
    ['that names another', grant(FROM, '{ group: "", kind: Service, name: stock }'), undefined],
    ['for another namespace', grant(FROM.replace('shop', 'sales'), TO), undefined],
    ['for another kind of route', grant(FROM.replace('HTTPRoute', 'GRPCRoute'), TO), undefined],
    ['of the wrong namespace', grant(FROM, TO, 'shop'), undefined],
  ])('in another namespace with a grant %s', (_, text, pool) => expect(first(elsewhere + text)?.pool).toBe(pool))

  test('an --endpoint makes a Service known, and several make a pool', () => {
    const endpoints = [
      'shop/gone=https://a.example.com,aws/us-east-1',
      'shop/gone:80=https://b.example.com',
      'shop/cart=https://c.example.com',
    ]
    const read = endpoints.map(readEndpoint).filter((one) => typeof one !== 'string')
    const text = BASE + rule('matches: []', 'backendRefs: [{ name: gone, port: 80 }, { name: cart, port: 80 }, { name: old, port: 80 }]')
    const { document, findings } = importText(text, { endpoints: read })
    expect(document.pools).toEqual({
      gone: { endpoints: { gone: { url: 'https://b.example.com', cloud: 'unnamed', region: 'unnamed' } } },
      cart: { endpoints: { cart: { url: 'https://c.example.com', cloud: 'unnamed', region: 'unnamed' } } },
    })
    expect(document.routes[0]?.pools?.[2]).toEqual({ reply: { status: 503 }, weight: 1 })
    expect(findings.filter(({ severity }) => severity === 'refused').map(({ place }) => place.line)).toEqual([expect.any(Number)])
  })
})

describe('timeouts and retries', () => {
  test.each([
    ['no retries: one attempt where there is one endpoint', '', { retry: { attemptsMax: 1 } }],
    [
      'retries count from the first',
      'retry: { attempts: 2, codes: [500] }',
      { retry: { attemptsMax: 3, statuses: [500], on: ['connect-failure', 'timeout'] } },
    ],
    ['no more than five attempts that race', 'retry: { attempts: 9 }', { retry: { attemptsMax: 5, statuses: [] } }],
    [
      'no more than ten that are aborted',
      'retry: { attempts: 19 }\n    timeouts: { backendRequest: 100ms }',
      { retry: { attemptsMax: 10 }, timeouts: { attempt: '100ms', slow: 'abort' } },
    ],
    ['a back-off', 'retry: { backoff: 100ms }', { retry: { statuses: [], backoff: { base: '100ms', max: '200ms', min: '100ms' } } }],
    ['timeouts', 'timeouts: { request: 1m30s, backendRequest: 500ms }', { timeouts: { request: '90s', attempt: '500ms', slow: 'abort' } }],
    ['a timeout of the request alone', 'timeouts: { request: 2s }', { timeouts: { request: '2s', attempt: '2s', slow: 'abort' } }],
    ['a timeout of attempts alone', 'timeouts: { backendRequest: 2s }', { timeouts: { attempt: '2s', slow: 'abort' } }],
    [
      'an attempt longer than the usual request',
      'timeouts: { backendRequest: 20s }',
      { timeouts: { request: '0s', attempt: '20s', slow: 'abort' } },
    ],
    ['none', 'timeouts: { request: 0s }', { timeouts: { request: '0s', attempt: '0s' } }],
    ['none of attempts', 'timeouts: { backendRequest: 0s }', { timeouts: { attempt: '0s' } }],
    ['one below what is kept', 'timeouts: { request: 10ms }', { timeouts: { request: '50ms' } }],
  ])('%s', (_, fields, expected) => expect(first(rule(fields))).toMatchObject(expected))

  test('where other endpoints may rescue, an attempt without a time of its own races', () => {
    const endpoints = ['https://{service}.use1.example.com,aws/us-east-1', 'https://{service}.euw1.example.com,gcp/europe-west1'].map(
      readPattern,
    )
    const { document } = importText(BASE + rule('timeouts: { request: 2s }'), {
      endpoints: endpoints.filter((one) => typeof one !== 'string'),
    })
    expect(document.routes[0]?.timeouts).toEqual({ request: '2s' })
    expect(document.routes[0]).not.toHaveProperty('retry')
  })

  test('an attempt longer than its request is refused, as in a cluster', () =>
    expect(refusals(BASE + rule('timeouts: { request: 1s, backendRequest: 2s }'))).toHaveLength(1))

  test('the budget is as wide as the Gateway API wants it, only where something is retried', () => {
    expect(importText(BASE + rule('retry: { attempts: 2 }')).document.pools['cart']).toHaveProperty('retryBudget')
    expect(importText(BASE + rule('')).document.pools['cart']).not.toHaveProperty('retryBudget')
  })
})

describe('what is equally specific', () => {
  const aged = (name: string, created: string, pool: string) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop${created === '' ? '' : `, creationTimestamp: "${created}"`} }
spec: { parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: ${pool}, port: 80 }] }] }`
  test.each([
    ['goes to the older route', aged('a', '2026-02-01T00:00:00Z', 'cart') + aged('b', '2026-01-01T00:00:00Z', 'stock'), 'stock', 'dropped'],
    ['goes by name without ages, and that is said', aged('b', '', 'cart') + aged('a', '', 'stock'), 'stock', 'approximate'],
    ['goes to the one that has an age', aged('a', '', 'cart') + aged('b', '2026-01-01T00:00:00Z', 'stock'), 'stock', 'approximate'],
  ])('%s', (_, text, pool, severity) => {
    const { document, findings } = importText(BASE + text)
    expect(document.routes.map((each) => each.pool)).toEqual([pool])
    expect(findings.filter(({ text: said }) => said.includes('takes already')).map((each) => each.severity)).toEqual([severity])
  })

  test('goes to the earlier rule', () => {
    const routes = routesOf(route('  rules:\n  - backendRefs: [{ name: cart, port: 80 }]\n  - backendRefs: [{ name: stock, port: 80 }]'))
    expect(routes.map(({ pool }) => pool)).toEqual(['cart'])
  })
})

describe('what is not read', () => {
  test.each(['GRPCRoute', 'TLSRoute', 'TCPRoute', 'BackendTLSPolicy'])('%s is refused with its place', (kind) => {
    const { findings } = importText(`apiVersion: gateway.networking.k8s.io/v1\nkind: ${kind}\nmetadata: { name: a }\nspec: {}`)
    expect(findings).toEqual([{ severity: 'refused', place: { file: 'a.yaml', line: 2, column: 7 }, text: expect.stringContaining(kind) }])
  })

  test('a field that is not known is dropped and said, the rest is read', () => {
    const { document, findings } = importText(BASE + rule('sessionPersistence: { type: Cookie }'))
    expect(document.routes[0]?.pool).toBe('cart')
    expect(findings.some(({ severity, text }) => severity === 'dropped' && text.includes('sessionPersistence'))).toBe(true)
  })

  test('what a cluster would refuse is refused whole', () => {
    const text = BASE + rule('matches: [{ path: { value: no/slash } }]')
    expect(importText(text).document.routes.map(({ name }) => name)).toEqual(['not-found'])
    expect(refusals(text)).toHaveLength(1)
  })
})
