/**
 * What `check` finds, for those who read it by a program: SARIF 2.1.0, which editors and code scanning take, and the annotations of GitHub's
 * workflows (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions).
 */
import { type LocatedDefect, showPath } from '../config/defect.ts'
import { factsOf } from '../config/defects.ts'
import type { LocatedNote } from './load-gateway.ts'

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'github'] as const
export type CheckFormat = (typeof CHECK_FORMATS)[number]

export interface Found {
  readonly defects: readonly LocatedDefect[]
  readonly notes: readonly LocatedNote[]
}

interface Line {
  readonly code: string
  readonly isDefect: boolean
  readonly file: string
  readonly line: number
  readonly column: number
  readonly text: string
}

/** Defects first. */
function linesOf({ defects, notes }: Found): readonly Line[] {
  return [
    ...defects.map(({ path, expected, found, suggestion, ...at }) => {
      const hint = suggestion === undefined ? '' : ` (${suggestion})`
      return { ...at, isDefect: true, text: `${showPath(path)}: expected ${expected}, found ${found}${hint}` }
    }),
    ...notes.map(({ path, text, ...at }) => ({ ...at, isDefect: false, text: `${showPath(path)}: ${text}` })),
  ]
}

const inUri = (file: string): string => file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')

export function asSarif(found: Found): string {
  const lines = linesOf(found)
  const codes = [...new Set(lines.map(({ code }) => code))]
  const rules = codes.map((id) => {
    const facts = factsOf(id)
    const isDefect = lines.some((line) => line.code === id && line.isDefect)
    return {
      id,
      shortDescription: { text: facts?.means ?? id },
      help: { text: facts?.instead ?? '' },
      defaultConfiguration: { level: isDefect ? 'error' : 'note' },
    }
  })
  const results = lines.map(({ code, isDefect, file, line, column, text }) => ({
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: isDefect ? 'error' : 'note',
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: { uri: inUri(file) }, region: { startLine: line, startColumn: column } } }],
  }))
  const run = { tool: { driver: { name: 'meridian check', rules } }, columnKind: 'utf16CodeUnits', results }
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, null, 2)}\n`
}

/** What ends a command, or a field of it, is written by its number. */
const inCommand = (text: string): string => text.replace(/[%\r\n]/g, encodeURIComponent)
const inField = (text: string): string => text.replace(/[%\r\n:,]/g, encodeURIComponent)

export function asAnnotations(found: Found): string {
  return linesOf(found)
    .map(({ code, isDefect, file, line, column, text }) => {
      const place = `file=${inField(file)},line=${line},col=${column},title=${code}`
      return `::${isDefect ? 'error' : 'notice'} ${place}::${inCommand(text)}\n`
    })
    .join('')
}
