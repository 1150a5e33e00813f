import { expect, test } from 'vitest'
import type { Change } from '../../../config/director.ts'
import { endpointId, poolId, releaseId } from '../../../config/ids.ts'
import type { DrainTarget, Overlay } from '../../../config/overlay.ts'
import { parseChangeRequest } from '../../../config/parse-change.ts'
import { parseOverlay } from '../../../config/parse-overlay.ts'
import { type Draw, instant, ms, share } from '../../../config/units.ts'
import { composeOverlay } from '../../../durable-objects/policy/compose-overlay.ts'
import { compareStates, driftOf } from '../../../durable-objects/policy/director-fields.ts'
import { type DirectorState, NOTHING_WISHED } from '../../../durable-objects/policy/director-state.ts'
import { endByTime } from '../../../durable-objects/policy/end-by-time.ts'
import { foldChanges } from '../../../durable-objects/policy/fold-changes.ts'
import { foldFile } from '../../../durable-objects/policy/fold-layers.ts'
import { knownNames } from '../../../durable-objects/policy/known-names.ts'
import { parseState } from '../../../durable-objects/policy/parse-director-state.ts'
import { stateOf } from '../../../durable-objects/policy/take-over.ts'
import { dice, SEED } from '../../seed.ts'
import { BASE } from './director-world.ts'

const names = knownNames([BASE])
const ROUNDS = 300

const one = <T>(random: () => Draw, of: readonly T[]): T => of[Math.floor(random() * of.length)] as T

function randomTarget(random: () => Draw): DrainTarget {
  return one(random, [
    { kind: 'endpoint', endpoint: endpointId(one(random, ['east', 'west', 'south', 'nowhere'])) },
    { kind: 'region', region: one(random, ['us-east-1', 'us-west-2', 'mars']) },
    { kind: 'cloud', cloud: one(random, ['aws', 'gcp']) },
  ])
}

function randomChange(random: () => Draw): Change {
  const endpoint = endpointId(one(random, ['east', 'west', 'south']))
  const over = ms(one(random, [0, 10_000, 60_000]))
  return one(random, [
    { kind: 'set-weights', pool: poolId('shop'), weights: { [endpoint]: Math.floor(random() * 4) } },
    { kind: 'clear-weights', pool: poolId('shop') },
    { kind: 'drain', target: randomTarget(random), over },
    { kind: 'drain', target: randomTarget(random), over, lasts: ms(30_000) },
    { kind: 'undrain', target: randomTarget(random), over },
    { kind: 'clear-release', release: releaseId('checkout') },
    { kind: 'set-release', release: releaseId('checkout'), weight: share(Math.floor(random() * 10_000) / 10_000) },
    { kind: 'release', release: releaseId('checkout'), action: one(random, ['start', 'pause', 'resume', 'promote', 'rollback', 'kill']) },
    { kind: 'revert', revision: Math.floor(random() * 10) },
  ] as const satisfies readonly Change[])
}

interface Step {
  readonly before: DirectorState
  readonly after: DirectorState
  readonly change: Change
  readonly now: number
  readonly again: () => DirectorState | undefined
}

/** Histories of changes, files and ends; `see` looks at each step. */
function histories(see: (step: Step) => void): void {
  const random = dice(SEED)
  for (let round = 0; round < ROUNDS; round += 1) {
    const states: DirectorState[] = [NOTHING_WISHED]
    let now = 1_795_000_000_000
    for (let step = 0; step < 20; step += 1) {
      now += Math.floor(random() * 20_000)
      let before = endByTime(states.at(-1) ?? NOTHING_WISHED, instant(now))
      const said = { by: 'ann', door: 'cli' as const, reason: 'a law', at: instant(now) }
      if (random() < 0.2) {
        const weights = [
          { pool: poolId('shop'), endpoint: endpointId(one(random, ['east', 'west'])), weight: 1 + Math.floor(random() * 9) },
        ]
        before = foldFile(before, { weights, shares: [] }, { ...said, door: 'weights.json' })
      }
      const change = randomChange(random)
      const fold = (state: DirectorState, at: number) =>
        foldChanges(state, [change], {
          said: { ...said, at: instant(at) },
          names,
          stateAt: (revision) => states[revision],
          salt: `salt-${states.length}`,
          frozen: [],
        })
      const folded = fold(before, now)
      if (!folded.ok) continue
      const after = folded.value
      see({
        before,
        after,
        change,
        now,
        again: () => {
          const twice = fold(after, now)
          return twice.ok ? twice.value : undefined
        },
      })
      states.push(after)
    }
  }
}

const overlayOf = (state: DirectorState, now: number): Overlay => composeOverlay(state, { epoch: 1, revision: 1 }, instant(now))

