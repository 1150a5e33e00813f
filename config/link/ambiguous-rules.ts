/**
 * Rules on paths where a path may be read in several ways: a route that allows ambiguous paths hands them to endpoints that may read another
 * path than the rule did. Such a rule would promise what it cannot keep.
 */
import type { RuleFile } from '../compile-authorization.ts'
import type { Path } from '../defect.ts'
import { PATH_AMBIGUITIES } from '../match.ts'
import type { GatewayFile, PathFile, RouteFile } from '../parse-gateway.ts'
import { coversPath } from './covers.ts'
import { type Findings, lost, refuse } from './findings.ts'
import { allOf, judgesOf } from './judged-by.ts'

export function refuseAmbiguousRules(file: GatewayFile, findings: Findings): void {
  for (const [index, route] of file.routes.entries()) {
    const allowed = PATH_AMBIGUITIES.filter((ambiguity) => route[ambiguity] === 'allow')
    const [ambiguity] = allowed
    if (ambiguity === undefined || lost(['routes', index, 'paths'], findings)) continue
    const where = { path: ['routes', index, ambiguity], of: route.name ?? `routes[${index}]` }
    for (const rule of route.admission?.authorization?.rules ?? []) refuseFor(rule, route, { ...where, whose: 'its own' }, findings)
    const judges = new Set(route.hosts.flatMap((host) => allOf(judgesOf(file, host)).map((judge) => judge.index)))
    for (const judge of judges)
      for (const [place, rule] of (file.admission[judge]?.authorization?.rules ?? []).entries())
        refuseFor(rule, route, { ...where, whose: `admission[${judge}].authorization.rules[${place}]` }, findings)
  }
}

interface Where {
  readonly path: Path
  readonly whose: string
}

function refuseFor(rule: RuleFile, route: RouteFile, { path, whose }: Where, findings: Findings): void {
  if (!concerns(rule, route)) return
  const place = whose === 'its own' ? 'a rule of the route' : whose
  const expected = `"reject", because ${place} decides by paths that this route takes: an endpoint may read another path than the rule did`
  refuse(findings, {
    code: 'RULE_ON_AMBIGUOUS_PATHS',
    path,
    expected,
    suggestion: 'give these paths a route of their own that no rule on paths concerns',
  })
}

/** Whether an ambiguous path of the route could be one that the rule is about, as an endpoint reads it. */
function concerns({ effect, paths, methods }: RuleFile, route: RouteFile): boolean {
  if (paths === undefined) return false
  if (methods !== undefined && route.methods.length > 0 && !methods.some((method) => route.methods.includes(method))) return false
  return paths.some((path) => (effect === 'deny' || path.kind === 'regex') && route.paths.some((taken) => mayBeRead(path, taken)))
}

/** A rule on all of what the route takes on a path is sure of it, however the rest is read. */
function mayBeRead(path: PathFile, taken: PathFile): boolean {
  if (path.kind !== 'regex' && coversPath(path, taken)) return false
  const [one, other] = [textOf(path), textOf(taken)]
  return one.startsWith(other) || other.startsWith(one)
}

const textOf = ({ kind, value, program }: PathFile): string => (kind === 'regex' ? (program?.literal ?? '') : value).replace(/\/$/, '')
