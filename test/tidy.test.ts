/**
 * The architecture and the conventions, held by a machine. Each rule is a function from a file to what is wrong with it;
 * it runs over every tracked file, and over a snippet that breaks it, so that a rule that finds nothing is known to be able to.
 */
import { describe, expect, test } from 'vitest'
import { BROKEN, type Rule } from './tidy/broken.ts'
import { checkCycles, checkDeclared, checkImports, checkReach } from './tidy/imports.ts'
import { checkLockfile, checkPinned } from './tidy/packages.ts'
import { checkModuleState, checkWorld } from './tidy/purity.ts'
import { checkExhaustive, checkFirstComment, checkFunctions, checkLength, checkTypes, checkUnfinished } from './tidy/shape.ts'
import { type Finding, parseSource, readTracked, trackedPaths } from './tidy/source-file.ts'
import { checkPlaces, checkWords } from './tidy/words.ts'

const paths = trackedPaths()
// The rules and their counter-examples hold every forbidden word themselves.
const isRule = (path: string) => path.startsWith('test/tidy')
// Measurements that led to a decision, kept as they were run.
const isSpike = (path: string) => path.startsWith('bench/spikes/')
const sources = paths.filter((path) => /\.ts$/.test(path) && !isSpike(path)).map((path) => parseSource(path, readTracked(path)))
const texts = paths
  .filter((path) => /\.(ts|mjs|md|ya?ml|json|toml|css|html|sh)$|^\.ci\/|^\.(npmrc|gitignore)$/.test(path) && !isRule(path))
  .map((path) => ({ path, text: readTracked(path) }))
const packageJson = JSON.parse(readTracked('package.json')) as Record<string, Record<string, string>>
const declared = new Set([...Object.keys(packageJson['dependencies'] ?? {}), ...Object.keys(packageJson['devDependencies'] ?? {})])

const show = (found: readonly Finding[]) => found.map(({ path, line, problem }) => `${path}:${line} ${problem}`)

const RULES: readonly (readonly [name: string, rule: Rule])[] = [
  ['imports go the way of the layers', checkImports],
  ['every imported package is declared', (file) => checkDeclared(file, declared)],
  ['clock, dice and I/O stay in the platform', checkWorld],
  ['module state stays in the isolate', checkModuleState],
  ['files are short', checkLength],
  ['functions are short and take few parameters', checkFunctions],
  ['nothing escapes the types', checkTypes],
  ['nothing is left unfinished', checkUnfinished],
  ['each file begins by saying what it is for', checkFirstComment],
  ['a default arm in policy proves that nothing is left', checkExhaustive],
]

describe('the source', () => {
  test('is there', () => expect(sources.length).toBeGreaterThan(10))
  test.each(RULES)('%s', (_, rule) => expect(show(sources.flatMap(rule))).toEqual([]))
  test('no value imports itself in a circle', () => expect(show(checkCycles(sources))).toEqual([]))
  test('of the planes carries no package of the build', () => expect(show(checkReach(sources))).toEqual([]))
  test('says the words of the vocabulary', () =>
    expect(show(texts.filter(({ path }) => path !== 'package-lock.json').flatMap(checkWords))).toEqual([]))
  test('names no place of one machine', () => expect(show(texts.flatMap(checkPlaces))).toEqual([]))
})

describe('the packages', () => {
  test('are pinned', () => expect(checkPinned(packageJson)).toEqual([]))
  test('come once where two would differ, for every platform', () => expect(checkLockfile(readTracked('package-lock.json'))).toEqual([]))
})

describe('each rule can fail', () => {
  test.each(BROKEN)('$what', ({ rule, path, text, instead }) => {
    expect(show(rule(parseSource(asSource(path), path.endsWith('.ts') ? text : `/* ${text} */`)))).not.toEqual([])
    expect(show(rule(parseSource(asSource(path), path.endsWith('.ts') ? instead : `/* ${instead} */`)))).toEqual([])
  })

  test('a circle of values', () => {
    const ring = [parseSource('cli/a.ts', "import './b.ts'"), parseSource('cli/b.ts', "import { a } from './a.ts'")]
    const types = [parseSource('cli/a.ts', "import './b.ts'"), parseSource('cli/b.ts', "import type { a } from './a.ts'")]
    expect(checkCycles(ring)).not.toEqual([])
    expect(checkCycles(types)).toEqual([])
  })

  test('a parser that reaches the Worker', () => {
    const schema = parseSource('config/schema.ts', "import { z } from 'zod'")
    expect(checkReach([parseSource('worker/a.ts', "import { s } from '../config/schema.ts'"), schema])).not.toEqual([])
    expect(checkReach([parseSource('worker/a.ts', "import type { S } from '../config/schema.ts'"), schema])).toEqual([])
  })

  test('a package that floats', () => {
    expect(checkPinned({ dependencies: { yaml: '^2.0.0' } })).not.toEqual([])
    expect(checkPinned({ dependencies: { yaml: '2.0.0' } })).toEqual([])
  })

  test('two workerds in the tree', () => {
    const lock = (...at: string[]) => JSON.stringify({ packages: Object.fromEntries(at.map((path) => [path, { version: '1.0.0' }])) })
    expect(checkLockfile(lock('node_modules/workerd', 'node_modules/wrangler/node_modules/workerd'))).not.toEqual([])
    expect(checkLockfile(lock('node_modules/workerd'))).toEqual([])
  })

  test('a platform that the lockfile forgot', () => {
    const esbuild = { version: '1.0.0', optionalDependencies: { '@esbuild/linux-arm64': '1.0.0' } }
    const binary = { version: '1.0.0' }
    expect(checkLockfile(JSON.stringify({ packages: { 'node_modules/esbuild': esbuild } }))).not.toEqual([])
    const whole = { 'node_modules/esbuild': esbuild, 'node_modules/@esbuild/linux-arm64': binary }
    expect(checkLockfile(JSON.stringify({ packages: whole }))).toEqual([])
  })
})

/** The parser reads TypeScript only; a document is handed to it as a comment. */
function asSource(path: string): string {
  return path.endsWith('.ts') ? path : `${path}.ts`
}
