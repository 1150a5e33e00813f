/**
 * `npx meridian check weights.json` and `emergency.json`: every defect of a file of operators at once, before it is put. Names are looked up
 * in the gateway's configuration; what is in force there nobody knows here.
 */
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Defect, LocatedDefect } from '../config/defect.ts'
import { showPath } from '../config/defect.ts'
import { defect } from '../config/document.ts'
import { type EmergencyFile, hasExpired, parseEmergencyFile } from '../config/operator-files/emergency-file.ts'
import { type EmergencyWarning, emergencyDefects, emergencyWarnings } from '../config/operator-files/emergency-names.ts'
import { scanJson } from '../config/operator-files/scan-json.ts'
import { parseWeightsFile, type WeightsFile } from '../config/operator-files/weights-file.ts'
import { type KnownNames, weightsDefects } from '../config/operator-files/weights-names.ts'
import { asAnnotations, asSarif, type CheckFormat } from './check-formats.ts'
import type { LocatedNote } from './load-gateway.ts'
import { knownNames } from './names-of-gateway.ts'
import type { Place } from './read-yaml.ts'
import { paintFor, showDefects, showNote } from './show-defects.ts'

export type OperatorFileKind = 'weights' | 'emergency'

/** No file of operators is longer; of another one nothing is read to find out what it is. */
const TEXT_MAX = 1024 * 1024

/** By its name, or else by what stands in it; undefined: it is none. Throws when it cannot be read. */
export function operatorFileKind(path: string): OperatorFileKind | undefined {
  const name = basename(path)
  if (!/\.json$/i.test(name)) return undefined
  const [kind] = /^(?:weights|emergency)(?=[.\-_ ])/i.exec(name) ?? []
  if (kind !== undefined) return kind.toLowerCase() as OperatorFileKind
  if (statSync(path).size > TEXT_MAX) return undefined
  const keys = keysOf(readFileSync(path, 'utf8'))
  if (['drain', 'weightZero', 'freeze', 'killCanary', 'expires'].some((key) => keys.includes(key))) return 'emergency'
  return keys.includes('routes') || !['by', 'reason', 'base'].some((key) => keys.includes(key)) ? undefined : 'weights'
}

function keysOf(text: string): readonly string[] {
  try {
    return Object.keys(JSON.parse(text) as object)
  } catch {
    return []
  }
}

export interface OperatorFileOptions {
  readonly kind: OperatorFileKind
  readonly path: string
  /** As people call it. */
  readonly shown: string
  /** The gateway whose names are looked up. */
  readonly gateway: string
  readonly local: boolean
  readonly format: CheckFormat
  readonly now: number
}

