/** What CORS rules must not contradict, in themselves and in the header changes beside them. */
import type { Path } from '../defect.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { type Findings, lost, refuse } from './findings.ts'

export function refuseCors(route: RouteFile, path: Path, findings: Findings): void {
  const { cors } = route
  if (cors === undefined) return
  const at = [...path, 'cors']
  const { any, exact, wildcards } = cors.origins
  const named = exact.length + wildcards.length
  if (!any && named === 0 && !lost([...at, 'origins'], findings))
    refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path: [...at, 'origins'], expected: 'at least one origin' })
  if (any && named > 0)
    refuse(findings, { code: 'VALUE_REPEATED', path: [...at, 'origins'], expected: 'nothing beside "*", which takes all' })
  if (cors.credentials && cors.expose.split(', ').includes('*'))
    refuse(findings, {
      code: 'WILDCARD_WITH_CREDENTIALS',
      path: [...at, 'expose'],
      expected: 'header names instead of "*", which browsers take for a name where there are credentials',
    })
  if (cors.credentials && any)
    findings.notes.push({ code: 'CORS_FOR_EVERYBODY', path: at, text: 'every page in the world may act as your visitors on this route' })
  for (const [edits, where] of responseEdits(route, path)) refuseNamed(edits, where, findings)
}

type Edits = NonNullable<RouteFile['responseHeaders']>

function responseEdits(route: RouteFile, path: Path): readonly (readonly [Edits | undefined, Path])[] {
  const ofPools = (route.pools ?? []).map(({ responseHeaders }, index) => [responseHeaders, [...path, 'pools', index]] as const)
  return [[route.responseHeaders, path], ...ofPools]
}

function refuseNamed(edits: Edits | undefined, path: Path, findings: Findings): void {
  if (edits === undefined) return
  for (const field of ['set', 'add'] as const) {
    for (const [name] of edits[field]) {
      if (name.startsWith('access-control-'))
        refuse(findings, {
          code: 'HEADER_EDITS_CLASH',
          path: [...path, 'responseHeaders', field],
          expected: `no ${name}, which "cors" says`,
          found: name,
        })
    }
  }
}
