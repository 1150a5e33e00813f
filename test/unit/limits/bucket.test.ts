/** What an isolate is granted of a limit, and what is refused of what it asks. */
import { describe, expect, test } from 'vitest'
import type { LeaseRequest } from '../../../config/lease.ts'
import { after, instant, ms, seconds } from '../../../config/units.ts'
import { type Bucket, grantLease, LEASES_MAX } from '../../../durable-objects/policy/bucket.ts'
import { parseLeaseRequest } from '../../../durable-objects/policy/parse-lease.ts'

const NOW = instant(1_000_000)
const TERMS = { limit: 10, window: seconds(10), burst: 10 }
const ask = (parts: Partial<LeaseRequest> = {}): LeaseRequest => ({
  key: 'a'.repeat(32),
  terms: TERMS,
  spend: 1,
  ahead: 0,
  lease: 'one',
  done: [],
  ...parts,
})
const grant = (held: Bucket | undefined, parts: Partial<LeaseRequest>, later = 0) => grantLease(held, ask(parts), after(NOW, ms(later)))

describe('a key that nobody has used', () => {
  test.each([
    [
      { spend: 1, ahead: 0 },
      { spent: 1, ahead: 0, left: 9 },
    ],
    [
      { spend: 20, ahead: 0 },
      { spent: 10, ahead: 0, left: 0, retryAfter: 1000 },
    ],
    // Half of what is left is for others.
    [
      { spend: 1, ahead: 100 },
      { spent: 1, ahead: 5, left: 4 },
    ],
    [
      { spend: 0, ahead: 2 },
      { spent: 0, ahead: 2, left: 8 },
    ],
    [
      { spend: 10, ahead: 5 },
      { spent: 10, ahead: 0, left: 0 },
    ],
  ])('%o is granted %o', (parts, reply) => expect(grant(undefined, parts).reply).toMatchObject(reply))
})

test('comes back by its rate, up to its burst', () => {
  const { bucket } = grant(undefined, { spend: 10 })
  expect(grant(bucket, {}, 900).reply).toMatchObject({ spent: 0, left: 0, retryAfter: 100 })
  expect(grant(bucket, { spend: 20 }, 2500).reply).toMatchObject({ spent: 2, retryAfter: 500 })
  expect(grant(bucket, { spend: 20 }, 3_600_000).reply.spent).toBe(10)
  expect(bucket.fullAt).toBe(after(NOW, seconds(10)))
})

test('what is held ahead keeps its room until it is over', () => {
  const { bucket } = grant(undefined, { spend: 0, ahead: 10 })
  expect(bucket).toMatchObject({ tokens: 5, leases: [{ ahead: 5 }] })
  // Five are held for three seconds, so that only five can be there; then the room fills up.
  expect(grant(bucket, { lease: 'two', spend: 20 }, 2900).reply.spent).toBe(5)
  expect(grant(bucket, { lease: 'two', spend: 20 }, 5000).reply.spent).toBe(7)
})

test('what is given back can be had by others, once', () => {
  const first = grant(undefined, { spend: 5, ahead: 10 })
  expect(first.reply).toMatchObject({ ahead: 3, left: 2 })
  const done = [{ lease: 'one', unused: 3 }]
  const second = grant(first.bucket, { lease: 'two', spend: 0, done: [...done, ...done] })
  expect(second.reply.left).toBe(5)
  expect(grant(second.bucket, { lease: 'three', spend: 0, done }).reply.left).toBe(5)
  // More than there was.
  expect(grant(first.bucket, { lease: 'two', spend: 0, done: [{ lease: 'one', unused: 900 }] }).reply.left).toBe(5)
})

test('a question that is delivered twice is granted once', () => {
  const first = grant(undefined, { spend: 1, ahead: 4 })
  const again = grant(first.bucket, { spend: 1, ahead: 4 }, 20)
  expect(again.reply).toMatchObject({ spent: 1, ahead: 4 })
  expect(again.bucket.leases).toEqual(first.bucket.leases)
})

test('a clock that was set back gives nothing, and blocks nothing for ever', () => {
  const { bucket } = grant(undefined, { spend: 5, ahead: 4 })
  const back = grant(bucket, { lease: 'two', spend: 0 }, -3_600_000)
  expect(back.reply.left).toBeLessThanOrEqual(5)
  expect(grant(back.bucket, { lease: 'three', spend: 10 }, -3_600_000 + 20_000).reply.spent).toBe(10)
})

test('terms that change by a deploy hold at once', () => {
  const { bucket } = grant(undefined, {})
  expect(grant(bucket, { terms: { ...TERMS, burst: 2 }, spend: 20 }).reply.spent).toBe(2)
})

test('leases of one key are bounded', () => {
  let bucket: Bucket | undefined
  const terms = { limit: 1000, window: seconds(1), burst: 1_000_000 }
  for (let count = 0; count < 100; count += 1) bucket = grant(bucket, { terms, lease: `l${count}`, ahead: 1 }).bucket
  expect(bucket?.leases).toHaveLength(LEASES_MAX)
})

describe('what an isolate sends', () => {
  test.each([
    undefined,
    'text',
    { ...ask(), key: 'short' },
    { ...ask(), key: `${'a'.repeat(31)}'` },
    { ...ask(), spend: -1 },
    { ...ask(), spend: Number.NaN },
    { ...ask(), ahead: 0.5 },
    { ...ask(), terms: { ...TERMS, window: 0 } },
    { ...ask(), terms: { ...TERMS, limit: Number.POSITIVE_INFINITY } },
    { ...ask(), lease: 'x'.repeat(65) },
  ])('%o is refused', (raw) => expect(parseLeaseRequest(raw)).toBeUndefined())

  test('is bounded, and what is odd in it left out', () => {
    const done = Array.from({ length: 100 }, (_, index) => ({ lease: `l${index}`, unused: index === 1 ? -5 : 1 }))
    const read = parseLeaseRequest({ ...ask(), spend: 900_000, ahead: 900_000, done })
    expect(read).toMatchObject({ spend: 64, ahead: 1000 })
    expect(read?.done).toHaveLength(7)
  })
})
