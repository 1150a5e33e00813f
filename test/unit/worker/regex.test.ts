/** Regular expressions as the gateway runs them: they take what RE2 takes, whole, and never for long. A failing run prints its seed. */
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import { compileRegex } from '../../../config/regex/compile-regex.ts'
import { SUBJECT_MAX } from '../../../config/regex/program.ts'
import { Regex } from '../../../worker/policy/regex.ts'
import { dice, SEED } from '../../seed.ts'
import { compiled } from '../../workerd/gateway/base.ts'
import { PATHOLOGICAL, SUBJECTS } from './pathological.ts'
import { quickest } from './quickest.ts'

const takes = (source: string, text: string): boolean => new Regex(compiled(source)).takes(text)

describe('takes', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['', [''], ['a']],
    ['abc', ['abc'], ['ab', 'abcd', 'xabc']],
    ['a|b', ['a', 'b'], ['ab', 'ax', 'xb']], // the whole alternation, not `^a|b$`
    ['a*', ['', 'aaaa'], ['b', 'aab']],
    ['(?i)straße', ['Straße', 'STRAßE'], ['STRASSE']],
    ['(?i)k', ['k', 'K', '\u212a'], ['x']], // the Kelvin sign folds to it
    ['.', ['x', 'é', '💥'], ['', '\n', 'xy']],
    ['(?s).', ['\n'], []],
    ['[^a]', ['b', '💥'], ['a', '']],
    ['\\d{2,3}', ['12', '123'], ['1', '1234', '١٢']],
    ['\\pL+', ['aβж'], ['a1']],
    ['[[:alpha:]_]+', ['ab_c'], ['a-b']],
    ['\\Qa.b\\E', ['a.b'], ['axb']],
    ['^a$', ['a'], ['a\n']],
    ['(?m)a$\\n^b', ['a\nb'], ['a b']],
    ['\\ba\\b.*', ['a b', 'a'], ['ab']],
    ['a\\Bb', ['ab'], []],
    ['\\B', [''], ['a']],
    ['\\b', [], ['', 'a']],
    ['(a+?)(b*?)', ['aab'], ['b']],
    ['(?P<name>x)(?:y)', ['xy'], ['x']],
    ['a{0}', [''], ['a']],
    ['[^\\x00-\\x{10FFFF}]', [], ['', 'a']],
    ['/api/v[0-9]+/.*', ['/api/v1/', '/api/v22/x/y'], ['/api/v/', '/api/v1']],
  ])('%s', (source, yes, no) => {
    for (const text of yes) expect(takes(source, text), JSON.stringify(text)).toBe(true)
    for (const text of no) expect(takes(source, text), JSON.stringify(text)).toBe(false)
  })

  test('no subject over the limit, whatever is written', () => {
    expect(takes('a*', 'a'.repeat(SUBJECT_MAX))).toBe(true)
    expect(takes('a*', 'a'.repeat(SUBJECT_MAX + 1))).toBe(false)
  })

  test('one text after another as if each were the first', () => {
    const regex = new Regex(compiled('(ab)*c|b+'))
    expect(['ababc', 'abab', '', 'c', 'bbb', 'x', 'ababc'].map((text) => regex.takes(text))).toEqual([
      true,
      false,
      false,
      true,
      true,
      false,
      true,
    ])
  })
})

describe('what every match begins with', () => {
  test.each([
    ['/api/v[0-9]+', '/api/v'],
    ['(/api)/x', '/api/x'],
    ['^/a', '/a'],
    ['/a?b', '/'],
    ['(ab)+', 'ab'],
    ['a|b', ''],
    ['(?i)/api', '/'],
    ['.*', ''],
    ['', ''],
  ])('%s: "%s"', (source, literal) => expect(compiled(source).literal).toBe(literal))
})

const ROUNDS = 3000
const TEXTS = 8

test(`random expressions take what RE2 takes, seed ${SEED}`, { timeout: 60_000 }, () => {
  const draw = dice(SEED)
  let taken = 0
  let asked = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const source = expression(draw, 3)
    const reading = compileRegex(source)
    if (!('value' in reading)) continue
    const [ours, theirs] = [new Regex(reading.value), RE2JS.compile(source)]
    for (let index = 0; index < TEXTS; index += 1) {
      const text = Array.from({ length: Math.floor(draw() * 7) }, () => pick(draw, LETTERS)).join('')
      const expected = theirs.testExact(text)
      expect(ours.takes(text), `seed ${SEED}, round ${round}: ${source} on ${JSON.stringify(text)}`).toBe(expected)
      if (expected) expect(text.startsWith(reading.value.literal), `${source} begins with ${reading.value.literal}: ${text}`).toBe(true)
      taken += Number(expected)
      asked += 1
    }
  }
  // Were all or none taken, the generator would be at fault.
  expect(taken).toBeGreaterThan(asked / 50)
  expect(taken).toBeLessThan(asked / 2)
})

const LETTERS = ['a', 'b', 'A', '_', '1', ' ', '\n', 'é', '💥', '/']
const ATOMS = [
  'a',
  'b',
  'ab',
  '.',
  '[ab]',
  '[^a]',
  '\\w',
  '\\W',
  '\\d',
  '\\s',
  '(?i:a)',
  '\\pL',
  '^',
  '$',
  '\\b',
  '\\B',
  '(?m:^)',
  '(?m:$)',
  '(?s:.)',
  'é',
  '💥',
  '/',
]
const REPEATS = ['', '', '', '*', '+', '?', '*?', '+?', '{2}', '{0,2}', '{1,}']

const pick = <Item>(draw: () => number, items: readonly Item[]): Item | undefined => items[Math.floor(draw() * items.length)]

function expression(draw: () => number, depth: number): string {
  const parts = Array.from({ length: 1 + Math.floor(draw() * 3) }, () => {
    const inner = depth > 0 && draw() < 0.4 ? `(${draw() < 0.5 ? '?:' : ''}${expression(draw, depth - 1)})` : (pick(draw, ATOMS) ?? 'a')
    return `${inner}${pick(draw, REPEATS)}`
  })
  return draw() < 0.3 ? parts.join('|') : parts.join('')
}

describe(`of ${PATHOLOGICAL.length} pathological expressions`, () => {
  /** In milliseconds; the figure. */
  const SLOWEST = 5

  test('there are enough', () => expect(PATHOLOGICAL.length).toBeGreaterThanOrEqual(50))

  test.each(PATHOLOGICAL)('%s takes no time on 4 KiB', { timeout: 60_000 }, (source) => {
    const program = compiled(source)
    for (const [name, subject] of Object.entries(SUBJECTS)) {
      // Each try with nothing made ready: the first match of an isolate counts.
      const took = quickest(
        () => new Regex(program),
        (regex) => regex.takes(subject),
        SLOWEST,
      )
      expect(took, name).toBeLessThan(SLOWEST)
    }
  })

  test('and others are refused before they run', () => {
    for (const source of ['(a{100}){100}', '((((a{10}){10}){10}){10})', '(.{0,1000})*', 'a{193}', '(?:\\pL?){400}']) {
      expect('value' in compileRegex(source), source).toBe(false)
    }
  })
})
