/** Who is on the canary: shares, stickiness, what kills, what overrides; and the laws of a million keys. */
import { describe, expect, test } from 'vitest'
import type { ReleaseOrder } from '../../../config/overlay.ts'
import { share } from '../../../config/units.ts'
import { chooseTrack, isOnCanary, placeOf, type Recognised, type ReleaseStanding } from '../../../worker/policy/choose-track.ts'
import { dice } from '../../seed.ts'

const order = (parts: Partial<ReleaseOrder> = {}): ReleaseOrder => ({
  weight: share(0.5),
  mirror: share(0),
  killed: false,
  salt: 'run-1',
  ...parts,
})
const heard = (held: ReleaseOrder | undefined): ReleaseStanding => ({ heard: true, order: held })
const nowhere = () => undefined
const asks = (parts: Partial<Recognised> = {}): Recognised => ({ key: 'ann', override: undefined, ...parts })
const all = share(1)
const none = share(0)

describe('which track', () => {
  test.each<[why: string, ...asked: [ReleaseStanding, Recognised], ...chosen: [track: string, reason: string]]>([
    ['nobody has said anything', { heard: false }, asks({ override: 'canary' }), 'stable', 'unheard'],
    ['nobody has begun it', heard(undefined), asks(), 'stable', 'no-share'],
    ['nobody has begun it, and somebody asks', heard(undefined), asks({ override: 'canary' }), 'canary', 'override'],
    ['everybody', heard(order({ weight: all })), asks(), 'canary', 'share'],
    ['everybody but who asks', heard(order({ weight: all })), asks({ override: 'stable' }), 'stable', 'override'],
    ['nobody but who asks', heard(order({ weight: none })), asks({ override: 'canary' }), 'canary', 'override'],
    ['nobody', heard(order({ weight: none })), asks(), 'stable', 'no-share'],
    ['who cannot be recognised', heard(order({ weight: all })), asks({ key: undefined }), 'stable', 'no-key'],
    ['killed', heard(order({ weight: all, killed: true })), asks(), 'stable', 'killed'],
    ['killed, and somebody asks', heard(order({ weight: all, killed: true })), asks({ override: 'canary' }), 'stable', 'killed'],
  ])('%s', (...[, standing, recognised, track, why]) => expect(chooseTrack(standing, recognised, nowhere)).toEqual({ track, why }))

  const byRegion = heard(order({ weight: none, regions: { 'eu-west': all, 'us-east': none } }))
  test.each([
    ['eu-west', 'canary'],
    ['us-east', 'stable'],
    ['ap-south', 'stable'],
    ['constructor', 'stable'],
    [undefined, 'stable'],
  ])('in region %s', (region, track) => expect(chooseTrack(byRegion, asks(), () => region)).toEqual({ track, why: 'share' }))

  test('a region is asked for only where it matters', () => {
    const never = () => {
      throw new Error('asked')
    }
    expect(chooseTrack(heard(order()), asks(), never).why).toBe('share')
  })
})

const KEYS = 1_000_000

/** Kinds of keys that real clients have: numbers in a row, addresses, random ids. */
const KINDS: Readonly<Record<string, (index: number, draw: () => number) => string>> = {
  'numbers in a row': (index) => `user-${index}`,
  addresses: (index) => `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}`,
  'random ids': (_, draw) => `${Math.floor(draw() * 2 ** 32).toString(16)}-${Math.floor(draw() * 2 ** 32).toString(16)}`,
}

describe('laws', () => {
  test.each(Object.keys(KINDS))(`0.01, 1, 5 and 50 %% of ${KEYS} %s are within 3 sigma`, (kind) => {
    const keyOf = KINDS[kind] ?? String
    const seed = 20_261
    const draw = dice(seed)
    const weights = [0.0001, 0.01, 0.05, 0.5]
    const taken = weights.map(() => 0)
    for (let index = 0; index < KEYS; index += 1) {
      const place = placeOf('checkout-3', keyOf(index, draw))
      for (const [at, weight] of weights.entries()) if (place < weight) taken[at] = (taken[at] ?? 0) + 1
    }
    for (const [at, weight] of weights.entries()) {
      const sigma = Math.sqrt(KEYS * weight * (1 - weight))
      expect(Math.abs((taken[at] ?? 0) - KEYS * weight), `${weight} of seed ${seed}: ${taken[at]}`).toBeLessThan(3 * sigma)
    }
  })

  test('a ramp of 1, 5, 25, 100 % moves none of 100,000 keys back, and nothing empties at once', () => {
    const moved = { back: 0, left: 0 }
    for (let index = 0; index < 100_000; index += 1) {
      let was = false
      for (const weight of [0.01, 0.05, 0.25, 1]) {
        const is = isOnCanary('ramp', `user-${index}`, share(weight))
        if (was && !is) moved.back += 1
        was = is
      }
      if (!was) moved.left += 1
      if (isOnCanary('ramp', `user-${index}`, none)) moved.left += 1
    }
    expect(moved).toEqual({ back: 0, left: 0 })
  })

  test('who is among the first of one release says nothing about another', () => {
    const keys = 200_000
    const counts = { first: 0, second: 0, both: 0 }
    for (let index = 0; index < keys; index += 1) {
      const [one, other] = ['checkout', 'checkouu'].map((salt) => isOnCanary(salt, `user-${index}`, share(0.1)))
      if (one) counts.first += 1
      if (other) counts.second += 1
      if (one && other) counts.both += 1
    }
    const expected = (counts.first * counts.second) / keys
    expect(Math.abs(counts.both - expected)).toBeLessThan(4 * Math.sqrt(expected))
  })
})
