/** What changes of headers, hosts and paths must not contradict. */
import type { Path } from '../defect.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { CAPTURE_NODES_MAX, groupsOf } from '../regex/replacement.ts'
import { type Findings, lost, refuse } from './findings.ts'
import { refusePathChange } from './local-actions.ts'

type Filters = Pick<NonNullable<RouteFile['pools']>[number], 'requestHeaders' | 'responseHeaders' | 'rewrite'>

/** Of the route, and of each of its weighted pools. */
export function refuseFilters(route: RouteFile, path: Path, findings: Findings): void {
  refuseOwn(route, route, path, findings)
  for (const [index, pool] of route.pools?.entries() ?? []) refuseOwn(pool, route, [...path, 'pools', index], findings)
}

/** Each header is changed in one way. */
export function refuseEdits(filters: Pick<Filters, 'requestHeaders' | 'responseHeaders'>, path: Path, findings: Findings): void {
  for (const field of ['requestHeaders', 'responseHeaders'] as const) {
    const edits = filters[field]
    if (edits === undefined) continue
    const written = new Set([...edits.set, ...edits.add].map(([name]) => name))
    for (const [index, name] of edits.remove.entries()) {
      if (written.has(name))
        refuse(findings, {
          code: 'HEADER_EDITS_CLASH',
          path: [...path, field, 'remove', index],
          expected: 'a header that is not set or added beside it',
        })
    }
  }
}

function refuseOwn(filters: Filters, route: RouteFile, path: Path, findings: Findings): void {
  refuseEdits(filters, path, findings)
  const { rewrite } = filters
  if (rewrite === undefined) return
  const at = [...path, 'rewrite']
  if (Object.values(rewrite).every((each) => each === undefined) && !lost(at, findings))
    refuse(findings, { code: 'FIELD_MISSING', path: at, expected: 'at least one of host, path, prefix, regex' })
  refusePathChange(rewrite, route, at, findings)
  if (rewrite.regex !== undefined) refuseReplacement(rewrite, rewrite.regex, [...at, 'regex'], findings)
}

type RewriteFile = NonNullable<Filters['rewrite']>

function refuseReplacement(rewrite: RewriteFile, regex: NonNullable<RewriteFile['regex']>, path: Path, findings: Findings): void {
  if (rewrite.path !== undefined || rewrite.prefix !== undefined)
    refuse(findings, {
      code: 'FIELDS_EXCLUSIVE',
      path,
      expected: 'nothing beside "path" or "prefix": one way to change a path',
      atKey: true,
    })
  const { match, replace } = regex
  if (match.nodes.length > CAPTURE_NODES_MAX)
    refuse(findings, {
      code: 'EXPRESSION_TOO_LARGE',
      path: [...path, 'match'],
      expected: 'a smaller expression: finding groups takes longer than finding out whether it takes a path',
    })
  const groups = groupsOf(match)
  const missing = replace.find((piece) => typeof piece === 'number' && piece > groups)
  if (missing !== undefined)
    refuse(findings, {
      code: 'GROUP_UNKNOWN',
      path: [...path, 'replace'],
      expected: `groups that the expression has, \\1 to \\${groups}; it has no \\${missing}`,
    })
}
