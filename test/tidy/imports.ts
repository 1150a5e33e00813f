/**
 * Who may import what: the layers of the architecture as a table. A plane knows the language (config/), its own core and
 * itself; the two planes meet in types only; libraries and the platform stay at the files that are named here.
 */
import { posix } from 'node:path'
import { type Finding, finding, pathMatches, type SourceFile } from './source-file.ts'

export type Layer = 'config' | 'worker/policy' | 'durable-objects/policy' | 'worker' | 'durable-objects' | 'tools'

/** `types`: only with `import type`. */
const MAY_IMPORT: Record<Layer, Partial<Record<Layer, 'yes' | 'types'>>> = {
  config: { config: 'yes' },
  'worker/policy': { config: 'yes', 'worker/policy': 'yes' },
  'durable-objects/policy': { config: 'yes', 'durable-objects/policy': 'yes' },
  worker: { config: 'yes', 'worker/policy': 'yes', worker: 'yes', 'durable-objects': 'types' },
  'durable-objects': { config: 'yes', 'durable-objects/policy': 'yes', 'durable-objects': 'yes' },
  tools: { config: 'yes', 'worker/policy': 'yes', 'durable-objects/policy': 'yes', worker: 'yes', 'durable-objects': 'yes', tools: 'yes' },
}

/** Packages inside the planes and their language, each with the files that may know it. The tools may import any declared package. */
const PACKAGES_AT: readonly (readonly [name: RegExp, files: readonly string[]])[] = [
  // Describes and parses the configuration when it is built; `checkReach` keeps it out of the Workers.
  [/^zod(\/|$)/, ['config/']],
  // Parses regular expressions when the configuration is built; what it makes of them is data.
  [/^re2js$/, ['config/regex/compile-regex.ts']],
  [/^hono(\/|$)/, ['worker/index.ts', 'worker/app.ts', 'worker/operator/']],
  [/^jose(\/|$)/, ['worker/identity/']],
  // Validates paths of certificates; bundled only where a configuration needs it.
  [/^pkijs$/, ['worker/identity/chain/']],
  // The classes that the runtime itself constructs.
  [
    /^cloudflare:(?!sockets$)/,
    [
      'worker/index.ts',
      'durable-objects/index.ts',
      'durable-objects/vantage.ts',
      'durable-objects/prober.ts',
      'durable-objects/limiter.ts',
      'durable-objects/director.ts',
    ],
  ],
  // Handshakes of probes.
  [/^cloudflare:sockets$/, ['durable-objects/platform.ts']],
  // A hash of what was compiled: the same on every machine.
  [/^node:crypto$/, ['config/compile-gateway.ts']],
]

/** Files of ours that only some may import: the real platform and the compiled configuration belong to the composition roots. */
const FILES_AT: readonly (readonly [file: string, importers: readonly string[]])[] = [
  ['worker/platform.ts', ['worker/index.ts']],
  [
    'durable-objects/platform.ts',
    [
      'durable-objects/index.ts',
      'durable-objects/vantage.ts',
      'durable-objects/prober.ts',
      'durable-objects/limiter.ts',
      'durable-objects/director.ts',
    ],
  ],
  ['config/generated/base.ts', ['worker/index.ts']],
]

export function layerOf(path: string): Layer {
  for (const layer of ['worker/policy', 'durable-objects/policy', 'config', 'worker', 'durable-objects'] as const) {
    if (path.startsWith(`${layer}/`)) return layer
  }
  return 'tools'
}

export interface Import {
  readonly specifier: string
  readonly typesOnly: boolean
  readonly at: number
}

