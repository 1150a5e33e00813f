/** A release that ends by itself, all of it real: gateway, three vantages and the director on workerd, and endpoints that fail. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Change } from '../../../config/director.ts'
import type { DirectorView, ReleaseView } from '../../../config/director-view.ts'
import { vantageId } from '../../../config/ids.ts'
import { ms, share } from '../../../config/units.ts'
import { dice, SEED } from '../../seed.ts'
import { httpEndpoint, type TestEndpoint } from '../gateway/endpoints.ts'
import { releasedBase } from '../gateway/released.ts'
import { bundle, COMPATIBILITY, type Running, startWorkers } from '../harness.ts'

const FRONT = `export default {
  async fetch(request, env) {
    const director = env.DIRECTOR.get(env.DIRECTOR.idFromName('director'))
    const { pathname } = new URL(request.url)
    if (pathname === '/-/change') return Response.json(await director.change(await request.json()))
    if (pathname === '/-/view') return Response.json(await director.view())
    return env.GATEWAY.fetch(request)
  },
}`
const roll = dice(SEED)
/** Requests a second; half of the clients have the canary. */
const RATE = 80

let running: Running
let endpoints: TestEndpoint[]
let canaryFails = 0
let served = { stable: 0, canary: 0 }

beforeAll(async () => {
  endpoints = [
    await httpEndpoint((_request, response) => {
      served.stable += 1
      response.end('stable')
    }),
    await httpEndpoint((_request, response) => {
      served.canary += 1
      response.writeHead(roll() < canaryFails ? 500 : 200).end('canary')
    }),
  ]
  const [stable, canary] = endpoints.map(({ origin }) => origin) as [string, string]
  const made = releasedBase({
    stable: [{ id: 'stable-one', origin: stable }],
    canary: [{ id: 'canary-one', origin: canary }],
    release: {
      key: { kind: 'header', name: 'x-user' },
      steps: [{ weight: share(0.5), pause: ms(60_000), approval: false }],
    },
    route: { hosts: ['127.0.0.1'] },
  })
  const base = { ...made, health: { ...made.health, vantages: ['wnam', 'weur', 'apac'].map(vantageId) } }
  const bound = (className: string) => ({ className, scriptName: 'control' })
  running = await startWorkers([
    {
      name: 'front',
      modules: true,
      script: FRONT,
      ...COMPATIBILITY,
      serviceBindings: { GATEWAY: 'gateway' },
      durableObjects: { DIRECTOR: bound('Director') },
    },
    {
      name: 'gateway',
      modules: true,
      script: await bundle('worker/index.ts', base),
      ...COMPATIBILITY,
      durableObjects: { VANTAGE: bound('Vantage'), DIRECTOR: bound('Director') },
      kvNamespaces: { LAST_KNOWN_GOOD: 'known' },
    },
    {
      name: 'control',
      modules: true,
      script: await bundle('durable-objects/index.ts', base),
      ...COMPATIBILITY,
      compatibilityFlags: ['nodejs_compat'],
      durableObjects: Object.fromEntries(
        ['Vantage', 'Prober', 'Director'].map((className) => [className.toUpperCase(), { className, useSQLite: true }]),
      ),
      kvNamespaces: { LAST_KNOWN_GOOD: 'known' },
    },
  ])
})
afterAll(async () => {
  await running?.stop()
  await Promise.all((endpoints ?? []).map((endpoint) => endpoint.stop()))
})

const view = async (): Promise<DirectorView> => (await fetch(`${running.url}/-/view`)).json() as Promise<DirectorView>
const release = async (): Promise<ReleaseView | undefined> => (await view()).releases[0]

async function change(...changes: readonly Change[]): Promise<unknown> {
  const body = JSON.stringify({ changes, by: 'ann', door: 'cli', reason: 'a test' })
  return (await fetch(`${running.url}/-/change`, { method: 'POST', body })).json()
}

/** Sends requests of many clients until it is so; returns the seconds. */
async function untilUnderTraffic(holds: () => Promise<boolean>, limit: number): Promise<number> {
  const from = performance.now()
  let user = 0
  for (;;) {
    const passed = (performance.now() - from) / 1000
    if (passed > limit) throw new Error(`not in ${limit} s: ${JSON.stringify(await view())}`)
    const due = Math.floor(passed * RATE)
    const sends: Promise<unknown>[] = []
    for (; user < due; user += 1)
      sends.push(fetch(`${running.url}/`, { headers: { 'x-user': `user ${user}` } }).then((answer) => answer.arrayBuffer()))
    await Promise.all(sends)
    if (sends.length > 0 && (await holds())) return (performance.now() - from) / 1000
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const START: Change = { kind: 'release', release: 'r' as never, action: 'start' }

test('a canary with 10 % errors is judged and rolled back by itself within a minute', async () => {
  canaryFails = 0.1
  await untilUnderTraffic(async () => (await release()) !== undefined, 10)
  let started: unknown
  await untilUnderTraffic(async () => {
    started = await change(START)
    return (started as { kind: string }).kind === 'done'
  }, 15)
  const took = await untilUnderTraffic(async () => (await release())?.phase === 'rolled-back', 60)
  const judged = await release()
  console.log(`rolled back ${took.toFixed(1)} s after its start: ${judged?.explanation}`)
  expect(judged).toMatchObject({ order: { weight: 0, killed: false } })
  expect(judged?.judgements?.[0]).toMatchObject({ verdict: 'roll-back' })
  // Isolates with traffic hear of it, and from then on nobody gets the canary: half of so many clients had it.
  served = { stable: 0, canary: 0 }
  await untilUnderTraffic(async () => {
    if (served.canary > 0) served = { stable: 0, canary: 0 }
    return served.stable > 80
  }, 8)
  await untilUnderTraffic(async () => served.stable > 160, 5)
  expect(served.canary).toBe(0)
})

test('one that fails everything is taken away by a vantage, and the director writes down why', async () => {
  canaryFails = 1
  expect(await change(START)).toMatchObject({ kind: 'done' })
  const took = await untilUnderTraffic(async () => (await release())?.phase === 'rolled-back', 20)
  const { explanation } = (await release()) ?? {}
  console.log(`taken away ${took.toFixed(1)} s after its start: ${explanation}`)
  expect(explanation).toMatch(/hard limit of 25 %/)
})
