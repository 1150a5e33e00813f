/**
 * Paths that no request can have: expressions that ask for what the path policy refuses unless the route says otherwise. And paths of which a
 * route takes one spelling alone.
 */
import type { Path } from '../defect.ts'
import { show } from '../document.ts'
import { PATH_AMBIGUITIES } from '../match.ts'
import type { PathFile, RouteFile } from '../parse-gateway.ts'
import { AMBIGUITY_SHOWS } from '../path-ambiguity.ts'
import { otherSpellings, usualSpelling } from '../path-spelling.ts'
import { coversPath } from './covers.ts'
import { type Findings, isSure, lost, refuse } from './findings.ts'

/**
 * Paths are compared as they are written, and a request whose path another route takes in another spelling is refused (docs/paths.md). So a
 * route takes the usual spelling of each of its paths as well; of an expression nobody knows for certain.
 */
export function refuseLeftSpellings(route: RouteFile, path: Path, findings: Findings): void {
  if (lost([...path, 'paths'], findings)) return
  for (const [index, { kind, value }] of route.paths.entries()) {
    const at = [...path, 'paths', index]
    if (kind === 'regex') {
      // With alternatives it may well name both.
      if (value.includes('|') || usualSpelling(value) === value) continue
      const text =
        'takes an encoding that needs none, or lower-case hex digits, as they are written: endpoints read the usual spelling alike'
      findings.notes.push({ code: 'PATH_SPELT_OTHERWISE', path: at, text })
      continue
    }
    // What a text begins with says nothing of where its segments end.
    const others = kind === 'prefix-string' ? [usualSpelling(value)] : otherSpellings(value).map((each) => withoutTrailingSlash(kind, each))
    const left = others.find((each) => !route.paths.some((one) => one.kind === kind && one.value === each))
    if (left === undefined) continue
    const expected = `a route that takes ${left} too, because most endpoints read it as the same path`
    refuse(findings, {
      code: 'SPELLING_LEFT_OUT',
      path: at,
      expected,
      found: show(value),
      suggestion: `name ${left} beside it, or instead`,
    })
  }
}

/** As the prefixes of the file are. */
const withoutTrailingSlash = (kind: PathFile['kind'], path: string): string =>
  kind === 'prefix' && path !== '/' ? path.replace(/\/$/, '') : path

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