test(`whatever operators do, isolates can read it, and storage gives back what it was given (seed ${SEED})`, () => {
  let seen = 0
  histories(({ after, now }) => {
    seen += 1
    const overlay = JSON.parse(JSON.stringify(overlayOf(after, now)))
    expect(parseOverlay(overlay)).toEqual(overlay)
    const written = JSON.parse(JSON.stringify(after))
    expect(parseState(written)).toEqual(written)
  })
  expect(seen).toBeGreaterThan(2000)
})

test(`a pool is never left with weights that add up to nothing, whoever cleared what (seed ${SEED})`, () => {
  histories(({ after, now, change }) => {
    if (change.kind === 'revert') return
    const said = overlayOf(after, now).weights[poolId('shop')] ?? {}
    const sum = (BASE.pools[0]?.endpoints ?? []).reduce((total, { id, weight }) => total + (said[id] ?? weight), 0)
    expect(sum).toBeGreaterThan(0)
  })
})

test(`what is asked for again changes nothing, but for a release that moves on (seed ${SEED})`, () => {
  histories(({ after, change, again }) => {
    if (change.kind === 'release' || change.kind === 'set-release' || change.kind === 'revert') return
    // Refused when something wider still keeps out what was undrained.
    expect(again() ?? after).toBe(after)
  })
})

test(`two states differ in a field exactly where isolates are told otherwise, and drift is empty only with the bundle (seed ${SEED})`, () => {
  histories(({ before, after, now }) => {
    const differs = compareStates(before, after, names, instant(now)).some(({ before: was, after: is }) => was !== is)
    const said = (state: DirectorState) => {
      const { weights, drains, releases } = overlayOf(state, now)
      const shop = Object.fromEntries(
        (BASE.pools[0]?.endpoints ?? []).map(({ id, weight }) => [id, weights[poolId('shop')]?.[id] ?? weight]),
      )
      const kinds = drains.map(({ target, direction }) => JSON.stringify([target, direction])).filter((each) => !each.includes('"south"'))
      const { weight, mirror, killed } = releases[releaseId('checkout')] ?? { weight: 0, mirror: 0, killed: false }
      return JSON.stringify([shop, kinds.sort(), weight, mirror, killed])
    }
    if (said(before) !== said(after)) expect(differs).toBe(true)
    expect(driftOf(NOTHING_WISHED, names, instant(now))).toEqual([])
  })
})

test(`nothing is raised by a loss: what vantages hold means the same after it was taken over (seed ${SEED})`, () => {
  histories(({ after, now }) => {
    const held = overlayOf(after, now)
    const said = { by: 'director', door: 'takeover' as const, reason: 'lost', at: instant(now) }
    const again = overlayOf(stateOf(held, said), now)
    expect({ ...again, drains: again.drains.map(({ target, direction, over }) => ({ target, direction, over })) }).toEqual({
      ...held,
      drains: held.drains.map(({ target, direction, over }) => ({ target, direction, over })),
    })
    // How far each has come is the same to a millisecond.
    for (const [index, { begun }] of again.drains.entries())
      expect(Math.abs(begun - (held.drains[index]?.begun ?? 0))).toBeLessThanOrEqual(1)
  })
})

test(`rubbish is refused with places, and never throws (seed ${SEED})`, () => {
  const random = dice(SEED)
  const rubbish = (depth: number): unknown =>
    one(random, [
      () => null,
      () => random() * 1e6 - 10,
      () => one(random, ['', 'shop', '__proto__', 'a'.repeat(500), 'x\ny', 'set-weights', 'drain', '\u202e']),
      () => true,
      () => Number.NaN,
      () => (depth > 3 ? [] : Array.from({ length: Math.floor(random() * 4) }, () => rubbish(depth + 1))),
      () =>
        depth > 3
          ? {}
          : Object.fromEntries(
              ['kind', 'pool', 'weights', 'target', 'over', 'changes', '__proto__', 'constructor'].flatMap((key) =>
                random() < 0.5 ? [[key, rubbish(depth + 1)]] : [],
              ),
            ),
    ])()
  for (let round = 0; round < 3000; round += 1) {
    const whole = random() < 0.5 ? rubbish(0) : { changes: [rubbish(1)], by: 'ann', door: 'cli', reason: 'why' }
    const parsed = parseChangeRequest(whole)
    if (parsed.ok) continue
    expect(parsed.error.length).toBeGreaterThan(0)
    expect(parsed.error.length).toBeLessThanOrEqual(60)
    for (const { path, expected, found } of parsed.error)
      expect([Array.isArray(path), expected !== '', found.length <= 80]).toEqual([true, true, true])
  }
})
