/** Requests against routes, for tests of matching: only what a test is about is said. */
import type { HostAdmission } from '../../../config/admission.ts'
import type { Route } from '../../../config/base.ts'
import type { Claims } from '../../../config/claim.ts'
import { issuerId } from '../../../config/ids.ts'
import type { MatchOrder } from '../../../config/match.ts'
import { ambiguitiesOf } from '../../../worker/inbound/path-policy.ts'
import { type Identity, NO_CERTIFICATE } from '../../../worker/policy/identity.ts'
import { type HeaderLookup, MatchRequest, type RequestHead } from '../../../worker/policy/match-request.ts'
import { matchRoute } from '../../../worker/policy/match-route.ts'
import { makeRouteTable, type RouteTable } from '../../../worker/policy/route-table.ts'
import { testBase } from '../../workerd/gateway/base.ts'

export type RouteParts = Partial<Omit<Route, 'id' | 'hosts'>> & { readonly id: string; readonly hosts?: readonly string[] }

export interface RequestParts {
  readonly host?: string
  readonly path?: string
  readonly method?: string
  readonly query?: string
  readonly scheme?: 'http' | 'https'
  readonly port?: number
  readonly country?: string
  readonly continent?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of a verified token. */
  readonly claims?: Claims
}

export const tableOf = (routes: readonly RouteParts[], order: MatchOrder = 'most-specific'): RouteTable =>
  makeRouteTable(testBase({ endpoints: [], routes, order }))

export function headOf({ path = '/', method = 'GET', query = '', scheme = 'https', ...rest }: RequestParts): RequestHead {
  const { host = 'shop.test', port, country, continent } = rest
  const ambiguities = ambiguitiesOf(path)
  if (ambiguities === undefined) throw new Error(`${path} never gets as far as the routes`)
  const authority = port === undefined ? host : `${host}:${port}`
  return { host, path, ambiguities, method, query, scheme, authority, place: { country, continent } }
}

/** As the platform's `Headers`: names whatever their case. */
export const lookup = ({ headers = {} }: RequestParts): HeaderLookup => new Headers(headers)

export const askedBy = (request: RequestParts): MatchRequest => new MatchRequest(headOf(request), lookup(request), identityBy(request))

const HOST: HostAdmission = { pattern: '*', tokens: [], certificates: [], authentication: { require: 'none', mode: 'strict' } }

function identityBy({ claims }: RequestParts): Identity | undefined {
  if (claims === undefined) return undefined
  return { host: HOST, token: { kind: 'verified', issuer: issuerId('idp'), claims }, certificate: NO_CERTIFICATE }
}

/** The name of the route that takes a request, or why none does. */
export function takenBy(routes: readonly RouteParts[] | RouteTable, request: RequestParts, order?: MatchOrder): string {
  const table = 'exactHosts' in routes ? routes : tableOf(routes, order)
  const match = matchRoute(table, askedBy(request))
  return match.kind === 'route' ? match.route.id : match.kind
}
