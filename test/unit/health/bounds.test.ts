import { describe, expect, test } from 'vitest'
import { vantageId } from '../../../config/ids.ts'
import { instant } from '../../../config/units.ts'
import {
  BASES_MAX,
  forgetBases,
  type KnownBase,
  learnBase,
  seeBase,
  servedBases,
  targetsOf,
} from '../../../durable-objects/policy/fold-bases.ts'
import { foldPeer, isFresh } from '../../../durable-objects/policy/fold-peer.ts'
import { retryScale } from '../../../durable-objects/policy/scale-retries.ts'
import { FULL_BUCKET, takeToken } from '../../../durable-objects/policy/token-bucket.ts'
import type { PeerMessage } from '../../../durable-objects/policy/vote.ts'
import { dice, SEED } from '../../seed.ts'
import { HOLD } from './samples.ts'
import { targetOf } from './world.ts'

describe('bounds', () => {
  test(`law: at most 400 tokens in any second, whatever the arrivals, seed ${SEED}`, () => {
    const random = dice(SEED)
    let bucket = FULL_BUCKET
    const taken: number[] = []
    for (let now = 0; now < 10_000; now += random() * 2) {
      const result = takeToken(bucket, instant(now))
      bucket = result.bucket
      if (result.taken) taken.push(now)
    }
    for (let first = 0; first < taken.length; first += 1) {
      const inSecond = taken.filter((at) => at >= (taken[first] as number) && at < (taken[first] as number) + 1000).length
      expect(inSecond).toBeLessThanOrEqual(401)
    }
    expect(taken.length).toBeGreaterThan(3000 - 100)
  })
  test('a clock that is set back does not stop the refill', () => {
    let bucket = { tokens: 0, filledAt: instant(600_000) }
    bucket = takeToken(bucket, instant(0)).bucket
    expect(takeToken(bucket, instant(100)).taken).toBe(true)
  })
  test.each([
    [100, 100, 1],
    [100, 120, 1],
    [100, 128, 0.8],
    [100, 140, 0.5],
    [100, 160, 0],
    [100, 300, 0],
    [49, 147, 1],
    [0, 0, 1],
  ])('%i requests and %i attempts: retries scaled by %d', (requests, attempts, scale) => {
    expect(retryScale([{ requests, attempts }])).toBeCloseTo(scale)
  })
})

describe('peers', () => {
  const message = (createdAt: number, bootCount: number, seq: number): PeerMessage => ({
    format: 1,
    from: vantageId('weur'),
    incarnation: { createdAt, bootCount },
    seq,
    abstains: false,
    votes: [],
    load: { requests: 0, attempts: 0 },
    knows: [],
    bases: [],
    needs: [],
    documents: [],
  })
  test.each([
    ['a newer message', message(1, 1, 6), true],
    ['the same again', message(1, 1, 5), false],
    ['an older one that was late', message(1, 1, 4), false],
    ['a later life with a smaller number', message(1, 2, 1), true],
    ['a zombie twin with a larger one', message(1, 0, 99), false],
    ['storage made anew', message(2, 1, 1), true],
  ])('%s', (_name, arrived, taken) => {
    const held = foldPeer(undefined, message(1, 1, 5), instant(0))
    const next = foldPeer(held, arrived, instant(1000))
    expect(next.message === arrived).toBe(taken)
    expect(next.advancedAt).toBe(taken ? 1000 : 0)
  })
  test('fresh for 3 s by the clock of the receiver', () => {
    const peer = foldPeer(undefined, message(1, 1, 1), instant(1000))
    expect([999, 1000, 3999, 4000].map((now) => isFresh(peer, instant(now)))).toEqual([false, true, true, false])
  })
})

describe('bases', () => {
  const base = (hash: string, endpoints: readonly string[] = [hash]) => ({
    hash,
    targets: endpoints.map(targetOf),
    vantages: [vantageId('weur')],
    holdDown: HOLD,
  })
  test('the last four by last-seen are kept; the targets are their union, the newest first', () => {
    let known: readonly KnownBase[] = []
    for (let index = 1; index <= 6; index += 1) {
      known = learnBase(known, base(`b${index}`, [`e${index}`, 'shared']), instant(index), instant(index))
      known = seeBase(known, 'b1', instant(index + 0.5))
    }
    expect(known.map((entry) => entry.base.hash)).toEqual(['b6', 'b5', 'b4', 'b1'])
    expect(known).toHaveLength(BASES_MAX)
    expect([...targetsOf(known).keys()]).toEqual(['e6', 'shared', 'e5', 'e4', 'e1'])
  })
  test('one that nobody names for ten minutes is dropped, but never the last', () => {
    const known = learnBase(learnBase([], base('old'), instant(0), instant(0)), base('new'), instant(1), instant(1))
    expect(servedBases(known, instant(59_999)).map((entry) => entry.base.hash)).toEqual(['new', 'old'])
    expect(servedBases(known, instant(60_001)).map((entry) => entry.base.hash)).toEqual(['new'])
    expect(forgetBases(known, instant(700_000)).map((entry) => entry.base.hash)).toEqual(['new'])
  })
})
