import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCorpus } from '../../../cli/conformance/corpus.ts'
import { readGatewayDuration, writeDuration } from '../../../cli/import/gateway-api/duration.ts'
import { readDuration } from '../../../config/fields.ts'

test.each([
  ['0s', 0],
  ['1s', 1000],
  ['90m', 5_400_000],
  ['1s500ms', 1500],
  ['30s1h', 3_630_000],
  ['1s1s1s1s', 4000],
])('%s is %d ms', (raw, expected) => expect(readGatewayDuration(raw)).toBe(expected))

test.each(['', '1', 's', '1.5s', '-1s', '1d', '1us', '100000s', '1s1s1s1s1s', ' 1s', '1s ', '1 s', '1S'])('"%s" is refused', (raw) =>
  expect(readGatewayDuration(raw)).toBeUndefined(),
)

test.each([1, 250, 1000, 1500, 60_000, 90_000, 300_000])('%d ms is written so that gateway.yaml reads the same', (length) =>
  expect(readDuration(writeDuration(length))).toBe(length),
)

interface Vectors {
  readonly valid: readonly (readonly [raw: string, canonical: string, milliseconds: number])[]
  readonly invalid: readonly (readonly [raw: string, why: string])[]
}

const corpus = findCorpus()
describe.skipIf(corpus === undefined)(`the published vectors of GEP-2257${corpus === undefined ? ' (skipped: no corpus)' : ''}`, () => {
  const vectors: Vectors =
    corpus === undefined ? { valid: [], invalid: [] } : JSON.parse(readFileSync(join(corpus, 'gep2257-duration-vectors.json'), 'utf8'))
  test('what is valid', () => {
    expect(vectors.valid.length).toBeGreaterThan(5)
    expect(vectors.valid.map(([raw]) => [raw, readGatewayDuration(raw)])).toEqual(vectors.valid.map(([raw, , length]) => [raw, length]))
  })
  test('what is not', () => expect(vectors.invalid.filter(([raw]) => readGatewayDuration(raw) !== undefined)).toEqual([]))
})
