import { describe, expect, test } from 'vitest'
import { covers, intersect } from '../../../cli/import/gateway-api/hosts.ts'
import { importText, service } from './manifests.ts'

test.each([
  ['*', 'a.b', true],
  ['*', '*', true],
  ['*.a.b', '*', false],
  ['*.b', 'a.b', true],
  ['*.b', 'x.a.b', true],
  ['*.b', 'b', false],
  ['*.b', '*.a.b', true],
  ['*.a.b', '*.b', false],
  ['any.b', '*.b', false],
])('%s covers %s: %s', (wide, narrow, expected) => expect(covers(wide, narrow)).toBe(expected))

test.each([
  ['*', 'a.b', 'a.b'],
  ['a.b', '*.b', 'a.b'],
  ['*.b', '*.a.b', '*.a.b'],
  ['a.b', 'c.b', undefined],
  ['*.a.b', 'a.b', undefined],
])('%s and %s have %s in common', (listener, hostname, expected) => {
  expect(intersect(listener, hostname)).toBe(expected)
  expect(intersect(hostname, listener)).toBe(expected)
})

const gateway = (listeners: string, name = 'edge') => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: shop }
spec: { gatewayClassName: any, listeners: [${listeners}] }
---${service('cart')}
---${service('stock')}`

const route = (name: string, spec: string, { namespace = 'shop', service: to = 'cart', edge = 'edge' } = {}) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ${namespace} }
spec: { parentRefs: [{ name: ${edge}, namespace: shop${spec.startsWith('section') || spec.startsWith('port') ? `, ${spec} }] ` : `}], ${spec}`}, rules: [{ backendRefs: [{ name: ${to}, namespace: shop, port: 80 }] }] }`

const shape = (text: string, gateways: readonly string[] = []) =>
  importText(text, { gateways }).document.routes.map(({ name, hosts, schemes, ports }) => [name, hosts, schemes?.[0], ports?.[0]])

const HTTP = '{ name: http, port: 80, protocol: HTTP }'
const TLS = (name: string, hostname: string) => `{ name: ${name}, port: 443, protocol: HTTPS, hostname: ${hostname}, tls: {} }`

describe('schemes and ports', () => {
  test('are not asked about where there is one listener of HTTP', () =>
    expect(shape(gateway(HTTP) + route('a', 'hostnames: [a.example]'))).toEqual([
      ['a', ['a.example'], undefined, undefined],
      ['not-found', ['*'], undefined, undefined],
    ]))

  test('the scheme where one is HTTPS', () =>
    expect(shape(gateway(TLS('tls', 'a.example')) + route('a', 'hostnames: [a.example]'))).toEqual([
      ['a-https', ['a.example'], 'https', undefined],
      ['not-found', ['*'], undefined, undefined],
    ]))

  test('the port where a scheme has several', () => {
    const text = gateway(`${HTTP}, { name: other, port: 8080, protocol: HTTP }`) + route('a', 'port: 80') + route('b', 'port: 8080')
    expect(shape(text)).toEqual([
      ['a-80', ['*'], undefined, 80],
      ['b-8080', ['*'], undefined, 8080],
    ])
  })

  test('a host that only one scheme names does not hide the wider one of the other', () => {
    const text = gateway(`${HTTP}, ${TLS('tls', 'a.example')}`) + route('plain', 'sectionName: http') + route('safe', 'sectionName: tls')
    expect(shape(text)).toEqual([
      ['plain-http', ['*', 'a.example'], 'http', undefined],
      ['safe-https', ['a.example'], 'https', undefined],
    ])
  })
})

describe('listeners of one port', () => {
  const TWO = `${HTTP}, { name: narrow, port: 80, protocol: HTTP, hostname: a.example }`
  test('the more specific one takes its host alone', () =>
    expect(shape(gateway(TWO) + route('wide', 'sectionName: http'))).toEqual([
      ['wide', ['*'], undefined, undefined],
      ['not-found', ['a.example'], undefined, undefined],
    ]))
  test('also from a route of the other that names it', () => {
    const text =
      gateway(TWO) + route('wide', 'hostnames: [a.example, b.example]').replace('namespace: shop}]', 'namespace: shop, sectionName: http}]')
    expect(shape(text)).toEqual([
      ['wide', ['b.example'], undefined, undefined],
      ['not-found', ['*', 'a.example'], undefined, undefined],
    ])
  })
})

describe('a reference to a Gateway', () => {
  const said = (text: string) =>
    importText(text)
      .findings.filter(({ severity }) => severity === 'refused')
      .map(({ text: one }) => one)
  const allowing = (namespaces: string) => gateway(HTTP.replace(' }', `, allowedRoutes: { namespaces: ${namespaces} } }`))
  const foreign = route('a', 'hostnames: []', { namespace: 'sales' })
  const label = '\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: sales, labels: { edge: "yes" } }'

  test.each([
    ['to a section that is not there', gateway(HTTP) + route('a', 'sectionName: other'), 'NoMatchingParent'],
    ['to a port that is not there', gateway(HTTP) + route('a', 'port: 81'), 'NoMatchingParent'],
    ['to a Gateway that is not there', gateway(HTTP) + route('a', 'hostnames: []', { edge: 'gone' }), 'not there'],
    ['from another namespace', gateway(HTTP) + foreign, 'NotAllowedByListeners'],
    [
      'without a label that is asked for',
      allowing('{ from: Selector, selector: { matchLabels: { edge: "yes" } } }') + foreign,
      'NotAllowedByListeners',
    ],
    [
      'of a kind that is not allowed',
      gateway(HTTP.replace(' }', ', allowedRoutes: { kinds: [{ kind: GRPCRoute }] } }')) + route('a', 'hostnames: []'),
      'NotAllowedByListeners',
    ],
    [
      'without a common hostname',
      gateway(HTTP.replace(' }', ', hostname: a.example }')) + route('a', 'hostnames: [b.example]'),
      'NoMatchingListenerHostname',
    ],
  ])('%s takes no request', (_, text, why) => {
    expect(said(text).join()).toContain(why)
    expect(shape(text).map(([name]) => name)).toEqual(['not-found'])
  })

  test.each([
    ['All', '{ from: All }', ''],
    ['a label', '{ from: Selector, selector: { matchLabels: { edge: "yes" } } }', label],
    [
      'the label of its name',
      '{ from: Selector, selector: { matchExpressions: [{ key: kubernetes.io/metadata.name, operator: In, values: [sales] }] } }',
      '',
    ],
    ['the absence of a label', '{ from: Selector, selector: { matchExpressions: [{ key: internal, operator: DoesNotExist }] } }', label],
  ])('from another namespace is allowed by %s', (_, namespaces, more) =>
    expect(shape(allowing(namespaces) + foreign + more)[0]?.[0]).toBe('a'),
  )

  test('of several Gateways takes what --gateway names', () => {
    const text = `${gateway(HTTP)}\n---${gateway(HTTP, 'inner')}${route('a', 'hostnames: []')}${route('b', 'hostnames: []', { edge: 'inner' })}`
    expect(shape(text, ['shop/inner']).map(([name]) => name)).toEqual(['b'])
    expect(shape(text, ['shop/edge']).map(([name]) => name)).toEqual(['a'])
  })
})
