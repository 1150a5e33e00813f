/** Where the linking files put what they find. Paths are those of the parsed file; `linkGateway` makes them the document's. */
import type { Defect, Path } from '../defect.ts'
import type { DefectCode, NoteCode } from '../defects.ts'
import { at, defect, show } from '../document.ts'
import { showDuration } from '../fields.ts'
import type { LinkedAction } from '../link-gateway.ts'
import type { ParsedGateway } from '../parse-gateway.ts'
import { isWithin } from '../salvage.ts'

/** Something that is allowed and may still surprise. Never a reason to refuse a configuration. */
export interface Note {
  readonly code: NoteCode
  readonly path: Path
  readonly text: string
}

export interface Findings {
  readonly defects: Defect[]
  readonly notes: Note[]
  readonly parsed: ParsedGateway
  /** Of the machine that checks, in milliseconds since 1970. */
  readonly now: number
}

interface Refusal {
  readonly code: DefectCode
  readonly path: Path
  readonly expected: string
  /** What the document says there, unless something else explains it better. */
  readonly found?: string
  readonly suggestion?: string | undefined
  readonly atKey?: boolean
}

export function refuse(findings: Findings, { code, path, expected, found, suggestion, atKey = false }: Refusal): void {
  const written = found ?? (atKey ? show(path.at(-1)) : show(at(findings.parsed.document, findings.parsed.place(path))))
  findings.defects.push(defect({ code, path, expected, found: written, suggestion, atKey }))
}

interface Pair {
  /** Which is given with its path, its value, and what people call it. */
  readonly lower: { readonly path: Path; readonly value: number; readonly name: string }
  readonly upper: { readonly path: Path; readonly value: number; readonly name: string }
}

/** Refuses two lengths of time of which the lower is the longer, at the one that the document gives. */
export function refuseReversed(findings: Findings, { lower, upper }: Pair): void {
  if (lower.value <= upper.value || !isSure(lower.path, findings) || !isSure(upper.path, findings)) return
  const given = at(findings.parsed.document, findings.parsed.place(lower.path)) !== undefined
  const expected = given
    ? `at most the ${upper.name} of ${showDuration(upper.value)}`
    : `at least the ${lower.name} of ${showDuration(lower.value)}`
  refuse(findings, { code: 'BOUNDS_REVERSED', path: given ? lower.path : upper.path, expected })
}

/** Whether something that stood at a path, or below it, was cut: what remains there says nothing. */
export function lost(path: Path, { parsed }: Findings): boolean {
  const place = parsed.place(path)
  return parsed.left.some((cut) => isWithin(cut, place) || isWithin(place, cut))
}

/** What says which requests a route takes. */
export const MATCHING: ReadonlySet<string> = new Set([
  'hosts',
  'paths',
  'methods',
  'headers',
  'query',
  'cookies',
  'countries',
  'continents',
  'schemes',
  'ports',
  'claims',
  'certificate',
])

/**
 * Whether something of these fields was cut from an object, or the object itself; an unknown field may have been meant for one of them. With
 * `list` the path is that of a list, or a mapping, of such objects.
 */
export function lostFields(path: Path, fields: ReadonlySet<string>, { parsed }: Findings, list: 'list' | 'one' = 'one'): boolean {
  const place = parsed.place(path)
  const depth = place.length + (list === 'list' ? 1 : 0)
  return parsed.left.some((cut) => {
    if (isWithin(place, cut)) return true
    if (!isWithin(cut, place)) return false
    if (cut.length <= depth || fields.has(String(cut[depth]))) return true
    const unknown = parsed.defects.find((one) => one.code === 'FIELD_UNKNOWN' && one.path.join('\n') === cut.join('\n'))
    if (unknown === undefined || cut.length !== depth + 1) return false
    return unknown.suggestion === undefined || [...fields].some((field) => unknown.suggestion?.includes(`"${field}"`))
  })
}

/**
 * Whether the parsed file says at a path what was meant: nothing was cut there, and where nothing is written, no unknown field beside it may have
 * been meant for it. What is judged by a field's absence, or by its default, asks this.
 */
export function isSure(path: Path, findings: Findings): boolean {
  if (lost(path, findings)) return false
  const { parsed } = findings
  const place = parsed.place(path)
  for (let length = place.length - 1; length >= 0 && at(parsed.document, place.slice(0, length + 1)) === undefined; length -= 1) {
    const holder = place.slice(0, length)
    if (parsed.defects.some((one) => one.atKey === true && mayMean(one, holder, place[length]))) return false
  }
  return true
}

const mayMean = ({ code, path, suggestion }: Defect, holder: Path, field: string | number | undefined): boolean =>
  code === 'FIELD_UNKNOWN' &&
  path.length === holder.length + 1 &&
  isWithin(path, holder) &&
  (suggestion === undefined || suggestion.includes(`"${field}"`))

const NAMES_SHOWN = 6

/** The first of some names, and how many more there are. */
export function few(names: readonly string[]): string {
  if (names.length === 0) return 'there is none'
  return names.length <= NAMES_SHOWN ? names.join(', ') : `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more`
}

/** Whether a section of the file can be looked into: it holds something, or it is absent and was not misspelt. */
export function isSaid(section: string, findings: Findings): boolean {
  const value = at(findings.parsed.document, [section])
  return value === undefined ? isSure([section], findings) : typeof value === 'object' && value !== null
}

/** Whether the document itself says something at a path, be it the default. */
export const isGiven = (path: Path, { parsed }: Findings): boolean => at(parsed.document, parsed.place(path)) !== undefined

/** How many endpoints the largest of some pools has, those with defects included. */
export const mostEndpoints = (action: LinkedAction, { parsed }: Findings): number =>
  action.kind === 'forward' ? Math.max(0, ...action.pools.map(({ pool }) => parsed.names.get(pool.name)?.length ?? 0)) : 0
