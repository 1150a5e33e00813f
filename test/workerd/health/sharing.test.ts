import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HeldHealth } from '../../../worker/snapshot-port.ts'
import { baseOf, type ControlPlane, endpointOf, ReadyEndpoint, startControlPlane, targetFor, until, VANTAGES } from './control-plane.ts'

const steady = new ReadyEndpoint()
const other = new ReadyEndpoint()
const silent = new ReadyEndpoint()
let plane: ControlPlane
const POOL = { id: 'shop', endpoints: [{ id: 'use1', cloud: 'aws', region: 'us-east-1', weight: 1 }] }

beforeAll(async () => {
  await Promise.all([steady.listen(), other.listen(), silent.listen()])
  silent.hangs = true
  const { hash, targets, vantages, holdDown } = baseOf('shared', [targetFor('steady', steady.port), targetFor('other', other.port)])
  const base = JSON.parse(JSON.stringify({ format: 1, hash, targets, pools: [POOL], health: { vantages, holdDown } }))
  plane = await startControlPlane({ main: 'test/workerd/health/sharing-worker.ts', vars: { BASE: base } })
})

afterAll(async () => {
  await plane?.close()
  await Promise.allSettled([steady.stop(), other.stop(), silent.stop()])
})

type Given = HeldHealth & { readonly waited: number; readonly otherwise: Otherwise }
type Otherwise = readonly (readonly [name: string, { readonly drains: readonly { readonly direction: string }[] }])[]

const reasonsOf = ({ otherwise }: { readonly otherwise: Otherwise }): readonly string[] =>
  otherwise.map(([name, { drains }]) => `${name} ${drains.map(({ direction }) => direction).join(' ')}`)

/** Of an isolate that has just started. */
const alone = () => request('?alone')

const request = async (query = ''): Promise<Given> => (await plane.fetch(`/${query}`)).json() as never
const pause = (length: number) => new Promise((resolve) => setTimeout(resolve, length))

/** Requests each 50 ms until one is given what is wanted; how long that took. */
async function requestUntil(holds: (held: Given) => boolean, query = ''): Promise<number> {
  const from = performance.now()
  for (;;) {
    const held = await request(query)
    if (holds(held)) return performance.now() - from
    if (performance.now() - from > 10_000) throw new Error(`not in 10 s: ${JSON.stringify(held)}`)
    await pause(50)
  }
}

const verdictOf = (held: HeldHealth, name: string) =>
  Object.entries(held.snapshot?.endpoints ?? {}).find(([key]) => key === `key-of-${name}`)?.[1]

describe('an isolate and three vantages on the real runtime', () => {
  test('the first requests teach the base; soon the isolate holds verdicts of the nearest vantage, and waits for nothing', async () => {
    await requestUntil((held) => verdictOf(held, 'steady')?.verdict === 'up')
    const held = await request()
    expect(held).toMatchObject({ age: 'fresh', silent: false, waited: 0, snapshot: { vantage: 'weur' } })
  })

  test('what it reports moves the nearest vantage’s own view, and comes back to it within a second', async () => {
    await request('?failing=key-of-other')
    const took = await requestUntil((held) => verdictOf(held, 'other')?.local === 'down')
    console.info(`reported and back after ${Math.round(took)} ms`)
    expect(took).toBeLessThan(2000)
    expect(verdictOf(await request(), 'other')).toMatchObject({ verdict: 'up', reasons: [expect.objectContaining({ facet: 'traffic' })] })
  })

  test('a down endpoint reaches the isolate within 3 s of the fault', async () => {
    steady.status = 503
    const took = await requestUntil((held) => verdictOf(held, 'steady')?.verdict === 'down')
    console.info(`fault to isolate: ${Math.round(took)} ms`)
    expect(took).toBeLessThan(4000)
  })

  test('an overlay reaches the isolate with the snapshot, and by the colo alone one that starts while nobody answers', async () => {
    const overlay = {
      format: 1,
      order: { epoch: 1_795_000_000_000, revision: 3 },
      weights: {},
      drains: [{ target: { kind: 'region', region: 'us-east-1' }, direction: 'out', over: 0, begun: 0 }],
      releases: {},
    } as const
    const before = await alone()
    expect(before.applied).toBeUndefined()
    for (const vantage of VANTAGES) await (await plane.stub(vantage)).take(vantage, overlay)
    const took = await requestUntil((held) => held.applied?.held?.overlay.order.revision === 3)
    console.info(`vantage to isolate: ${Math.round(took)} ms`)
    expect(took).toBeLessThan(4000)
    expect(reasonsOf(await request())).toEqual(['use1 out'])
    // The entry of the colo is written just after.
    await requestUntil((held) => held.age === 'none' && reasonsOf(held).includes('use1 out'), '?alone')
  })

  test('nine endpoints that hang are probed through probers too, and found down', async () => {
    const targets = Array.from({ length: 9 }, (_, index) =>
      targetFor(`silent-${index}`, silent.port, { url: `http://127.0.0.1:${silent.port}/${index}` } as never),
    )
    const [vantage] = VANTAGES
    if (vantage === undefined) throw new Error('no vantage')
    await (await plane.stub(vantage)).learn(vantage, baseOf('silent', targets))
    await until(plane, vantage, (status) => targets.every(({ id }) => endpointOf(status, id)?.verdict === 'down'))
    const before = (await plane.status(vantage)).counters.probes
    await pause(3000)
    // Six connections alone would manage 7.5 timeouts of 800 ms a second, and none of the answering ones.
    expect((await plane.status(vantage)).counters.probes - before).toBeGreaterThan(18)
  })
})
