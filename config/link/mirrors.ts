/** What mirrors must not contradict: pools that exist, each once. */
import type { Path } from '../defect.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { didYouMean } from '../suggest.ts'
import { type Findings, few, isSaid, refuse } from './findings.ts'

/** `serving`: the pools that answer. */
export function refuseMirrors(route: RouteFile, serving: readonly string[], path: Path, findings: Findings): void {
  const { names } = findings.parsed
  const seen = new Set<string>()
  for (const [index, { pool }] of route.mirrors?.entries() ?? []) {
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
