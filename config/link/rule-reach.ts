/** Rules that are asked of no request that they could decide: for methods or paths that no route takes there, or by a header that ends at the gateway. */
import type { RuleFile } from '../compile-authorization.ts'
import type { Path } from '../defect.ts'
import type { GatewayFile, RouteFile } from '../parse-gateway.ts'
import { isStripped } from '../stripped-headers.ts'
import { type Findings, few, lost, lostFields, MATCHING, refuse } from './findings.ts'
import { type AdmissionFile, coversHost } from './judged-by.ts'
import { mayMeet } from './paths.ts'

interface Reach {
  readonly routes: readonly RouteFile[]
  /** `the route`, `a route of these hosts`. */
  readonly of: string
  /** Of the rule. */
  readonly path: Path
}

/** A rule of a route that its route has no request for. */
export const refuseElsewhere = (rule: RuleFile, route: RouteFile, path: Path, findings: Findings): void =>
  refuseBeyond(rule, { routes: [route], of: 'the route', path }, findings)

/**
 * The same of what hosts allow: no route of theirs has one. A `deny` of hosts holds whatever routes are added later. Where there is no route at
 * all, something else is wrong.
 */
export function refuseNowhere({ routes: all }: GatewayFile, { hosts, authorization }: AdmissionFile, path: Path, findings: Findings): void {
  const rules = authorization?.rules ?? []
  if (!rules.some(({ effect, methods, paths }) => effect === 'allow' && (methods !== undefined || paths !== undefined))) return
  if (lostFields(['routes'], MATCHING, findings, 'list')) return
  const routes = all.filter((route) => route.hosts.some((host) => hosts.some((own) => coversHost(own, host) || coversHost(host, own))))
  if (routes.length === 0) return
  for (const [place, rule] of rules.entries())
    if (rule.effect === 'allow') refuseBeyond(rule, { routes, of: 'a route of these hosts', path: [...path, place] }, findings)
}

function refuseBeyond({ methods, paths }: RuleFile, { routes, of, path }: Reach, findings: Findings): void {
  const ofMethods = routes.filter((route) => methods === undefined || meetsMethods(methods, route))
  if (methods !== undefined && methods.length > 0 && ofMethods.length === 0 && !lost([...path, 'methods'], findings))
    refuse(findings, {
      code: 'RULE_ELSEWHERE',
      path: [...path, 'methods'],
      expected: `one of the methods of ${of}: ${few([...new Set(routes.flatMap((route) => route.methods))])}`,
    })
  const meets = (route: RouteFile): boolean => paths === undefined || paths.some((one) => route.paths.some((taken) => mayMeet(one, taken)))
  // Where no method is right, the path may be right for another.
  const asked = ofMethods.length === 0 ? routes : ofMethods
  if (paths !== undefined && paths.length > 0 && !asked.some(meets) && !lost([...path, 'paths'], findings))
    refuse(findings, {
      code: 'RULE_ELSEWHERE',
      path: [...path, 'paths'],
      expected: `a path that ${of} takes${asked.length === routes.length ? '' : ' with these methods'}: ${few([...new Set(asked.flatMap((route) => route.paths.map(({ value }) => value)))])}`,
    })
}

const meetsMethods = (methods: readonly string[], route: RouteFile): boolean =>
  route.methods.length === 0 || methods.some((method) => route.methods.includes(method))

/** Headers in which endpoints are told who sent a request: what a client sends in them ends here on every route. */
export const toldHeaders = ({ routes }: GatewayFile): ReadonlySet<string> =>
  new Set(
    routes.flatMap(({ identity }) => [
      ...(identity?.claims ?? []).map(({ header }) => header),
      ...(identity?.token === undefined ? [] : [identity.token.header]),
    ]),
  )

/** An `allow` by a header that ends here whoever sends it: what it says is not known, and what is not known allows nothing. */
export function refuseUnheard({ effect, headers }: RuleFile, told: ReadonlySet<string>, path: Path, findings: Findings): void {
  if (effect === 'deny') return
  for (const { name, kind } of headers) {
    if (kind === 'absent' || !isStripped(name, told) || lost([...path, 'headers'], findings)) continue
    refuse(findings, {
      code: 'RULE_NEVER_APPLIES',
      path: [...path, 'headers', name],
      expected: 'a header that clients may send on: this one ends at the gateway, so that nothing is known of it',
      found: name,
      atKey: true,
    })
  }
}
