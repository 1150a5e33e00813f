/**
 * Reads YAML into plain values and knows where everything stands. Nothing in a file may cost more than its size: a file is at
 * most 1 MiB, nested at most 32 deep, and has at most 500,000 values once its aliases are followed.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Defect, Path } from '../config/defect.ts'

/** A gateway of 10,000 routes takes about 700 KiB. */
const TEXT_MAX = 1024 * 1024
/** The deepest field of a configuration stands 6 deep. */
const DEPTH_MAX = 32
/** Three times what a full file holds without aliases. */
const VALUES_MAX = 500_000
/** A file that is no YAML at all has as many defects as lines; nobody reads them. */
const DEFECTS_MAX = 100

/** Where something stands, from 1, in characters. */
export interface Place {
  readonly line: number
  readonly column: number
}

export type PlacedDefect = Defect & Place

export interface YamlText {
  readonly value: unknown
  readonly locate: (path: Path, atKey?: boolean) => Place
}

/** `rest`: what can be judged all the same, without what stands at the paths of the defects; absent of what is no YAML, or too large. */
export type YamlFile =
  | ({ readonly ok: true } & YamlText)
  | { readonly ok: false; readonly defects: readonly PlacedDefect[]; readonly rest?: YamlText }

/** Reads a text. It never throws, whatever the text. */
export function readYaml(text: string): YamlFile {
  const size = new TextEncoder().encode(text).length
  if (size > TEXT_MAX) {
    return {
      ok: false,
      defects: [{ code: 'FILE_TOO_LARGE', path: [], expected: 'a file of at most 1 MiB', found: `${size} bytes`, line: 1, column: 1 }],
    }
  }
  const zero = text.indexOf('\0')
  if (zero >= 0) return { ok: false, defects: [noText(text, zero)] }
  const lines = new LineCounter()
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  // Duplicate keys are found by the reader: the library compares each with each, which takes 20 s for 60,000 keys.
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  })
  const problems = [...document.errors, ...document.warnings].slice(0, DEFECTS_MAX)
  if (problems.length > 0) {
    return { ok: false, defects: problems.map(({ code, message, pos }) => ({ path: [], ...explain(code, message), ...place(pos[0]) })) }
  }
  const reader = new NodeReader()
  const value = reader.read(document.contents, [])
  const refusals = reader.refusals.map(({ offset, ...refusal }) => ({ ...refusal, ...place(offset) }))
  const locate: YamlText['locate'] = (path, atKey = false) => place(reader.offsetOf(document.contents, path, atKey))
  if (refusals.length === 0) return { ok: true, value, locate }
  return { ok: false, defects: refusals, ...(refusals.length < DEFECTS_MAX && refusals.every(isBeside) ? { rest: { value, locate } } : {}) }
}

/** Of one field alone. A merge that fails may hide any. */
const isBeside = ({ code, path }: Defect): boolean => code !== 'FILE_TOO_LARGE' && path.length > 0

/** Editors and shells of Windows write UTF-16, where every other byte is 0. */
function noText(text: string, zero: number): PlacedDefect {
  const before = text.slice(0, zero).split('\n')
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  return { code: 'FILE_MALFORMED', path: [], expected: 'a text in UTF-8', found: 'a byte 0, as in UTF-16', ...place }
}

/** What the library complains about, in the words of a defect. */
function explain(code: string, message: string): Pick<Defect, 'code' | 'expected' | 'found'> {
  if (code === 'RESOURCE_EXHAUSTION')
    return { code: 'FILE_TOO_LARGE', expected: `at most ${DEPTH_MAX} levels of nesting`, found: 'many more' }
  if (code === 'MULTIPLE_DOCS') return { code: 'FILE_MALFORMED', expected: 'one YAML document', found: 'another one, after "---"' }
  const found = (message.split('\n')[0] ?? '').replace(/:$/, '')
  return { code: 'FILE_MALFORMED', expected: 'well-formed YAML', found: found.length > 160 ? `${found.slice(0, 159)}…` : found }
}

const MERGE = '<<'
type Refusal = Defect & { readonly offset: number }

/** Makes values of nodes, follows aliases and merge keys, and counts while doing so. */
class NodeReader {
  readonly refusals: Refusal[] = []
  readonly #anchors = new Map<string, Node>()
  /** What each alias stands for: an anchor may be given anew further down. */
  readonly #aliased = new Map<Node, Node>()
  readonly #pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>()
  #values = 0

