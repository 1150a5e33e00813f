import { describe, expect, test } from 'vitest'
import { endpointKey, vantageId } from '../../../config/ids.ts'
import { parseSnapshot } from '../../../config/parse-snapshot.ts'
import { instant, ms } from '../../../config/units.ts'
import { composeHealth } from '../../../durable-objects/policy/compose-snapshot.ts'
import { foldProbe, NEVER_PROBED, type ProbeFold } from '../../../durable-objects/policy/fold-probe.ts'
import { monitor, vote } from './samples.ts'
import { REGIONS, THREE, World } from './world.ts'

const NOW = instant(1_000_000)

/** What is said of probes that usually take `usual`, when `said` was said before. */
const saidOf = (usual: number | undefined, said: number | undefined) =>
  composeHealth(
    {
      settled: { verdict: 'up', since: NOW },
      own: vote('up'),
      abstains: false,
      votes: [],
      configured: 3,
      latency: { usual: usual === undefined ? undefined : ms(usual), said: said === undefined ? undefined : ms(said) },
    },
    NOW,
  ).latency

describe('how fast the probes are', () => {
  test('is averaged over the last ten or so that passed', () => {
    let fold: ProbeFold = NEVER_PROBED
    const probe = (latency: number | 'failed'): void => {
      const result =
        latency === 'failed'
          ? { kind: 'failed' as const, phase: 'connect' as const, latency: ms(1), detail: '' }
          : { kind: 'passed' as const, status: 200, latency: ms(latency) }
      fold = foldProbe(fold, result, { monitor, held: false }, NOW)
    }
    probe(100)
    expect(fold.usual).toBe(100)
    probe(200)
    expect(fold.usual).toBe(120)
    probe('failed')
    expect(fold.usual).toBe(120)
    for (let count = 0; count < 20; count += 1) probe(200)
    expect(fold.usual).toBeGreaterThan(195)
  })

  test.each([
    ['nothing before a probe has passed', undefined, undefined, undefined],
    ['the first time as it is', 41.6, undefined, 42],
    ['never nothing', 0, undefined, 1],
    ['again while it changes by less than a quarter', 49, 40, 40],
    ['anew when it has changed by more', 51, 40, 51],
    ['anew when it has fallen', 29, 40, 29],
    ['not for a few milliseconds', 5, 1, 1],
  ])('is said: %s', (_, usual, said, expected) => expect(saidOf(usual, said)).toBe(expected))

  test('is told of the endpoints whose pools ask, and does not make a snapshot each second', async () => {
    const world = new World(THREE, REGIONS, 3)
    const targets = world.base.targets.map((target) => (target.id === 'east' ? { ...target, latency: true as const } : target))
    await world.node('wnam').core.learn(vantageId('wnam'), { ...world.base, targets })
    await world.run(10_000)
    const first = await world.node('wnam').look()
    expect(first?.endpoints[endpointKey('east')]?.latency).toBeGreaterThanOrEqual(5)
    expect(first?.endpoints[endpointKey('east')]?.latency).toBeLessThanOrEqual(25)
    expect(first?.endpoints[endpointKey('west')]).not.toHaveProperty('latency')
    expect(parseSnapshot(JSON.parse(JSON.stringify(first)))).toEqual(first)
    // Probes that take anything from 5 to 25 ms, each second for a minute.
    await world.run(60_000)
    const later = await world.node('wnam').look()
    expect((later?.seq ?? 0) - (first?.seq ?? 0)).toBeLessThanOrEqual(6)
  })
})
