/** What a text may cost, and where its values stand: bombs, duplicates, aliases, merge keys, places. */
import { describe, expect, test } from 'vitest'
import { readYaml } from '../../../cli/read-yaml.ts'
import { defectsOf, document } from './documents.ts'

/** Reading any text of at most 1 MiB, hostile ones included; the worst takes 5 s on an idle machine. */
const SLOWEST_MS = 30_000

const laughs = `a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 12 }, (_, level) => {
  const [name, before] = [String.fromCharCode(98 + level), String.fromCharCode(97 + level)]
  return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`
}).join('\n')}\n`

describe('a hostile text is refused within its time', () => {
  test.each([
    { what: 'a billion laughs', text: laughs, says: 'at most 500000 values' },
    { what: 'an alias of itself', text: 'a: &a [*a]\n', says: 'at most 32 levels' },
    { what: 'a mapping within itself', text: 'a: &a\n  b: *a\n', says: 'at most 32 levels' },
    { what: 'lists in lists', text: '['.repeat(100_000), says: 'at most 32 levels' },
    { what: 'lists in lists, closed', text: '['.repeat(200) + ']'.repeat(200), says: 'at most 32 levels' },
    { what: 'sequences in sequences', text: '- '.repeat(100_000), says: 'at most 32 levels' },
    { what: 'mappings in mappings', text: '{a: '.repeat(100_000), says: 'at most 32 levels' },
    { what: 'questions in questions', text: '? '.repeat(100_000), says: 'at most 32 levels' },
    { what: '2 MiB', text: 'a'.repeat(2 * 1024 * 1024), says: 'a file of at most 1 MiB' },
    { what: '1 MiB of letters of three bytes', text: '€'.repeat(400_000), says: 'a file of at most 1 MiB' },
    { what: 'a tag that makes objects', text: 'a: !!js/function "() => 1"\n', says: 'well-formed YAML' },
    { what: 'two documents', text: 'a: 1\n---\nb: 2\n', says: 'one YAML document' },
    { what: 'an alias of nothing', text: 'a: *b\n', says: 'an alias of an anchor further up' },
    { what: 'an alias before its anchor', text: 'a: *b\nb: &b 1\n', says: 'an alias of an anchor further up' },
    { what: 'a merge of no mapping', text: 'a: { <<: [1] }\n', says: 'a mapping to merge' },
    { what: 'the name of the prototype', text: '__proto__: { a: 1 }\n', says: 'another name' },
    { what: 'a tab as indentation', text: 'a:\n\tb: 1\n', says: 'well-formed YAML' },
  ])(
    '$what',
    ({ text, says }) => {
      const started = performance.now()
      expect(defectsOf(text).join('\n')).toContain(`expected ${says}`)
      expect(performance.now() - started).toBeLessThan(SLOWEST_MS)
    },
    SLOWEST_MS,
  )

  test(
    '60,000 keys of one mapping are no cause for comparing each with each',
    () => {
      const started = performance.now()
      const read = readYaml(Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n'))
      expect(read.ok).toBe(true)
      expect(performance.now() - started).toBeLessThan(SLOWEST_MS)
    },
    SLOWEST_MS,
  )
})

describe('duplicate keys are defects, each at its second place', () => {
  test.each([
    { text: 'a: 1\nb: 2\na: 3\n', says: ['3:1  a  expected each key once in a mapping, found "a" again'] },
    { text: 'a: { b: 1, b: 2, b: 3 }\n', says: ['1:12', '1:18'] },
    { text: '1: a\n"1": b\n', says: ['2:1'] },
  ])('$text', ({ text, says }) => {
    const found = defectsOf(text).filter((line) => line.includes('each key once'))
    expect(found).toHaveLength(says.length)
    for (const [index, start] of says.entries()) expect(found[index]).toContain(start)
  })
})

describe('beside them, and beside an alias of nothing, the rest is judged, and nothing that only follows from them', () => {
  const pathsOf = (text: string): readonly string[] => defectsOf(text).map((line) => line.split('  ')[1] ?? '')
  const typo = 'helath: {}\n'
  test.each([
    ['a field that stands twice', `${document({ route: 'writes: home, writes: anywhere' })}${typo}`, ['routes[0].writes', 'helath']],
    ['pools that stand twice', `pools: { other: { endpoints: { x: { url: 5 } } } }\n${document()}${typo}`, ['pools', 'helath']],
    ['an alias of nothing', `${document({ route: 'timeouts: *none' })}${typo}`, ['routes[0].timeouts', 'helath']],
    ['the name of the prototype', `${document()}${typo}__proto__: { helath: 1 }\n`, ['helath', '__proto__']],
  ])('%s', (_, text, paths) => expect(pathsOf(text)).toEqual(paths))
})

test.each([
  ['UTF-16', 'p\0o\0o\0', '1:2  .  expected a text in UTF-8, found a byte 0, as in UTF-16'],
  ['a second document', `${document()}---\n${document()}`, 'expected one YAML document, found another one, after "---"'],
])('%s is called what it is', (_, text, says) => expect(defectsOf(text).join('\n')).toContain(says))

describe('values', () => {
  test.each([
    { text: 'a: &x { b: 1 }\nc: *x\n', value: { a: { b: 1 }, c: { b: 1 } } },
    { text: 'a: &x { b: 1, c: 2 }\nd: { <<: *x, c: 3 }\n', value: { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } } },
    { text: 'a: &x { b: 1 }\nc: &y { b: 2, d: 3 }\ne: { <<: [*x, *y] }\n', value: { a: { b: 1 }, c: { b: 2, d: 3 }, e: { b: 1, d: 3 } } },
    { text: 'a: &x 1\nb: &x 2\nc: *x\n', value: { a: 1, b: 2, c: 2 } },
    { text: 'yes: no\non: off\n', value: { yes: 'no', on: 'off' } },
    { text: '{"a": [1, null, true]}', value: { a: [1, null, true] } },
    { text: '', value: null },
  ])('$text', ({ text, value }) => {
    const read = readYaml(text)
    expect(read.ok && read.value).toEqual(value)
  })
})

describe('places', () => {
  const text = 'a: &x\n  b: 1\n  c: [2, 3]\nd:\n  <<: *x\n  e: 4\nf: *x\ng:\n  h:\n    - i: 5\n'
  const read = readYaml(text)
  test.each([
    { path: ['a', 'b'], line: 2, column: 6 },
    { path: ['a', 'c'], line: 3, column: 6 },
    { path: ['a', 'c', 1], line: 3, column: 10 },
    { path: ['d', 'b'], line: 2, column: 6 },
    { path: ['d', 'e'], line: 6, column: 6 },
    { path: ['f', 'c', 0], line: 3, column: 7 },
    { path: ['g', 'h'], line: 9, column: 3 },
    { path: ['g', 'h', 0], line: 10, column: 7 },
    { path: ['g', 'missing', 'deeper'], line: 8, column: 1 },
    { path: [], line: 1, column: 1 },
  ])('$path stands at $line:$column', ({ path, line, column }) => {
    expect(read.ok && read.locate(path)).toEqual({ line, column })
  })

  test('a key stands before its value', () => {
    expect(read.ok && read.locate(['a', 'b'], true)).toEqual({ line: 2, column: 3 })
  })

  test('a broken file has the place of the break', () => {
    expect(defectsOf(`${document()}bad: [1,\n`)[0]).toMatch(/^9:1 /)
  })
})
