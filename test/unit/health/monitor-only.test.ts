/** A monitor that is only watched: shown everywhere, and nothing follows from it. In virtual time, on the production core. */
import { describe, expect, test } from 'vitest'
import { renderStatus } from '../../../cli/status/render-status.ts'
import { vantageId } from '../../../config/ids.ts'
import { instant } from '../../../config/units.ts'
import { foldFinding, foldProbeResult, mayTry, UNKNOWN_ENDPOINT } from '../../../durable-objects/policy/fold-endpoint.ts'
import { failed, monitor, passed, rules } from './samples.ts'
import { REGIONS, THREE, World, watch } from './world.ts'

const watched = { ...rules, monitor: { ...monitor, monitorOnly: true as const } }

/** East is only watched. */
async function world(): Promise<World> {
  const made = new World(THREE, REGIONS, 7)
  const targets = made.base.targets.map((target) =>
    target.id === 'east' ? { ...target, latency: true as const, monitor: { ...target.monitor, monitorOnly: true as const } } : target,
  )
  made.base = { ...made.base, targets }
  await made.start()
  await watch(made, 50, () => {})
  return made
}

const statusOf = async (made: World, name: string) => {
  const { endpoints } = await made.node('weur').core.status(vantageId('weur'))
  const found = endpoints.find(({ id }) => id === name)
  if (found === undefined) throw new Error(`no endpoint ${name}`)
  return found
}

describe('a region that its probes call dead', () => {
  test('is no verdict, no order and no transition; the status says what it would be, and why', async () => {
    const made = await world()
    expect(await statusOf(made, 'east')).toMatchObject({ verdict: 'unknown', watched: 'up' })
    expect(await statusOf(made, 'west')).not.toHaveProperty('watched')
    made.weather.set('east', () => 'unavailable')
    made.weather.set('west', () => 'unavailable')
    await watch(made, 20_000, () => expect(made.verdicts('east')).toEqual(['unknown', 'unknown', 'unknown']))
    expect(made.verdicts('west')).toEqual(['down', 'down', 'down'])
    const { verdict, watched: would, votes } = await statusOf(made, 'east')
    expect([verdict, would]).toEqual(['unknown', 'down'])
    expect(votes.map(({ probe, watched: seen, holdFor }) => [probe, seen, holdFor])).toEqual(THREE.map(() => ['unknown', 'down', 0]))
    expect(votes[0]?.reasons[0]?.detail).toBe('only watched; 2 probes in a row failed: status 503')
    const told = Object.values(made.node('weur').snapshot?.endpoints ?? {})[0]
    expect(told).toMatchObject({ verdict: 'unknown', local: 'unknown' })
    expect(told).not.toHaveProperty('latency')
    expect((await made.transitions()).filter(({ endpoint }) => endpoint === 'east')).toEqual([])
    made.weather.set('east', () => 'well')
    await watch(made, 4000, () => {})
    expect(await statusOf(made, 'east')).toMatchObject({ verdict: 'unknown', watched: 'up' })
  })

  test('is shown as such', async () => {
    const made = await world()
    made.weather.set('east', () => 'refuses')
    await watch(made, 10_000, () => {})
    const status = await made.node('weur').core.status(vantageId('weur'))
    const lines = renderStatus(
      { format: 1, vantages: [{ vantage: vantageId('weur'), answered: true, status }] } as unknown as Parameters<typeof renderStatus>[0],
      { url: 'https://a.test', columns: 400 },
    ).join('\n')
    expect(lines).toContain('monitor only: its probes alone would say down')
    expect(lines).toContain('probe down, only watched')
  })

  test('outlives a restart', async () => {
    const made = await world()
    made.weather.set('east', () => 'unavailable')
    await watch(made, 10_000, () => {})
    made.node('weur').restart()
    await watch(made, 10_000, () => {})
    expect(await statusOf(made, 'east')).toMatchObject({ verdict: 'unknown', watched: 'down' })
  })
})

test('traffic still ejects it, with the hold of a first fall, and is tried again whatever the probes say', () => {
  const now = instant(1_000_000)
  const probed = [passed, passed, failed, failed].reduce((fold, result) => foldProbeResult(fold, result, watched, now), UNKNOWN_ENDPOINT)
  expect(probed).toMatchObject({ watched: 'down', probe: { facet: 'unknown', failedInRow: 2 }, hold: { until: 0 } })
  const felled = foldFinding(probed, { reach: 'endpoint', phase: 'connect', detail: 'x' } as Parameters<typeof foldFinding>[1], rules, now)
  expect(felled.hold.length).toBe(30_000)
  expect(mayTry(felled, instant(now + 1000))).toBe(false)
  expect(mayTry(felled, instant(now + 30_001))).toBe(true)
})
