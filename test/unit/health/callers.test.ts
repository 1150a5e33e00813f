import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadGateway } from '../../../cli/load-gateway.ts'
import { isolateId, routeId, vantageId } from '../../../config/ids.ts'
import type { VantageBase } from '../../../config/report.ts'
import { parseBase } from '../../../durable-objects/policy/parse-base.ts'
import { parseReport } from '../../../durable-objects/policy/parse-report.ts'
import { RUBBISH } from './fake-isolate.ts'
import { spoiled } from './samples.ts'
import { REGIONS, started, THREE, targetOf, watch } from './world.ts'

const weur = vantageId('weur')
const report = {
  isolate: isolateId('a'),
  seq: 1,
  base: 'base',
  covers: 5000,
  requests: 100,
  attempts: 103,
  rows: [
    {
      route: routeId('shop'),
      endpoint: targetOf('east').key,
      succeeded: 1,
      failedConnect: 0,
      failedOther: 1,
      failedInRow: 1,
      networks: 1,
      ejected: false,
      probationSucceeded: 0,
      probationFailed: 0,
      lastPhase: 'status',
      lastStatus: 503,
    },
  ],
}

describe('callers that are broken', () => {
  test('what is right is taken', async () => {
    const world = await started(THREE)
    expect(parseBase(world.base)).toEqual(world.base)
    expect(parseReport(report)).toEqual(report)
  })

  test.each(globSync('config/{*.yaml,examples/*.yaml}'))('what %s becomes is learnt', (file) => {
    const loaded = loadGateway(file, { local: true })
    if (!loaded.ok) throw new Error(`${file} has defects`)
    const { hash, targets, health } = loaded.base
    expect(parseBase({ hash, targets, vantages: health.vantages, holdDown: health.holdDown })).toBeDefined()
  })

  test('no call, however spoiled, keeps a vantage from probing, voting and serving sane snapshots', async () => {
    const world = await started(THREE)
    const { core } = world.node('weur')
    const calls = [
      ...[...RUBBISH, ...spoiled(report)].map((raw, seq) => () => core.report(weur, (seq === 0 ? raw : withSeq(raw, seq + 2)) as never)),
      ...[...RUBBISH, ...spoiled(world.base)].map((raw) => () => core.learn(weur, raw as VantageBase)),
      ...[...RUBBISH, ...spoiled({ base: 'base', active: true, wantsProbation: ['east'] })].map(
        (raw) => () => core.sync(weur, raw as never),
      ),
      ...[...RUBBISH, ...spoiled(await core.exchange(weur, undefined))].map(
        (raw) => () => core.exchange(weur, { ...Object(raw), from: 'apac' }),
      ),
    ]
    for (const call of calls) {
      await call().catch(() => {})
      if (world.draw() < 0.02) await world.run(1000)
    }
    // What was learnt on the way is forgotten; what is probed must still be probed.
    await world.run(700_000)
    const before = (await core.status(weur)).counters
    await watch(world, 10_000, () => {}, 500)
    const { counters, problems } = await core.status(weur)
    expect(counters.probes - before.probes).toBeGreaterThan(20)
    expect(problems.map(({ text }) => text)).toEqual([])
    expect(world.node('weur').snapshot?.retryScale).toBe(1)
    for (const name of REGIONS) expect(world.verdicts(name)).toEqual(['up', 'up', 'up'])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'a report with %d requests does not turn off the retries of all',
    async (requests) => {
      const world = await started(THREE)
      await world
        .node('weur')
        .core.report(weur, { ...report, requests, attempts: 1e9 } as never)
        .catch(() => {})
      await watch(world, 2000, () => {})
      for (const node of world.nodes.values()) expect(node.snapshot?.retryScale).toBe(1)
    },
  )
})

describe('bases among vantages', () => {
  const version = (base: VantageBase, index: number): VantageBase => ({
    ...base,
    hash: `v${index}`,
    targets: [...base.targets, targetOf(`of-v${index}`)],
  })

  test('one that no isolate names any more is forgotten by all, not brought back by one to the other', async () => {
    const world = await started(THREE)
    await world.node('weur').core.learn(weur, version(world.base, 1))
    const sync = () => world.node('apac').core.sync(vantageId('apac'), { base: 'v1', active: false, wantsProbation: [] })
    for (let minute = 0; minute < 25; minute += 1) {
      await world.run(60_000)
      expect(await sync()).toMatchObject({ kind: 'snapshot' })
    }
    for (const node of world.nodes.values()) expect((await node.core.status(node.name)).bases.map(({ hash }) => hash)).toEqual(['v1'])
  })

  test('six versions at once are not passed round and round', async () => {
    const world = await started(THREE)
    for (let index = 1; index <= 6; index += 1) {
      const name = vantageId(THREE[index % 3] as string)
      await world.node(name).core.learn(name, version(world.base, index))
      await world.run(10)
    }
    await world.run(2000)
    const exchanges = async () => (await world.node('weur').core.status(weur)).counters.exchanges
    const before = await exchanges()
    await world.run(10_000)
    expect((await exchanges()) - before).toBeLessThanOrEqual(30)
    const hashes = async (name: string) => (await world.node(name).core.status(vantageId(name))).bases.map(({ hash }) => hash).toSorted()
    expect(await hashes('wnam')).toEqual(await hashes('weur'))
    expect(await hashes('apac')).toEqual(['v3', 'v4', 'v5', 'v6'])
  })
})

const withSeq = (raw: unknown, seq: number): unknown =>
  typeof raw === 'object' && raw !== null && 'seq' in raw && raw.seq === 1 ? { ...raw, seq } : raw
