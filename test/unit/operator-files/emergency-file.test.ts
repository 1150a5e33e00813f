/** What an emergency file may say, every way in which it is refused, and what is told of one that takes everything. */
import { describe, expect, test } from 'vitest'
import { showPath } from '../../../config/defect.ts'
import { EMERGENCY_BYTES_MAX, hasExpired, parseEmergencyFile } from '../../../config/operator-files/emergency-file.ts'
import { emergencyDefects, emergencyWarnings } from '../../../config/operator-files/emergency-names.ts'
import { knownNames } from './known-names.ts'

const file = (parts: object = {}): string => JSON.stringify({ version: 1, reason: 'fire', by: 'ann', ...parts })
const EMPTY = { version: 1, reason: 'fire', by: 'ann', drain: [], weightZero: [], freeze: [], killCanary: [] }

function read(text: string) {
  const parsed = parseEmergencyFile(text)
  if (parsed.file === undefined) throw new Error(JSON.stringify(parsed.defects))
  return parsed.file
}

function defectsOf(text: string, bases = [knownNames()]): readonly string[] {
  const { defects, document } = parseEmergencyFile(text)
  return [...defects, ...(bases.length === 0 ? [] : emergencyDefects(document, bases))].map(
    ({ path, expected, found, suggestion }) =>
      `${showPath(path)}  expected ${expected}, found ${found}${suggestion === undefined ? '' : `  (${suggestion})`}`,
  )
}

test('a whole file; lists that are left out are empty', () => {
  expect(read(file({ drain: ['us-east-1'], killCanary: ['*'] }))).toEqual({ ...EMPTY, drain: ['us-east-1'], killCanary: ['*'] })
  expect(read(file())).toEqual(EMPTY)
})

test.each([
  ['2026-12-24T18:00:00Z', Date.UTC(2026, 11, 24, 18)],
  ['2026-12-24T19:00+01:00', Date.UTC(2026, 11, 24, 18)],
  ['2026-12-24T18:00:00', undefined],
  ['2026-12-24', undefined],
  ['2026-13-24T18:00:00Z', undefined],
  ['tomorrow', undefined],
  ['', undefined],
])('expires %s reads as %s', (expires, value) => {
  const parsed = parseEmergencyFile(file({ expires }))
  expect(parsed.file?.expires).toBe(value)
})

test('a moment without an offset is given one', () => {
  expect(defectsOf(file({ expires: '2026-12-24T18:00:00' }))).toEqual([
    'expires  expected a moment with its offset, such as "2026-12-24T18:00:00Z", found "2026-12-24T18:00:00"  (add Z for UTC: "2026-12-24T18:00:00Z")',
  ])
})

test('it has expired from that moment on, and never without one', () => {
  expect([hasExpired({ expires: 5 }, 4), hasExpired({ expires: 5 }, 5), hasExpired({}, 5)]).toEqual([false, true, false])
})

describe('refused', () => {
  test.each([
    ['no list', file({ drain: 'aws' }), ['drain  expected a list of at most 256 names, found "aws"  (write ["aws"])']],
    [
      'a name twice, and one that is none',
      file({ weightZero: ['aws-use1', 'aws-use1', 'AWS use1'] }),
      [
        'weightZero[1]  expected each of the names once, found "aws-use1"',
        'weightZero[2]  expected the name of an endpoint: lower-case letters, digits and hyphens, at most 63, found "AWS use1"  (write aws-use1)',
      ],
    ],
    ['all endpoints', file({ weightZero: ['*'] }), [expect.stringContaining('weightZero[0]')]],
    ['a typo', file({ drian: ['aws'] }), [expect.stringContaining('(did you mean "drain"?)')]],
    ['weights', file({ weights: {} }), [expect.stringMatching(/^weights {2}expected one of/)]],
    [
      'more names than there can be',
      file({ drain: Array.from({ length: 257 }, (_, index) => `e${index}`) }),
      [expect.stringContaining('a list of 257')],
    ],
    ['more than is read', `${file()}${' '.repeat(EMERGENCY_BYTES_MAX)}`, [expect.stringContaining('at most 64 KiB')]],
    ['the same key twice', '{"version":1,"reason":"a","by":"b","drain":[],"drain":["aws"]}', [expect.stringContaining('"drain" again')]],
  ])('%s', (_, text, says) => expect(defectsOf(text, [])).toEqual(says))
})

test.each([
  ['an endpoint, a region and a cloud', { drain: ['aws-use1', 'europe-west1', 'aws'] }, []],
  ['a region that is none', { drain: ['us-esat-1'] }, [expect.stringContaining('(did you mean "us-east-1"?)')]],
  ['a region where an endpoint must be', { weightZero: ['us-east-1'] }, [expect.stringContaining('the name of an endpoint: aws-use1')]],
  ['releases', { freeze: ['*', 'checkout'], killCanary: ['chekout'] }, [expect.stringContaining('(did you mean "checkout"?)')]],
])('names: %s', (_, parts, says) => expect(defectsOf(file(parts))).toEqual(says))

test.each([
  [{ drain: ['aws-use1'] }, []],
  [
    { drain: ['aws', 'gcp'] },
    ['every endpoint of the pool shop is drained: its requests are answered 503', expect.stringContaining('pool images is drained')],
  ],
  [{ drain: ['us-east-1'] }, [expect.stringContaining('pool images is drained')]],
  [{ drain: ['gcp'], weightZero: ['aws-use1'] }, [expect.stringContaining('no endpoint of the pool shop has a weight left')]],
])('of %j it warns', (parts, says) => {
  expect(emergencyWarnings(read(file(parts)), [knownNames()]).map(({ text }) => text)).toEqual(says)
})
