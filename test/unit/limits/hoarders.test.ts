/** A law for the object alone: isolates that ask for as much as they can, keep it to the last moment, give back some and then come all at once. */
import { describe, expect, test } from 'vitest'
import { LEASE_LIFETIME } from '../../../config/lease.ts'
import type { RateLimit } from '../../../config/rate-limit.ts'
import { after, instant, ms, seconds } from '../../../config/units.ts'
import { type Bucket, grantLease, LEASE_MARGIN } from '../../../durable-objects/policy/bucket.ts'
import { dice, SEED } from '../../seed.ts'
import { excess } from './colos.ts'

interface Hoard {
  readonly lease: string
  readonly left: number
  readonly until: number
}

function run(limit: Pick<RateLimit, 'limit' | 'window' | 'burst'>, roll: () => number): readonly number[] {
  const whole = (most: number): number => Math.floor(roll() * (most + 1))
  const admitted: number[] = []
  const admit = (count: number): void => void admitted.push(...Array<number>(count).fill(now))
  let now = instant(1_000_000)
  let bucket: Bucket | undefined
  let hoards: readonly Hoard[] = []
  for (let step = 0; step < 400; step += 1) {
    now = after(now, ms(whole(roll() < 0.5 ? 20 : 1500)))
    const over = hoards.filter(({ until }) => until <= now)
    hoards = hoards.filter(({ until }) => until > now)
    if (roll() < 0.2) {
      for (const { left } of hoards) admit(left)
      hoards = hoards.map((hoard) => ({ ...hoard, left: 0 }))
    }
    const given = hoards.filter(() => roll() < 0.2)
    hoards = hoards.filter((hoard) => !given.includes(hoard))
    const done = [...over, ...given].map(({ lease, left }) => ({ lease, unused: left }))
    const spend = whole(3)
    const request = { key: 'k', terms: limit, spend, ahead: whole(40), lease: `l${step}`, done }
    const granted = grantLease(bucket, request, now)
    // Delivered twice: the isolate has one answer all the same.
    bucket = roll() < 0.1 ? grantLease(granted.bucket, request, now).bucket : granted.bucket
    const { reply } = granted
    if (roll() < 0.1) continue
    admit(reply.spent)
    if (reply.ahead > 0) hoards = [...hoards, { lease: request.lease, left: reply.ahead, until: now + LEASE_LIFETIME + LEASE_MARGIN }]
  }
  return admitted
}

describe('in no time more than the burst and what the rate gives', () => {
  test.each([
    { limit: 100, window: seconds(10), burst: 100 },
    { limit: 5, window: seconds(60), burst: 5 },
    { limit: 1000, window: seconds(1), burst: 20 },
    { limit: 20, window: seconds(1), burst: 1 },
    { limit: 1, window: seconds(1), burst: 50 },
  ])(`seed ${SEED}: %o`, (limit) => {
    for (let round = 0; round < 40; round += 1) {
      const admitted = run(limit, dice(SEED + round))
      expect(admitted.length).toBeGreaterThan(0)
      expect(excess(admitted, limit, limit.burst)).toBeLessThanOrEqual(1e-6)
    }
  })
})
