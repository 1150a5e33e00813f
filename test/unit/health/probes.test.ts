import { describe, expect, test } from 'vitest'
import { endpointKey } from '../../../config/ids.ts'
import { draw, instant } from '../../../config/units.ts'
import { foldProbeResult, UNKNOWN_ENDPOINT } from '../../../durable-objects/policy/fold-endpoint.ts'
import { foldProbe, NEVER_PROBED } from '../../../durable-objects/policy/fold-probe.ts'
import { fall, holdLeft, NEVER_FELL } from '../../../durable-objects/policy/hold-down.ts'
import { assignProbes, isDue, nextProbe, REPROBE_AFTER } from '../../../durable-objects/policy/schedule-probes.ts'
import { failed, HOLD, monitor, passed, rules, timedOut } from './samples.ts'

describe('hold-down', () => {
  test('30 s, then four times as long with each fall, 10 min at most; forgotten 10 min after a hold has ended', () => {
    let hold = fall(NEVER_FELL, HOLD, instant(0))
    const lengths = [hold.length]
    for (let falls = 0; falls < 4; falls += 1) {
      hold = fall(hold, HOLD, instant(hold.until + 1000))
      lengths.push(hold.length)
    }
    expect(lengths).toEqual([30_000, 120_000, 480_000, 600_000, 600_000])
    expect(fall(hold, HOLD, instant(hold.until + 600_001)).length).toBe(30_000)
  })
  test('a clock that is set back holds for the length of the hold, no longer', () => {
    const hold = fall(NEVER_FELL, HOLD, instant(1_000_000))
    expect(holdLeft(hold, instant(400_000))).toBe(30_000)
    expect(holdLeft(hold, instant(1_030_000))).toBe(0)
  })
  test.each([
    [120_000, 4],
    [600_000, 6],
  ])('law: a flap of 3 s / 3 s for %i ms makes at most %i transitions, whatever its phase', (length, most) => {
    for (let phase = 0; phase < 6000; phase += 250) {
      let fold = UNKNOWN_ENDPOINT
      let transitions = 0
      for (let now = 0; now < length; now += 1000) {
        const before = fold.probe.facet
        fold = foldProbeResult(fold, (now + phase) % 6000 < 3000 ? passed : failed, rules, instant(now))
        if (before !== 'unknown' && fold.probe.facet !== before) transitions += 1
      }
      expect(transitions).toBeLessThanOrEqual(most)
    }
  })
})

describe('probes', () => {
  test.each([
    ['p', 'unknown'],
    ['f', 'unknown'],
    ['pp', 'up'],
    ['ff', 'down'],
    ['pf', 'unknown'],
    ['pff', 'down'],
    ['ppfp', 'up'],
    ['ppffp', 'down'],
    ['ppffpp', 'up'],
    ['ppfpfpfp', 'up'],
  ])('results %s: %s', (results, facet) => {
    const fold = [...results].reduce(
      (held, result, index) => foldProbe(held, result === 'p' ? passed : failed, { monitor, held: false }, instant(index)),
      NEVER_PROBED,
    )
    expect(fold.facet).toBe(facet)
  })
  test('held down, passes restore nothing until the hold is over', () => {
    const down = [failed, failed].reduce((held, result) => foldProbe(held, result, { monitor, held: false }, instant(0)), NEVER_PROBED)
    const passing = [passed, passed, passed].reduce((held, result) => foldProbe(held, result, { monitor, held: true }, instant(1)), down)
    expect(passing.facet).toBe('down')
    expect(foldProbe(passing, passed, { monitor, held: false }, instant(2)).facet).toBe('up')
  })
  test('no opinion before two own probes, even when one is asked for', () => {
    const quick = { ...monitor, consecutiveDown: 1, consecutiveUp: 1 }
    const once = foldProbe(NEVER_PROBED, failed, { monitor: quick, held: false }, instant(0))
    expect(once.facet).toBe('unknown')
    expect(foldProbe(once, failed, { monitor: quick, held: false }, instant(1)).facet).toBe('down')
  })
  test('after a first failure 250 ms, otherwise the interval within 5 % either way', () => {
    const up = [passed, passed].reduce((held, result) => foldProbe(held, result, { monitor, held: false }, instant(0)), NEVER_PROBED)
    const ended = { startedAt: instant(10_000), now: instant(10_020) }
    expect(nextProbe(foldProbe(up, failed, { monitor, held: false }, instant(0)), monitor, ended, draw(0.5))).toBe(10_020 + REPROBE_AFTER)
    for (const roll of [0, 0.5, 0.999]) {
      const next = nextProbe(up, monitor, ended, draw(roll)) - 10_000
      expect(next).toBeGreaterThanOrEqual(950)
      expect(next).toBeLessThanOrEqual(1050)
    }
    const down = [failed, failed].reduce((held, result) => foldProbe(held, result, { monitor, held: false }, instant(0)), up)
    expect(nextProbe(down, monitor, ended, draw(0.5))).toBe(11_000)
  })
  test('due when the time has come, when never planned, and when the clock was set back', () => {
    expect(isDue(undefined, monitor, instant(0))).toBe(true)
    expect(isDue(instant(1000), monitor, instant(999))).toBe(false)
    expect(isDue(instant(1000), monitor, instant(1000))).toBe(true)
    expect(isDue(instant(600_000), monitor, instant(1000))).toBe(true)
  })
  test.each([
    [6, 0, []],
    [7, 7, [6, 1]],
    [20, 13, [6, 6, 1]],
  ])('of %i due endpoints, %i silent: handed over %j', (due, silent, handed) => {
    const keys = Array.from({ length: due }, (_, index) => endpointKey(`e${String(index).padStart(2, '0')}`))
    const plan = assignProbes(keys, keys.slice(0, silent))
    expect(plan.handedOver.map((keys) => keys.length)).toEqual(handed)
    expect([...plan.own, ...plan.handedOver.flat()].sort()).toEqual(keys)
  })
  test('a timeout is remembered as one', () => {
    expect(foldProbe(NEVER_PROBED, timedOut, { monitor, held: false }, instant(0)).timedOut).toBe(true)
    expect(foldProbe(NEVER_PROBED, failed, { monitor, held: false }, instant(0)).timedOut).toBe(false)
  })
})
