/** A route on one of its paths, and which of two rules goes first: the precedence of the Gateway API's HTTPRouteRule `matches`. */
import type { Route } from '../../config/base.ts'
import type { PathMatch } from '../../config/match.ts'
import type { Condition } from './conditions.ts'
import type { Regex } from './regex.ts'

export interface Rule {
  readonly route: Route
  readonly path: PathMatch
  /** Of a `regex` path. */
  readonly regex?: Regex
  readonly conditions: readonly Condition[]
  /** The smaller goes first, of rules whose paths rank alike. */
  readonly place: number
}

/**
 * More of each goes first: what must be proved of the sender (claims, a certificate), so that nothing that a client merely writes leads
 * past it; a method, headers, query parameters (Gateway API), then cookies, then kinds of other conditions. Rules that are alike in all of it
 * go in order of the file, which the caller keeps.
 */
export function moreSpecificFirst(a: Route, b: Route): number {
  return (
    demandedOfSender(b) - demandedOfSender(a) ||
    Number(b.methods.length > 0) - Number(a.methods.length > 0) ||
    b.headers.length - a.headers.length ||
    (b.query?.length ?? 0) - (a.query?.length ?? 0) ||
    (b.cookies?.length ?? 0) - (a.cookies?.length ?? 0) ||
    otherKinds(b) - otherKinds(a)
  )
}

const demandedOfSender = ({ claims = [], certificate }: Route): number => claims.length + Number(certificate !== undefined)

const otherKinds = ({ countries, continents, schemes, ports }: Route): number =>
  [countries, continents, schemes, ports].filter((kind) => kind !== undefined).length

/** Whether a path is taken, by definition. The index of a host finds the same rules without asking each. */
export function takesPath({ path, regex }: Pick<Rule, 'path' | 'regex'>, requested: string): boolean {
  switch (path.kind) {
    case 'exact':
      return requested === path.value
    case 'prefix':
      return requested.startsWith(path.value) && endsSegment(path.value, requested)
    case 'prefix-string':
      return requested.startsWith(path.value)
    case 'regex':
      return regex?.takes(requested) ?? false
    default:
      throw new Error(`an unknown kind of path: ${JSON.stringify(path.kind satisfies never)}`)
  }
}

const endsSegment = (prefix: string, path: string): boolean =>
  prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/'
