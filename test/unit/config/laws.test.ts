/**
 * What holds for every document, whatever it says. A failing run prints its seed; SEED=N runs that one again.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadText } from '../../../cli/load-gateway.ts'
import { readYaml } from '../../../cli/read-yaml.ts'
import { readPath } from '../../../config/addresses.ts'
import type { Base } from '../../../config/base.ts'
import { canonical } from '../../../config/canonical.ts'
import { compileGateway } from '../../../config/compile-gateway.ts'
import type { Defect, Path } from '../../../config/defect.ts'
import { at } from '../../../config/document.ts'
import { linkGateway } from '../../../config/link-gateway.ts'
import { parseGateway } from '../../../config/parse-gateway.ts'
import { ambiguitiesOf } from '../../../worker/inbound/path-policy.ts'
import { dice, SEED } from '../../seed.ts'
import { rubbish, spoil } from './spoil.ts'

const ROOT = resolve(import.meta.dirname, '../../../config')
const ROUNDS = 1500

const digest = (text: string) => createHash('sha256').update(text).digest('hex')
const files = [...readdirSync(resolve(ROOT, 'examples')).map((name) => `examples/${name}`), 'local.yaml']
const good = files.map((name) => {
  const read = readYaml(readFileSync(resolve(ROOT, name), 'utf8'))
  if (!read.ok) throw new Error(name)
  return read.value
})

const linked = (document: unknown) => linkGateway(parseGateway(document), { local: true, now: 0 })

/** Each is read once, and judged by all laws. */
const documents = Array.from({ length: ROUNDS }, (_, round) => {
  const draw = dice(SEED + round)
  const document = round % 5 === 0 ? rubbish(draw) : spoil(draw, good[round % good.length])
  return { round, document, read: once(() => linked(document)) }
})

/** One that throws says so to each law that asks. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** A defect points at what is there, at a key that is there, or at what is missing from a holder that is there. */
function pointsSomewhere(document: unknown, { path, atKey }: Pick<Defect, 'path' | 'atKey'>): boolean {
  if (path.length === 0) return true
  const holder = at(document, path.slice(0, -1))
  if (path.length > 1 && holder === undefined) return pointsSomewhere(document, { path: path.slice(0, -1) }) && path.length <= 2
  return !atKey || (typeof holder === 'object' && holder !== null && Object.hasOwn(holder, path.at(-1) as string))
}

/** Room for a busy machine; a second or two on an idle one. */
/** The first law has them all read: seconds on a machine at rest, a minute and more on one that does other things. */
const TIMEOUT = 240_000