  read(node: unknown, path: Path): unknown {
    if (!isNode(node) || this.#refuses(node, path)) return null
    this.#values += 1
    if (isAlias(node)) return this.#readAlias(node, path)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (isMap(node)) return this.#readMap(node, path)
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, [...path, index]))
    return isScalar(node) ? node.value : null
  }

  /** Where the value at a path begins; for a path that leads nowhere, where its nearest holder begins. */
  offsetOf(root: unknown, path: Path, atKey: boolean): number {
    let node = root
    let offset = startOf(root)
    for (const [depth, step] of path.entries()) {
      const found = this.#step(this.#target(node), step)
      if (found === undefined) return offset
      // A required field that is missing is reported at the key of what should hold it.
      const value = isNode(found.value) && found.value.range ? startOf(found.value) : startOf(found.key)
      offset = (atKey && depth === path.length - 1) || isCollectionBelowKey(found) ? startOf(found.key ?? found.value) : value
      node = found.value
    }
    return offset
  }

  #refuses(node: Node, path: Path): boolean {
    if (this.refusals.length >= DEFECTS_MAX) return true
    if (path.length <= DEPTH_MAX && this.#values < VALUES_MAX) return false
    const expected = path.length > DEPTH_MAX ? `at most ${DEPTH_MAX} levels of nesting` : `at most ${VALUES_MAX} values, aliases followed`
    if (!this.refusals.some((known) => known.expected === expected)) {
      this.refusals.push({ code: 'FILE_TOO_LARGE', path: [], expected, found: 'more', offset: startOf(node) })
    }
    return true
  }

  #readAlias(alias: Node & { readonly source: string }, path: Path): unknown {
    const target = this.#aliased.get(alias) ?? this.#anchors.get(alias.source)
    if (target === undefined) {
      this.refusals.push({
        code: 'ALIAS_UNKNOWN',
        path,
        expected: 'an alias of an anchor further up',
        found: `*${alias.source}`,
        offset: startOf(alias),
      })
      return null
    }
    this.#aliased.set(alias, target)
    return this.read(target, path)
  }

  #readMap(map: YAMLMap, path: Path): Record<string, unknown> {
    const own = new Map<string, unknown>()
    const merged = new Map<string, unknown>()
    for (const pair of map.items) {
      const key = keyOf(pair)
      const at = startOf(pair.key)
      if (own.has(key))
        this.refusals.push({
          code: 'KEY_REPEATED',
          path: [...path, key],
          expected: 'each key once in a mapping',
          found: `"${key}" again`,
          atKey: true,
          offset: at,
        })
      if (key === '__proto__')
        this.refusals.push({ code: 'KEY_RESERVED', path: [...path, key], expected: 'another name', found: key, atKey: true, offset: at })
      const value = this.read(pair.value, [...path, key])
      if (key === MERGE) this.#merge(value, merged, at)
      else if (key !== '__proto__') own.set(key, own.has(key) ? both(own.get(key), value) : value)
    }
    return Object.fromEntries([...own, ...[...merged].filter(([key]) => !own.has(key))])
  }

  #merge(value: unknown, into: Map<string, unknown>, offset: number): void {
    for (const source of Array.isArray(value) ? value : [value]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        this.refusals.push({
          code: 'ALIAS_UNKNOWN',
          path: [],
          expected: 'a mapping to merge, such as *name',
          found: 'something else',
          offset,
        })
        continue
      }
      for (const [key, held] of Object.entries(source)) if (!into.has(key)) into.set(key, held)
    }
  }

  #target(node: unknown): unknown {
    return isNode(node) ? (this.#aliased.get(node) ?? node) : node
  }

  /** Looked up once a mapping: a file may have a defect at each of its keys. */
  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map)
    if (known !== undefined) return known
    const pairs = new Map(map.items.map((pair) => [keyOf(pair), pair]))
    this.#pairs.set(map, pairs)
    return pairs
  }

  /** The pair or element that a step leads to; through merge keys when the mapping itself has no such key. */
  #step(holder: unknown, step: string | number): { readonly key: unknown; readonly value: unknown } | undefined {
    if (isSeq(holder))
      return typeof step === 'number' && step < holder.items.length ? { key: undefined, value: holder.items[step] } : undefined
    if (!isMap(holder)) return undefined
    const own = this.#pairsOf(holder).get(String(step))
    if (own !== undefined) return own
    const sources = holder.items.filter((pair) => keyOf(pair) === MERGE).map((pair) => this.#target(pair.value))
    const flat = sources.flatMap((source) => (isSeq(source) ? (source as YAMLSeq).items.map((item) => this.#target(item)) : [source]))
    return flat.map((source) => this.#step(source, step)).find((found) => found !== undefined)
  }
}

/** Of a key that stands twice: names of either are there for whoever refers to them. */
const both = (first: unknown, second: unknown): unknown => (isRecord(first) && isRecord(second) ? { ...first, ...second } : second)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const keyOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value ?? '') : '')

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)

/** A block mapping begins below its key; people look for the key. */
const isCollectionBelowKey = ({ key, value }: { readonly key: unknown; readonly value: unknown }): boolean =>
  isNode(key) && (isMap(value) || isSeq(value)) && value.flow !== true
