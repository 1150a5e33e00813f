/** What a weights file may say, and every way in which it is refused: whole, with all of its defects and their places. */
import { describe, expect, test } from 'vitest'
import { showPath } from '../../../config/defect.ts'
import { parseWeightsFile, WEIGHTS_BYTES_MAX } from '../../../config/operator-files/weights-file.ts'
import { type KnownNames, weightsDefects } from '../../../config/operator-files/weights-names.ts'
import { defectLines, RESULT_SCHEMA } from '../../../config/operator-files/weights-result.ts'
import { knownNames } from './known-names.ts'

const HEAD = { version: 1, reason: 'evacuation drill', by: 'ann' }
const POOLS = { shop: { 'aws-use1': 80, 'gcp-euw1': 20 } }
const file = (parts: object = {}): string => JSON.stringify({ ...HEAD, pools: POOLS, ...parts })

/** `path  expected …, found …  (suggestion)` of each. */
function defectsOf(text: string, bases: readonly KnownNames[] = [knownNames()]): readonly string[] {
  const { defects, document } = parseWeightsFile(text)
  return [...defects, ...(bases.length === 0 ? [] : weightsDefects(document, bases))].map(
    ({ path, expected, found, suggestion }) =>
      `${showPath(path)}  expected ${expected}, found ${found}${suggestion === undefined ? '' : `  (${suggestion})`}`,
  )
}

test('a whole file', () => {
  const text = file({ $schema: './weights.schema.json', base: 7, releases: { checkout: { weight: '5%' } } })
  expect(parseWeightsFile(text)).toMatchObject({
    file: { ...HEAD, base: 7, pools: POOLS, releases: { checkout: { weight: 0.05 } } },
    defects: [],
  })
  expect(defectsOf(text)).toEqual([])
})

test.each(['{}', '{"shop":{}}'])('an empty %s is a file that says nothing', (pools) => {
  expect(defectsOf(file({ pools: JSON.parse(pools) }))).toEqual([])
})

test('a byte order mark is none of it', () => expect(defectsOf(`\uFEFF${file()}`)).toEqual([]))

