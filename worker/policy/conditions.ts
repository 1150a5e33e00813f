/** What a route asks of a request beside host and path, compiled to predicates. The request path and `explain` ask the same ones. */
import type { Route } from '../../config/base.ts'
import type { ValueMatch } from '../../config/match.ts'
import { certificateAsked, claimAsked } from './identity-conditions.ts'
import type { MatchRequest } from './match-request.ts'
import type { Regex } from './regex.ts'

export interface Condition {
  /** For people: `header x-tenant`. */
  readonly label: string
  readonly holds: (request: MatchRequest) => boolean
  /** For people: why it cannot hold, where more is to be said than that it does not. */
  readonly why?: (request: MatchRequest) => string | undefined
}

export type RegexOf = (source: string) => Regex

/** In the order in which they are asked: what costs least goes first. */
export function conditionsOf(route: Route, regexOf: RegexOf): readonly Condition[] {
  const { methods, schemes, ports, countries, continents } = route
  const conditions: Condition[] = []
  if (methods.length > 0) conditions.push({ label: 'method', holds: ({ head }) => methods.includes(head.method) })
  if (schemes !== undefined) conditions.push({ label: 'scheme', holds: ({ head }) => schemes.includes(head.scheme) })
  if (ports !== undefined) conditions.push({ label: 'port', holds: ({ port }) => ports.includes(port) })
  for (const match of route.headers) conditions.push(ofValue('header', match, (request) => request.header(match.name), regexOf))
  if (countries !== undefined) conditions.push({ label: 'country', holds: ({ head }) => includes(countries, head.place.country) })
  if (continents !== undefined) conditions.push({ label: 'continent', holds: ({ head }) => includes(continents, head.place.continent) })
  for (const match of route.cookies ?? []) conditions.push(ofValue('cookie', match, (request) => request.cookie(match.name), regexOf))
  for (const match of route.query ?? []) conditions.push(ofValue('query', match, (request) => request.query(match.name), regexOf))
  for (const match of route.claims ?? []) conditions.push(claimAsked(match, false, regexOf))
  if (route.certificate !== undefined) conditions.push(certificateAsked(route.certificate, false))
  return conditions
}

const includes = (list: readonly string[], value: string | undefined): boolean => value !== undefined && list.includes(value)

type ReadValue = (request: MatchRequest) => string | undefined

function ofValue(what: string, match: ValueMatch, read: ReadValue, regexOf: RegexOf): Condition {
  const label = `${what} ${match.name}`
  switch (match.kind) {
    case 'exact': {
      const { value } = match
      return { label, holds: (request) => read(request) === value }
    }
    case 'regex': {
      const regex = regexOf(match.value)
      const holds = (request: MatchRequest) => {
        const value = read(request)
        return value !== undefined && regex.takes(value)
      }
      return { label, holds }
    }
    case 'present':
      return { label, holds: (request) => read(request) !== undefined }
    case 'absent':
      return { label, holds: (request) => read(request) === undefined }
    default:
      throw new Error(`an unknown kind of condition: ${JSON.stringify(match satisfies never)}`)
  }
}

/** The first condition that does not hold; undefined when the route takes the request. */
export function failedCondition(conditions: readonly Condition[], request: MatchRequest): Condition | undefined {
  for (const condition of conditions) if (!condition.holds(request)) return condition
  return undefined
}