describe(`of random documents, seed ${SEED}`, { timeout: TIMEOUT }, () => {
  test('none throws, and each defect points somewhere and says something', () => {
    for (const { round, document, read } of documents) {
      for (const defect of read().defects) {
        expect(pointsSomewhere(document, defect), `round ${round}: ${JSON.stringify(defect)}`).toBe(true)
        expect(defect.expected.length * defect.found.length, `round ${round}: ${JSON.stringify(defect)}`).toBeGreaterThan(0)
        expect(/[\n\r]/.test(defect.expected + defect.found + (defect.suggestion ?? '')), `round ${round}`).toBe(false)
        expect(defect.found.length, `round ${round}`).toBeLessThanOrEqual(200)
      }
    }
  })

  test('each is compiled or has defects, never both', () => {
    let compiled = 0
    for (const { round, read } of documents) {
      const { gateway, defects } = read()
      expect(gateway === undefined, `round ${round}`).toBe(defects.length > 0)
      if (gateway !== undefined) compiled += 1
    }
    // A spoilt document may still be good; were all or none, the generator would be at fault.
    expect(compiled).toBeGreaterThan(ROUNDS / 100)
    expect(compiled).toBeLessThan(ROUNDS / 2)
  })

  test('what is compiled is complete: names resolve, nothing is out of its bounds', () => {
    for (const { round, read } of documents) {
      const { gateway } = read()
      if (gateway === undefined) continue
      const problem = incomplete(compileGateway(gateway, digest))
      expect(problem, `round ${round}`).toBeUndefined()
    }
  })

  test('a defect mended by removing what it is about is not reported again', () => {
    for (const { round, document, read } of documents) {
      const unknown = read().defects.find(({ atKey }) => atKey)
      if (unknown === undefined) continue
      const mended = structuredClone(document)
      remove(mended, unknown.path)
      const again = linked(mended).defects.some(({ path, atKey }) => atKey && path.join('\0') === unknown.path.join('\0'))
      expect(again, `round ${round}`).toBe(false)
    }
  })

  test('written as YAML each has the same defects, in places of the text', () => {
    for (const { round, document } of documents) {
      // Nine, not ten: every fifth is rubbish, and good ones that were spoilt are looked at too.
      if (round % 9 !== 0) continue
      const text = stringify(document, { aliasDuplicateObjects: false })
      const lines = text.split('\n')
      const loaded = loadText(text, 'f', { local: true })
      if (loaded.ok) continue
      for (const { line, column } of loaded.defects) {
        expect(line, `round ${round}`).toBeLessThanOrEqual(lines.length)
        expect(column, `round ${round}`).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
      }
    }
  })

  test('random text never throws', () => {
    const draw = dice(SEED)
    const source = readFileSync(resolve(ROOT, 'local.yaml'), 'utf8')
    for (let round = 0; round < 300; round += 1) {
      const cut = Math.floor(draw() * source.length)
      const noise = Array.from({ length: Math.floor(draw() * 6) }, () => String.fromCodePoint(Math.floor(draw() * 0x250))).join('')
      const text = source.slice(0, cut) + noise + source.slice(cut + Math.floor(draw() * 40))
      expect(() => loadText(text, 'f', { local: true }), `seed ${SEED}, round ${round}`).not.toThrow()
    }
  })

  test('a path that the configuration accepts is one that the gateway serves', () => {
    const draw = dice(SEED)
    const letters = [
      '/',
      'a',
      '.',
      '..',
      '%2f',
      '%41',
      '%C3%A9',
      '%ff',
      '%',
      ';',
      '*',
      '~',
      '%7e',
      '%3b',
      '\\',
      '?',
      '%0a',
      '%25',
      'é',
      ':',
      '@',
    ]
    for (let round = 0; round < 5000; round += 1) {
      const path = `/${Array.from({ length: Math.floor(draw() * 5) }, () => letters[Math.floor(draw() * letters.length)]).join('')}`
      if ('value' in readPath(path)) expect(ambiguitiesOf(path), path).toBe(0)
    }
  })
})

function incomplete(base: Base): string | undefined {
  const pools = new Map(base.pools.map((pool) => [pool.id, pool]))
  const ids = base.pools.flatMap(({ endpoints }) => endpoints.map(({ id }) => id))
  if (new Set(ids).size < ids.length) return 'an endpoint name twice'
  const keys = new Set(base.pools.flatMap(({ endpoints }) => endpoints.map(({ key }) => key)))
  if (keys.size !== base.targets.length || base.targets.some(({ key }) => !keys.has(key))) return 'targets are not the endpoints'
  if (base.targets.some(({ monitor }) => monitor.timeout > monitor.interval || !URL.canParse(monitor.url))) return 'a monitor'
  for (const { id, action, home, timeouts, hosts, paths } of base.routes) {
    const named = action.kind === 'forward' ? action.pools.map(({ pool }) => pools.get(pool)?.endpoints ?? []) : []
    if (named.some((each) => each.length === 0) || (action.kind === 'forward' && named.length === 0)) return `${id}: no pool`
    const endpoints = named.flat()
    if (home !== undefined && !endpoints.some((one) => one.id === home)) return `${id}: no home`
    if (timeouts.attempt > timeouts.request) return `${id}: timeouts`
    if (hosts.length === 0 || paths.length === 0) return `${id}: matches nothing`
  }
  return Object.values(JSON.parse(JSON.stringify(base))).includes(null) ? 'a number that is none' : undefined
}

function remove(document: unknown, path: Path): void {
  const holder = at(document, path.slice(0, -1))
  if (typeof holder === 'object' && holder !== null) delete (holder as Record<string, unknown>)[String(path.at(-1))]
}

describe('the order of keys', () => {
  test('is nothing to canonical JSON', () => {
    expect(canonical({ b: [{ d: 1, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[{"d":1}]}')
    expect(canonical({ a: 'x', b: [{ c: undefined, d: 1 }] })).toBe(canonical({ b: [{ d: 1 }], a: 'x' }))
  })
})
