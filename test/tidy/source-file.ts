/** A tracked file, parsed: what the rules of the tidy test look at. Which rules there are is theirs to say. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { type Comment, type EcmaScriptModule, parseSync } from 'oxc-parser'

/** A syntax node, seen from outside: rules look at types and positions, and at the few fields that they name. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

export interface SourceFile {
  /** From the root of the project, with slashes: `worker/policy/backoff.ts`. */
  readonly path: string
  readonly text: string
  readonly program: Node
  readonly module: EcmaScriptModule
  readonly comments: readonly Comment[]
}

/** One thing that a rule found wrong. */
export interface Finding {
  readonly path: string
  /** Counts from 1. */
  readonly line: number
  readonly problem: string
}

export function parseSource(path: string, text: string): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text)
  const first = errors[0]
  if (first !== undefined) throw new SyntaxError(`${path}: ${first.message}`)
  return { path, text, program: program as unknown as Node, module, comments }
}

/** Every file that git tracks or would track, sorted: no dependency, no build output. */
export function trackedPaths(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { encoding: 'utf8' })
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(path)).sort()
}

export const readTracked = (path: string): string => readFileSync(path, 'utf8')

/** Where `offset` stands. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

export const finding = (file: { path: string; text: string }, offset: number, problem: string): Finding => ({
  path: file.path,
  line: lineOf(file.text, offset),
  problem,
})

/** Calls `visit` for every node of the tree, parents first. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node)
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string' && 'start' in value
}

/** The name of an identifier; undefined for any other node. */
export const nameOf = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Identifier' && typeof value['name'] === 'string' ? value['name'] : undefined

/** True when `path` is `pattern`, or lies below it when it ends in a slash. */
export const pathMatches = (path: string, pattern: string): boolean => (pattern.endsWith('/') ? path.startsWith(pattern) : path === pattern)
