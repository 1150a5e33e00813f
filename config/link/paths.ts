/** Paths that no request can have: expressions that ask for what the path policy refuses unless the route says otherwise. */
import type { Path } from '../defect.ts'
import { PATH_AMBIGUITIES } from '../match.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { AMBIGUITY_SHOWS } from '../path-ambiguity.ts'
import { type Findings, lost, refuse } from './findings.ts'

/** Only what an expression begins with is looked at: that is in every path that it takes. */
export function refuseImpossiblePaths(route: RouteFile, path: Path, findings: Findings): void {
  for (const [index, { program }] of route.paths.entries()) {
    if (program === undefined) continue
    for (const ambiguity of PATH_AMBIGUITIES) {
      if (route[ambiguity] === 'allow' || !AMBIGUITY_SHOWS[ambiguity].test(program.literal) || lost([...path, ambiguity], findings))
        continue
      const expected = 'an expression that takes a path which is served: this one is ambiguous'
      refuse(findings, { path: [...path, 'paths', index, 'regex'], expected, suggestion: `write "${ambiguity}: allow" beside it` })
    }
  }
}