describe('refused', () => {
  test.each([
    ['nothing', '', ['.  expected JSON, found nothing']],
    ['no JSON', '{"version": 1,\n "pools": }', [expect.stringMatching(/^\. {2}expected JSON, found .*Unexpected token.*/)]],
    ['YAML', 'version: 1\npools: {}', [expect.stringContaining('expected JSON')]],
    ['a list', '[]', [expect.stringMatching(/^\. {2}expected weights: a mapping of .*, found an empty list/)]],
    ['null', 'null', [expect.stringContaining('found nothing')]],
    ['another version', file({ version: 2 }), ['version  expected 1, found 2']],
    ['a version as text', file({ version: '1' }), ['version  expected 1, found "1"']],
    [
      'all that lacks, and a typo',
      '{ "version": 1, "pols": {} }',
      [
        'pols  expected one of $schema, version, base, reason, by, pools, releases, found "pols"  (did you mean "pools"?)',
        'reason  expected why: 1 to 200 characters on one line, found nothing',
        'by  expected who: 1 to 100 characters on one line, found nothing',
        'pools  expected a mapping of at most 1000 pools, each under its name, found nothing',
      ],
    ],
    ['words of two lines', file({ reason: 'a\nb' }), [expect.stringMatching(/^reason {2}expected why/)]],
    ['words that turn others around', file({ by: 'ann\u202e' }), [expect.stringMatching(/^by {2}expected who/)]],
    ['blank words', file({ by: '  ' }), [expect.stringMatching(/^by {2}expected who/)]],
    ['words without end', file({ reason: 'x'.repeat(201) }), [expect.stringMatching(/^reason {2}expected why/)]],
    ['half a character', `${file().slice(0, -1)},"base":"\\ud800"}`, [expect.stringMatching(/^base {2}/)]],
    ['a revision that is none', file({ base: -1 }), [expect.stringMatching(/^base {2}expected a whole number from 0/)]],
    [
      'a negative weight',
      file({ pools: { shop: { 'aws-use1': -1 } } }),
      ['pools.shop.aws-use1  expected a whole number from 0 to 10000, found -1'],
    ],
    ['minus nothing', '{"version":1,"reason":"a","by":"b","pools":{"shop":{"aws-use1":-0}}}', [expect.stringContaining('from 0 to 10000')]],
    [
      'a weight without end',
      '{"version":1,"reason":"a","by":"b","pools":{"shop":{"aws-use1":1e999}}}',
      ['pools.shop.aws-use1  expected a whole number from 0 to 10000, found Infinity'],
    ],
    ['a weight in parts', file({ pools: { shop: { 'aws-use1': 0.5 } } }), [expect.stringContaining('found 0.5')]],
    ['a weight that is too large', file({ pools: { shop: { 'aws-use1': 10_001 } } }), [expect.stringContaining('found 10001')]],
    [
      'a weight as text',
      file({ pools: { shop: { 'aws-use1': '80' } } }),
      ['pools.shop.aws-use1  expected a whole number from 0 to 10000, found "80"  (leave out the quotes)'],
    ],
    [
      'a weight in percent',
      file({ pools: { shop: { 'aws-use1': '80%' } } }),
      [
        'pools.shop.aws-use1  expected a whole number from 0 to 10000, found "80%"  (weights of endpoints are relative to each other: write a number)',
      ],
    ],
    ['a null', file({ pools: { shop: { 'aws-use1': null } } }), [expect.stringContaining('found nothing')]],
    [
      'names that are none, each',
      file({ pools: { Shop: { 'AWS use1': 1 } } }),
      [
        'pools.Shop  expected the name of a pool: lower-case letters, digits and hyphens, at most 63, found "Shop"  (write shop)',
        'pools.Shop.AWS use1  expected the name of an endpoint: lower-case letters, digits and hyphens, at most 63, found "AWS use1"  (write aws-use1)',
      ],
    ],
    ['the name of the prototype', '{"version":1,"reason":"a","by":"b","pools":{"__proto__":{}}}', [expect.stringContaining('"__proto__"')]],
    [
      'more pools than there can be',
      file({ pools: Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`p${index}`, {}])) }),
      [expect.stringContaining('at most 1000 pools')],
    ],
    [
      'releases that are numbers',
      file({ releases: { checkout: { weight: 5 }, search: 5 } }),
      [
        'releases.checkout.weight  expected a share from 0% to 100% with at most two decimals, such as "5%" or "0.25%", found 5  (write "5%")',
        'releases.search  expected a release: a mapping of weight, found 5',
      ],
    ],
    [
      'the same key twice, wherever',
      '{"version":1,"reason":"a","by":"b","by":"c","pools":{"shop":{"aws-use1":1,"aws-use1":2},"sh\\u006fp":{}}}',
      [
        'by  expected each key once in a mapping, found "by" again',
        'pools.shop.aws-use1  expected each key once in a mapping, found "aws-use1" again',
        'pools.shop  expected each key once in a mapping, found "shop" again',
      ],
    ],
  ])('%s', (_, text, says) => expect(defectsOf(text, [])).toEqual(says))

  test.each([
    ['100%', 1],
    ['0%', 0],
    ['0.01%', 0.0001],
    ['99.99%', 0.9999],
    ['5.123%', undefined],
    ['5 %', undefined],
    ['05%', undefined],
    ['101%', undefined],
    ['-1%', undefined],
    ['1e1%', undefined],
    ['%', undefined],
    ['5', undefined],
    ['', undefined],
  ])('a release weight of %s reads as %s', (weight, value) => {
    const read = parseWeightsFile(file({ releases: { checkout: { weight } } }))
    expect(read.file?.releases?.['checkout']?.weight).toBe(value)
  })

  test('a megabyte, unread', () => {
    const megabyte = ' '.repeat(1024 * 1024)
    expect(defectsOf(megabyte)).toEqual(['.  expected a file of at most 256 KiB, found 1048576 bytes'])
    expect(defectsOf(`"${'ü'.repeat(WEIGHTS_BYTES_MAX / 2)}"`)).toEqual(['.  expected a file of at most 256 KiB, found 262146 bytes'])
  })

  test('depth without end', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(defectsOf(`{"version":1,"reason":"a","by":"b","pools":${deep}}`)).toEqual([expect.stringMatching(/^pools {2}/)])
  })

  test('thousands of defects, and the hundred first are told', () => {
    const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${index}`, 0]))
    const defects = defectsOf(file(keys))
    expect(defects).toHaveLength(101)
    expect(defects.at(-1)).toBe('.  expected at most 100 defects, found 4900 more')
  })
})

describe('its names', () => {
  test.each([
    [
      'a pool that is none',
      { pools: { shopp: {} } },
      ['pools.shopp  expected the name of a pool: shop, images, found "shopp"  (did you mean "shop"?)'],
    ],
    [
      'an endpoint that is none',
      { pools: { shop: { 'aws-use2': 1 } } },
      ['pools.shop.aws-use2  expected the name of an endpoint of shop: aws-use1, gcp-euw1, found "aws-use2"  (did you mean "aws-use1"?)'],
    ],
    [
      'an endpoint of another pool',
      { pools: { shop: { 'images-use1': 1 } } },
      [
        'pools.shop.images-use1  expected the name of an endpoint of shop: aws-use1, gcp-euw1, found "images-use1"  (it is one of the pool images)',
      ],
    ],
    [
      'a release that is none',
      { releases: { chekout: { weight: '1%' } } },
      ['releases.chekout  expected the name of a release: checkout, found "chekout"  (did you mean "checkout"?)'],
    ],
    ['a prototype', { pools: { constructor: {} } }, [expect.stringContaining('"constructor"')]],
    [
      'weights that sum to 0',
      { pools: { shop: { 'aws-use1': 0, 'gcp-euw1': 0 } } },
      ['pools.shop  expected a weight above 0 for one of its endpoints at least, found weights that sum to 0'],
    ],
    ['a 0 where another has its deployed weight', { pools: { shop: { 'aws-use1': 0 } } }, []],
    ['a 0 for all that has a deployed weight', { pools: { images: { 'images-use1': 0 } } }, [expect.stringContaining('sum to 0')]],
  ])('%s', (_, parts, says) => expect(defectsOf(file(parts))).toEqual(says))

  test('are looked up beside what is malformed, so that all comes at once', () => {
    expect(defectsOf(file({ pols: {}, pools: { shop: { 'aws-use1': '0', 'gcp-euw': 0 }, Bad: {} }, releases: { chekout: 5 } }))).toEqual([
      expect.stringMatching(/^pols /),
      expect.stringMatching(/^pools\.shop\.aws-use1 /),
      expect.stringMatching(/^pools\.Bad /),
      expect.stringMatching(/^releases\.chekout {2}expected a release/),
      expect.stringMatching(/^pools\.shop\.gcp-euw .*did you mean/),
      expect.stringMatching(/^releases\.chekout .*did you mean/),
    ])
  })

  test('of two bases: a name has to be in one, and the sum must be above 0 in each', () => {
    const next: KnownNames = { pools: knownNames().pools.filter(({ id }) => id === 'shop'), releases: [] }
    const newer: KnownNames = { ...next, pools: [{ ...knownNames().pools[0], endpoints: [{ ...endpointOf(next), weight: 5 }] } as never] }
    expect(defectsOf(file({ pools: { images: {} } }), [next, knownNames()])).toEqual([])
    expect(defectsOf(file({ pools: { shop: { 'aws-use1': 0 } } }), [knownNames(), newer])).toEqual([expect.stringContaining('sum to 0')])
  })
})

const endpointOf = ({ pools }: KnownNames) => pools[0]?.endpoints[0]

test('what is told of it is of the shape of the result', () => {
  const read = parseWeightsFile(`{"${'x'.repeat(2000)}": 1, "version": "${'y'.repeat(2000)}"}`)
  const lines = defectLines(read.defects)
  const { properties } = RESULT_SCHEMA as unknown as {
    properties: Record<string, { items: { properties: Record<string, { maxLength: number }> } }>
  }
  const limits = properties['defects']?.items.properties ?? {}
  expect(lines.length).toBeGreaterThan(3)
  for (const line of lines)
    for (const [name, text] of Object.entries(line)) expect(text.length, name).toBeLessThanOrEqual(limits[name]?.maxLength ?? 0)
})
