/** Puts files again and again and measures until every isolate acts upon them. The process of wrangler is not in it: the bucket's own `put` is what begins. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SpreadRuntime } from './runtime.ts'
import { Traffic } from './traffic.ts'

export interface Figure {
  readonly name: string
  readonly what: string
  readonly puts: number
  /** null: half of them were never in force. */
  readonly medianMs: number | null
  readonly p99Ms: number | null
  readonly must: { readonly medianMs?: number; readonly p99Ms: number }
  readonly ok: boolean
}

/** Longer than anything that is still worth a figure: then it counts as never. */
const GIVE_UP_MS = 20_000
/** Until vantages and isolates know each other, and every endpoint is at its full share. */
const SETTLE_MS = 8_000
const BY = { version: 1, by: 'npm run spread', reason: 'measuring' }
const [EAST, WEST, SOUTH] = ['aws-use1', 'gcp-euw1', 'azure-sea']

/** Not in step with anybody's second. */
const pause = (draw: () => number): Promise<void> => sleep(400 + 1000 * draw())

export async function measureWeights(runtime: SpreadRuntime, puts: number, draw: () => number): Promise<Figure> {
  const times = await withTraffic(runtime, async (traffic) => {
    const found: number[] = []
    for (let count = 0; count < puts; count += 1) {
      const target = count % 2 === 0 ? EAST : WEST
      // One in ten thousand goes on to the others, so that a region that fails on a busy machine is still rescued.
      const weights = Object.fromEntries([EAST, WEST, SOUTH].map((endpoint) => [endpoint, endpoint === target ? 10_000 : 1]))
      await pause(draw)
      const from = performance.now()
      await runtime.put('weights.json', { ...BY, reason: `put ${count}`, pools: { regions: weights } })
      found.push(await traffic.spread(from, (endpoint) => endpoint === target, GIVE_UP_MS))
    }
    return found
  })
  return figure('weights', 'weights.json put → the new split at every isolate', times, { medianMs: 3000, p99Ms: 5000 })
}

/** The file is put and deleted in turn: the first half of the figures is of the one, the second of the other. */
export async function measureEmergency(runtime: SpreadRuntime, puts: number, draw: () => number): Promise<readonly Figure[]> {
  const taken: number[] = []
  const lifted: number[] = []
  await withTraffic(runtime, async (traffic) => {
    for (let count = 0; count < puts; count += 1) {
      await pause(draw)
      let from = performance.now()
      await runtime.put('emergency.json', { ...BY, drain: [WEST, SOUTH] })
      // Drawn by weight: three in a row by chance of the same are still seen as the first.
      taken.push(await lastOf(traffic, from, (endpoint) => endpoint === WEST || endpoint === SOUTH))
      await pause(draw)
      from = performance.now()
      await runtime.remove('emergency.json')
      lifted.push(await traffic.spread(from, (endpoint) => endpoint === WEST || endpoint === SOUTH, GIVE_UP_MS))
    }
  })
  return [
    figure('emergency', 'emergency.json put, the director gone → the last request to what is drained', taken, { p99Ms: 5000 }),
    figure('lifted', 'emergency.json deleted, the director gone → requests to it again at every isolate', lifted, { p99Ms: 3000 }),
  ]
}

/** Two seconds without one are taken for the end: by weight alone nobody is passed over so often. */
const QUIET_MS = 2_000

async function lastOf(traffic: Traffic, from: number, isOld: (endpoint: string) => boolean): Promise<number> {
  let last = from
  while (performance.now() - last < QUIET_MS) {
    if (performance.now() - from > GIVE_UP_MS) return Number.POSITIVE_INFINITY
    await sleep(20)
    last = Math.max(last, traffic.lastSent(isOld))
  }
  return last - from
}

async function withTraffic<T>(runtime: SpreadRuntime, work: (traffic: Traffic) => Promise<T>): Promise<T> {
  const traffic = new Traffic(runtime.urls)
  traffic.begin()
  try {
    await sleep(SETTLE_MS)
    return await work(traffic)
  } finally {
    traffic.end()
  }
}

function figure(name: string, what: string, times: readonly number[], must: Figure['must']): Figure {
  const [medianMs, p99Ms] = [quantile(times, 0.5), quantile(times, 0.99)]
  const ok = p99Ms <= must.p99Ms && (must.medianMs === undefined || medianMs <= must.medianMs)
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
  return { name, what, puts: times.length, medianMs: finite(medianMs), p99Ms: finite(p99Ms), must, ok }
}

/** The nearest rank: of 20 the 99th percentile is the largest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN)
}
