/** Defects as people read them: one a line, in order of their places, so that editors and terminals can jump there. */
import type { Base } from '../config/base.ts'
import type { LocatedDefect } from '../config/defect.ts'
import { showPath } from '../config/defect.ts'
import type { LocatedNote } from './load-gateway.ts'

/** Text in colours, or as it is. */
export interface Paint {
  readonly place: (text: string) => string
  readonly path: (text: string) => string
  readonly hint: (text: string) => string
  readonly code: (text: string) => string
}

const plain = (text: string): string => text
const colour = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`

/** For what no terminal shows. */
export const PLAIN: Paint = { place: plain, path: plain, hint: plain, code: plain }

/** Colours on a terminal, unless NO_COLOR (https://no-color.org) says otherwise. */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: Readonly<Record<string, string | undefined>>): Paint {
  const coloured = stream.isTTY === true && (environment['NO_COLOR'] ?? '') === ''
  return coloured ? { place: colour(1), path: colour(36), hint: colour(33), code: colour(2) } : PLAIN
}

/** `file:line:column  path  expected …, found …  (suggestion)  [CODE]`. */
export function showDefect(defect: LocatedDefect, paint: Paint): string {
  const place = paint.place(`${defect.file}:${defect.line}:${defect.column}`)
  const hint = defect.suggestion === undefined ? '' : `  ${paint.hint(`(${defect.suggestion})`)}`
  return `${place}  ${paint.path(printable(showPath(defect.path)))}  expected ${defect.expected}, found ${printable(defect.found)}${hint}  ${paint.code(`[${defect.code}]`)}`
}

export function showNote(note: LocatedNote, paint: Paint): string {
  return `${paint.place(`${note.file}:${note.line}:${note.column}`)}  ${paint.path(printable(showPath(note.path)))}  note: ${printable(note.text)}  ${paint.code(`[${note.code}]`)}`
}

/** `3 routes, 1 pool, 2 endpoints, hash 21f8594ef5616c59`. */
export function summarize({ routes, pools, hash }: Base): string {
  const endpoints = pools.reduce((sum, pool) => sum + pool.endpoints.length, 0)
  return [count(routes.length, 'route'), count(pools.length, 'pool'), count(endpoints, 'endpoint'), `hash ${hash}`].join(', ')
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

/** All defects and their number. */
export function showDefects(defects: readonly LocatedDefect[], paint: Paint): string {
  return [...defects.map((defect) => showDefect(defect, paint)), count(defects.length, 'defect')].join('\n')
}

/** What a file says must not steer the terminal: control and format characters are shown by their number. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
