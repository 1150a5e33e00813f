/** Where the linking files put what they find. Paths are those of the parsed file; `linkGateway` makes them the document's. */
import type { Defect, Path } from '../defect.ts'
import { at, defect, show } from '../document.ts'
import { showDuration } from '../fields.ts'
import type { ParsedGateway } from '../parse-gateway.ts'
import { isWithin } from '../salvage.ts'

/** Something that is allowed and may still surprise. Never a reason to refuse a configuration. */
export interface Note {
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
  readonly path: Path
  readonly expected: string
  /** What the document says there, unless something else explains it better. */
  readonly found?: string
  readonly suggestion?: string | undefined
  readonly atKey?: boolean
}

export function refuse(findings: Findings, { path, expected, found, suggestion, atKey = false }: Refusal): void {
  const written = found ?? (atKey ? show(path.at(-1)) : show(at(findings.parsed.document, findings.parsed.place(path))))
  findings.defects.push(defect({ path, expected, found: written, suggestion, atKey }))
}

interface Pair {
  /** Which is given with its path, its value, and what people call it. */
  readonly lower: { readonly path: Path; readonly value: number; readonly name: string }
  readonly upper: { readonly path: Path; readonly value: number; readonly name: string }
}

/** Refuses two lengths of time of which the lower is the longer, at the one that the document gives. */
export function refuseReversed(findings: Findings, { lower, upper }: Pair): void {
  if (lower.value <= upper.value || lost(lower.path, findings) || lost(upper.path, findings)) return
  const given = at(findings.parsed.document, findings.parsed.place(lower.path)) !== undefined
  const expected = given
    ? `at most the ${upper.name} of ${showDuration(upper.value)}`
    : `at least the ${lower.name} of ${showDuration(lower.value)}`
  refuse(findings, { path: given ? lower.path : upper.path, expected })
}

/** Whether something that stood at a path, or below it, was cut: what remains there says nothing. */
export function lost(path: Path, { parsed }: Findings): boolean {
  const place = parsed.place(path)
  return parsed.left.some((cut) => isWithin(cut, place) || isWithin(place, cut))
}

const NAMES_SHOWN = 6

/** The first of some names, and how many more there are. */
export function few(names: readonly string[]): string {
  if (names.length === 0) return 'there is none'
  return names.length <= NAMES_SHOWN ? names.join(', ') : `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more`
}

/** Whether the document itself says something at a path, be it the default. */
export const isGiven = (path: Path, { parsed }: Findings): boolean => at(parsed.document, parsed.place(path)) !== undefined