/** Answers the exit code. Throws when the file cannot be read. */
export function checkOperatorFile(options: OperatorFileOptions): number {
  const { shown: file } = options
  const text = readFileSync(options.path, 'utf8')
  const names = knownNames(options.gateway, options.local)
  const {
    defects: found,
    notes: said,
    summary,
  } = options.kind === 'weights' ? judgeWeights(text, names.bases) : judgeEmergency(text, names.bases, options.now)
  const locate = locator(text)
  const defects = found
    .map((one): LocatedDefect => ({ ...one, ...locate(one), file }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
  const notes = [...names.notes.map((text) => ({ code: 'NAMES_NOT_LOOKED_UP' as const, path: [], text })), ...said].map(
    (one): LocatedNote => ({ ...one, ...locate(one), file }),
  )
  const result = { defects, notes, summary: `${summary}, no defects` }
  process.stdout.write(inFormat(options, result))
  return defects.length === 0 ? 0 : 1
}

interface Judgement {
  readonly defects: readonly Defect[]
  readonly notes: readonly EmergencyWarning[]
  readonly summary: string
}

function judgeWeights(text: string, bases: readonly KnownNames[]): Judgement {
  const { file, defects, document } = parseWeightsFile(text)
  const lost = bases.length === 0 ? [] : weightsDefects(document, bases)
  return { defects: [...defects, ...lost], notes: [], summary: file === undefined ? '' : weightsSummary(file) }
}

function weightsSummary({ pools, releases = {} }: WeightsFile): string {
  const [poolCount, releaseCount] = [Object.keys(pools).length, Object.keys(releases).length]
  if (poolCount + releaseCount === 0) return 'it ends what earlier files said'
  return `weights of ${counted(poolCount, 'pool')} and ${counted(releaseCount, 'release')}`
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

function judgeEmergency(text: string, bases: readonly KnownNames[], now: number): Judgement {
  const { file, defects, document } = parseEmergencyFile(text)
  const lost = bases.length === 0 ? [] : emergencyDefects(document, bases)
  if (file === undefined) return { defects: [...defects, ...lost], notes: [], summary: '' }
  const found = new Date(file.expires ?? 0).toISOString()
  const over = defect({ code: 'VALUE_OUT_OF_RANGE', path: ['expires'], expected: 'a moment to come', found })
  return {
    defects: [...(hasExpired(file, now) ? [over] : []), ...lost],
    notes: emergencyWarnings(file, bases),
    summary: emergencySummary(file),
  }
}

function emergencySummary({ drain, weightZero, freeze, killCanary }: EmergencyFile): string {
  const lists = { drain, weightZero, freeze, killCanary }
  const said = Object.entries(lists).flatMap(([name, names]) => (names.length === 0 ? [] : [`${name} ${names.join(', ')}`]))
  return said.length === 0 ? 'it takes nothing away' : said.join('; ')
}

/** Where things stand in a text, JSON or not. */
function locator(text: string): (of: Pick<Defect, 'path'> & Partial<Pick<Defect, 'expected' | 'found'>>) => Place {
  const places = new Map<string, number>()
  const again = new Map<string, number>()
  if (keysOf(text).length > 0) for (const { path, at, repeated } of scanJson(text)) (repeated ? again : places).set(showPath(path), at)
  const placeOf = (offset: number): Place => {
    const before = text.slice(0, offset).split('\n')
    return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
  }
  return ({ path, expected, found }) => {
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(expected === 'JSON' ? (found ?? '') : '') ?? []
    if (line !== undefined) return { line: Number(line), column: Number(column) }
    const repeated = found?.endsWith(' again') === true ? again.get(showPath(path)) : undefined
    // What is missing is looked for in what should hold it.
    const nearest = path.map((_, index) => places.get(showPath(path.slice(0, path.length - index)))).find((at) => at !== undefined)
    return placeOf(repeated ?? nearest ?? 0)
  }
}

interface Shown {
  readonly defects: readonly LocatedDefect[]
  readonly notes: readonly LocatedNote[]
  readonly summary: string
}

function inFormat(options: OperatorFileOptions, result: Shown): string {
  switch (options.format) {
    case 'text':
      return asText(options.shown, result)
    case 'json':
      return asJson(options, result)
    case 'sarif':
      return asSarif(result)
    case 'github':
      return asAnnotations(result)
    default:
      return options.format satisfies never
  }
}

function asText(file: string, { defects, notes, summary }: Shown): string {
  const paint = paintFor(process.stdout, process.env)
  return `${[...notes.map((note) => showNote(note, paint)), defects.length > 0 ? showDefects(defects, paint) : `${file}: ${summary}`].join('\n')}\n`
}

/** As of a configuration, with `kind`. */
function asJson({ kind, shown }: OperatorFileOptions, { defects, notes }: Shown): string {
  const asData = <Found extends { readonly path: Defect['path'] }>({ path, ...rest }: Found) => ({
    ...rest,
    path: showPath(path),
    steps: path,
  })
  const report = { command: 'check', kind, file: shown, ok: defects.length === 0, defects: defects.map(asData), notes: notes.map(asData) }
  return `${JSON.stringify(report, null, 2)}\n`
}
