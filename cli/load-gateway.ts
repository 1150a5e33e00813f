/** From a file to a base, or to all of its defects with file, line and column. The one way in for every command. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Base } from '../config/base.ts'
import { compileGateway } from '../config/compile-gateway.ts'
import type { Defect, LocatedDefect } from '../config/defect.ts'
import { type LinkedGateway, type LinkOptions, linkGateway, type Note } from '../config/link-gateway.ts'
import { parseGateway } from '../config/parse-gateway.ts'
import { type Place, readYaml } from './read-yaml.ts'

export interface LocatedNote extends Note, Place {
  readonly file: string
}

export type LoadedGateway =
  | {
      readonly ok: true
      readonly base: Base
      readonly gateway: LinkedGateway
      readonly notes: readonly LocatedNote[]
      /** Where something of the file stands. */
      readonly locate: (path: Defect['path']) => Place
    }
  | { readonly ok: false; readonly defects: readonly LocatedDefect[]; readonly notes: readonly LocatedNote[] }

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Reads, parses, links and compiles a file. Throws only when the file cannot be read. */
export function loadGateway(file: string, options: LinkOptions): LoadedGateway {
  return loadText(readFileSync(file, 'utf8'), file, options)
}

/** The same for a text that stands in no file yet; `file` is what defects call it. */
export function loadText(text: string, file: string, options: LinkOptions): LoadedGateway {
  const yaml = readYaml(text)
  if (!yaml.ok) return { ok: false, defects: sorted(yaml.defects.map((one) => ({ ...one, file }))), notes: [] }
  const parsed = parseGateway(yaml.value)
  const linked = linkGateway(parsed, options)
  const notes = linked.notes.map((note) => ({ ...note, ...yaml.locate(note.path), file }))
  if (linked.gateway === undefined) {
    return { ok: false, defects: sorted(linked.defects.map((one) => ({ ...one, ...yaml.locate(one.path, one.atKey), file }))), notes }
  }
  return { ok: true, base: compileGateway(linked.gateway, digest), gateway: linked.gateway, notes, locate: yaml.locate }
}

const sorted = (defects: readonly LocatedDefect[]): readonly LocatedDefect[] =>
  defects.toSorted((a, b) => a.line - b.line || a.column - b.column)