/** Every static import and re-export, and dynamic imports of a constant. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = file.module.staticImports.map((statement) => ({
    specifier: statement.moduleRequest.value,
    typesOnly: statement.entries.length > 0 && statement.entries.every((entry) => entry.isType),
    at: statement.start,
  }))
  for (const statement of file.module.staticExports) {
    const from = statement.entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest
    if (from == null) continue
    found.push({ specifier: from.value, typesOnly: statement.entries.every((entry) => entry.isType), at: statement.start })
  }
  for (const { moduleRequest, start } of file.module.dynamicImports) {
    const written = file.text.slice(moduleRequest.start, moduleRequest.end)
    if (/^['"`]/.test(written)) found.push({ specifier: written.slice(1, -1), typesOnly: false, at: start })
  }
  return found
}

export const resolveImport = (from: string, specifier: string): string => posix.normalize(posix.join(posix.dirname(from), specifier))

export function checkImports(file: SourceFile): Finding[] {
  const layer = layerOf(file.path)
  return importsOf(file).flatMap((imported) => {
    const problem = imported.specifier.startsWith('.')
      ? checkOwn(file.path, layer, imported)
      : checkPackage(file.path, layer, imported.specifier)
    return problem === undefined ? [] : [finding(file, imported.at, problem)]
  })
}

function checkOwn(path: string, layer: Layer, { specifier, typesOnly }: Import): string | undefined {
  const target = resolveImport(path, specifier)
  const allowed = MAY_IMPORT[layer][layerOf(target)]
  if (allowed === undefined) return `${layer} may not import ${target}`
  if (allowed === 'types' && !typesOnly) return `${layer} may import only types of ${target}`
  const importers = FILES_AT.find(([file]) => file === target)?.[1]
  if (layer !== 'tools' && importers !== undefined && !importers.includes(path)) return `only ${importers.join(', ')} may import ${target}`
  if (!/\.(ts|json|mjs)$/.test(specifier)) return `${specifier} has no file extension`
  return undefined
}

function checkPackage(path: string, layer: Layer, name: string): string | undefined {
  if (layer === 'tools') return undefined
  const files = PACKAGES_AT.find(([pattern]) => pattern.test(name))?.[1]
  if (files?.some((pattern) => pathMatches(path, pattern))) return undefined
  return `${name} may not be imported here${files === undefined ? '' : `, only in ${files.join(', ')}`}`
}

/** Packages that are imported but not named in package.json: they are there by chance. */
export function checkDeclared(file: SourceFile, declared: ReadonlySet<string>): Finding[] {
  return importsOf(file).flatMap(({ specifier, at }) => {
    if (/^(\.|node:|cloudflare:)/.test(specifier)) return []
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
    return declared.has(name) ? [] : [finding(file, at, `${name} is not named in package.json`)]
  })
}

/** Packages for the build only. What is in them, Workers neither need nor may pay for. */
const BUILD_ONLY = /^(zod|yaml|re2js)(\/|$)/

/** Files of the planes that reach a package of the build by importing values, with the way there. */
export function checkReach(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const wayFrom = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    const file = byPath.get(path)
    if (file === undefined || trail.includes(path)) return undefined
    for (const { specifier, typesOnly } of importsOf(file)) {
      if (typesOnly) continue
      if (BUILD_ONLY.test(specifier)) return [...trail, path, specifier]
      const way = specifier.startsWith('.') ? wayFrom(resolveImport(path, specifier), [...trail, path]) : undefined
      if (way !== undefined) return way
    }
    return undefined
  }
  return files.flatMap(({ path }) => {
    const way = ['worker', 'durable-objects', 'worker/policy', 'durable-objects/policy'].includes(layerOf(path))
      ? wayFrom(path, [])
      : undefined
    return way === undefined ? [] : [{ path, line: 1, problem: `carries a package of the build: ${way.join(' → ')}` }]
  })
}

/** Values that import each other in a circle, each circle once. Types may: they are gone at run time. */
export function checkCycles(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const found: Finding[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const file = byPath.get(path)
    if (file === undefined || done.has(path)) return
    if (trail.includes(path)) {
      found.push({ path, line: 1, problem: `imports itself: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}` })
      return
    }
    for (const { specifier, typesOnly } of importsOf(file)) {
      if (!typesOnly && specifier.startsWith('.')) visit(resolveImport(path, specifier), [...trail, path])
    }
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return found
}
