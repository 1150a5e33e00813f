/** The host `*`, and gateways that ask no endpoint. */
import { expect, test } from 'vitest'
import { loadText } from '../../../cli/load-gateway.ts'
import { patternsOf } from '../../../config/hosts.ts'
import { MatchRequest } from '../../../worker/policy/match-request.ts'
import { matchRoute } from '../../../worker/policy/match-route.ts'
import { makeRouteTable } from '../../../worker/policy/route-table.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { defectsOf, document } from './documents.ts'

test('it may be deployed, and hides no endpoint of its own', () => {
  expect(defectsOf(document({ routes: '  - { hosts: ["*"], pool: shop }' }))).toEqual([])
  expect(patternsOf('ingress.example.com')).not.toContain('*')
})

test.each(['*.', '**', '*a', 'a.*'])('%s is none', (host) =>
  expect(defectsOf(document({ routes: `  - { hosts: ["${host}"], pool: shop }` }))).toHaveLength(1),
)

test.each([
  ['shop.example.com', 'exact'],
  ['a.example.com', 'wildcard'],
  ['example.com', 'any'],
  ['localhost', 'any'],
])('%s is taken by the route for %s', (host, id) => {
  const routes = [
    { id: 'any', hosts: ['*'] },
    { id: 'wildcard', hosts: ['*.example.com'] },
    { id: 'exact', hosts: ['shop.example.com'] },
  ]
  const table = makeRouteTable(testBase({ endpoints: [], routes }))
  const head = { host, path: '/', method: 'GET', query: '', scheme: 'https', authority: host, ambiguities: 0, place: {} } as const
  expect(matchRoute(table, new MatchRequest(head, new Headers()))).toMatchObject({ kind: 'route', route: { id } })
})

test('a gateway that only answers by itself needs no pool, any other does', () => {
  const only = (action: string) => `pools: {}\nroutes:\n  - { hosts: ["*"], ${action} }\n`
  expect(loadText(only('reply: { status: 404 }'), 'f', { local: false }).ok).toBe(true)
  expect(loadText(only('redirect: { scheme: https }'), 'f', { local: false }).ok).toBe(true)
  expect(defectsOf(only('pool: shop')).some((defect) => defect.includes('at least one pool'))).toBe(true)
})
