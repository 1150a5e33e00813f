/** Paths that no request can have: expressions that ask for what the path policy refuses unless the route says otherwise. */
import type { Path } from '../defect.ts'
import { PATH_AMBIGUITIES } from '../match.ts'
import type { PathFile, RouteFile } from '../parse-gateway.ts'
import { AMBIGUITY_SHOWS } from '../path-ambiguity.ts'
import { coversPath } from './covers.ts'
import { type Findings, isSure, refuse } from './findings.ts'

/** RFC 3986 section 3.3: what a segment may say as it is, and most clients do. */
const NEEDS_NO_ENCODING = /%(?:21|24|2[6-9a-c]|3[ad]|40)/gi

/** Paths are compared as they are written (docs/paths.md), and most endpoints read more than one spelling alike. */
export function noteOtherSpellings(route: RouteFile, path: Path, findings: Findings): void {
  for (const [index, { kind, value }] of route.paths.entries()) {
    if (kind === 'regex') continue
    const usual = value.replace(NEEDS_NO_ENCODING, decodeURIComponent).replace(/%../g, (code) => code.toUpperCase())
    if (usual === value) continue
    const text = `does not take ${usual}, which most endpoints read as the same path: name both`
    findings.notes.push({ code: 'PATH_SPELT_OTHERWISE', path: [...path, 'paths', index], text })
  }
}

/** Only what an expression begins with is looked at: that is in every path that it takes. */
export function refuseImpossiblePaths(route: RouteFile, path: Path, findings: Findings): void {
  for (const [index, { program }] of route.paths.entries()) {
    if (program === undefined) continue
    for (const ambiguity of PATH_AMBIGUITIES) {
      if (route[ambiguity] === 'allow' || !AMBIGUITY_SHOWS[ambiguity].test(program.literal) || !isSure([...path, ambiguity], findings))
        continue
      const expected = 'an expression that takes a path which is served: this one is ambiguous'
      refuse(findings, {
        code: 'PATH_UNSERVED',
        path: [...path, 'paths', index, 'regex'],
        expected,
        suggestion: `write "${ambiguity}: allow" beside it`,
      })
    }
  }
}

/** False only when it is certain that no path is taken by both. */
export const mayMeet = (one: PathFile, other: PathFile): boolean =>
  coversPath(one, other) ||
  coversPath(other, one) ||
  (one.kind === 'regex' ? meetsRegex(one, other) : other.kind === 'regex' && meetsRegex(other, one))

/** Whatever an expression begins with is in each path that it takes. */
function meetsRegex({ program }: PathFile, other: PathFile): boolean {
  const literal = program?.literal ?? ''
  const text = other.program?.literal ?? other.value
  return literal.startsWith(text) || text.startsWith(literal)
}
