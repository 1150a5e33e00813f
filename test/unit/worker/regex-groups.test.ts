/** Replacing by a regular expression: the same groups as the library's own, in bounded time. */
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import { compileRegex } from '../../../config/regex/compile-regex.ts'
import { CAPTURE_NODES_MAX, groupsOf, readReplacement } from '../../../config/regex/replacement.ts'
import { replaceWhole } from '../../../worker/policy/regex-groups.ts'
import { dice, SEED } from '../../seed.ts'
import { quickest } from './quickest.ts'

/** In milliseconds. */
const SLOWEST = 5

function programOf(source: string) {
  const compiled = compileRegex(source)
  if (!('value' in compiled)) throw new Error(`${source}: ${compiled.expected}`)
  return compiled.value
}

function replaced(source: string, replacement: string, text: string): string | undefined {
  const read = readReplacement(replacement)
  if (!('value' in read)) throw new Error(`${replacement}: ${read.expected}`)
  return replaceWhole(programOf(source), text, read.value)
}

test.each([
  ['/api/v([0-9]+)/(.*)', '/v\\1/\\2', '/api/v2/items/7', '/v2/items/7'],
  ['/api/v([0-9]+)/(.*)', '/v\\1/\\2', '/api/vx/items', undefined],
  // Whole or not at all.
  ['/a', '/b', '/a/c', undefined],
  ['/(a|ab)(c|bcd)?', '/\\1-\\2', '/abcd', '/a-bcd'],
  ['/(?:(a)|(b))', '/x\\1y\\2', '/b', '/xyb'],
  ['/(.*?)/(.*)', '/\\2/\\1', '/a/b/c', '/b/c/a'],
  ['/(.*)/(.*)', '/\\2/\\1', '/a/b/c', '/c/a/b'],
  ['(/x)+', '\\1', '/x/x', '/x'],
  ['.*', '/was\\0', '/any', '/was/any'],
  ['/\\b(\\w+)\\b.*$', '/\\1', '/word.html', '/word'],
])('%s to %s makes of %s: %s', (source, replacement, text, expected) => expect(replaced(source, replacement, text)).toBe(expected))

test(`has the groups that the library has, seed ${SEED}`, () => {
  const roll = dice(SEED)
  const pick = <Item>(from: readonly Item[]): Item => from[Math.floor(roll() * from.length)] as Item
  const expression = (depth: number): string => {
    if (depth === 0) return pick(['a', 'b', '/', '.', '[ab]', 'a?', 'b*'])
    const [left, right] = [expression(depth - 1), expression(depth - 1)]
    return pick([
      `${left}${right}`,
      `(${left})`,
      `(?:${left}|${right})`,
      `(${left}|${right})`,
      `(${left})*`,
      `(${left})+?`,
      `(?:${left})??`,
    ])
  }
  let taken = 0
  for (let round = 0; round < 2000; round += 1) {
    const source = expression(1 + Math.floor(roll() * 3))
    const text = Array.from({ length: Math.floor(roll() * 6) }, () => pick(['a', 'b', '/'])).join('')
    const program = programOf(source)
    const count = groupsOf(program)
    const library = RE2JS.compile(source).matcher(text)
    if (count > 9) continue
    const ours = replaceWhole(program, text, Array.from({ length: count }, (_, index) => [index + 1, '|']).flat())
    const theirs = library.matches()
      ? Array.from({ length: count }, (_, index) => `${library.group(index + 1) ?? ''}|`).join('')
      : undefined
    expect(ours, `${source} on ${text}`).toBe(theirs)
    if (ours !== undefined) taken += 1
  }
  expect(taken).toBeGreaterThan(100)
})

describe('no text takes long', () => {
  test.each([
    ['/(a|a)*b', `/${'a'.repeat(1023)}`],
    ['/(a*)*b', `/${'a'.repeat(1023)}`],
    ['/(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x', `/${'y'.repeat(1023)}`],
    ['/((a?){8}b?)*c', `/${'ab'.repeat(511)}`],
    ['(/[^/]*)*/end', '/a'.repeat(512)],
    [`/(${'a?'.repeat(60)})*z`, `/${'a'.repeat(1023)}`],
  ])('%s', (source, text) => {
    const program = programOf(source)
    expect(program.nodes.length).toBeLessThanOrEqual(CAPTURE_NODES_MAX)
    replaceWhole(program, text.slice(0, 100), ['/'])
    const replace = () => expect(replaceWhole(program, text, ['/'])).toBeUndefined()
    expect(quickest(() => undefined, replace, SLOWEST)).toBeLessThan(SLOWEST)
  })

  test('none is taken beyond the bound', () => {
    expect(replaced('/a*', '/b', `/${'a'.repeat(1023)}`)).toBe('/b')
    expect(replaced('/a*', '/b', `/${'a'.repeat(1024)}`)).toBeUndefined()
  })
})

test.each([
  ['b/\\1', undefined],
  ['/a b', undefined],
  ['/a?b', undefined],
  ['/\\a', undefined],
  ['', undefined],
  ['/$1', 'write /\\1'],
  ['b', 'write /b'],
])('a replacement %j is refused', (raw, suggestion) => {
  const read = readReplacement(raw)
  expect('value' in read).toBe(false)
  if (suggestion !== undefined) expect(read).toMatchObject({ suggestion })
})
