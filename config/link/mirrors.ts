/** What mirrors must not contradict: pools that exist, each once; the methods of their route. */
import type { Path } from '../defect.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { didYouMean } from '../suggest.ts'
import { type Findings, few, isSaid, isSure, lost, refuse } from './findings.ts'
import { SAFE } from './resilience.ts'

/** `serving`: the pools that answer. */
export function refuseMirrors(route: RouteFile, serving: readonly string[], path: Path, findings: Findings): void {
  const { names } = findings.parsed
  const seen = new Set<string>()
  const copiesNone = route.methods.length > 0 && !route.methods.some((method) => SAFE.has(method)) && !lost([...path, 'methods'], findings)
  for (const [index, { pool, methods }] of route.mirrors?.entries() ?? []) {
    const which = [...path, 'mirrors', index, 'methods']
    if (copiesNone && methods === 'safe' && isSure(which, findings))
      refuse(findings, {
        code: 'METHOD_NOT_TAKEN',
        path: which,
        expected: '"all", or GET, HEAD or OPTIONS among the methods of the route: "safe" copies nothing else',
        found: few(route.methods),
      })
    const at = [...path, 'mirrors', index, 'pool']
    if (!names.has(pool) && isSaid('pools', findings)) {
      const expected = `a pool of this file: ${few([...names.keys()])}`
      refuse(findings, { code: 'POOL_UNKNOWN', path: at, expected, suggestion: didYouMean(pool, names.keys()) })
    } else if (seen.has(pool)) refuse(findings, { code: 'VALUE_REPEATED', path: at, expected: 'each pool of the mirrors once' })
    else if (serving.includes(pool))
      findings.notes.push({
        code: 'MIRROR_SERVES',
        path: at,
        text: 'this pool answers requests of the route too: it gets some of them twice',
      })
    seen.add(pool)
  }
}
