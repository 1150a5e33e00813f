/** A gateway's health source on the real runtime, without the gateway: each request pins, records what the query says, and shows what it was given. */
import type { Base } from '../../../config/base.ts'
import { endpointKey, routeId, type VantageId } from '../../../config/ids.ts'
import type { VantageForIsolates } from '../../../config/report.ts'
import { draw, instant } from '../../../config/units.ts'
import type { Evidence } from '../../../worker/policy/evidence.ts'
import type { Platform } from '../../../worker/ports.ts'
import type { ColoStore } from '../../../worker/snapshot/ports.ts'
import { makeHealthSource } from '../../../worker/snapshot/snapshot-source.ts'
import type { HealthSource } from '../../../worker/snapshot-port.ts'

interface Environment {
  readonly BASE: Base
  readonly VANTAGE: { readonly idFromName: (name: string) => unknown; readonly get: (id: unknown) => VantageForIsolates }
  readonly LAST_KNOWN_GOOD: { readonly get: (key: string, type: 'json') => Promise<unknown> }
}

declare const caches: { readonly default: ColoStore }

const made: { source?: HealthSource } = {}

const sourceOf = (environment: Environment): HealthSource => {
  made.source ??= newSource(environment)
  return made.source
}

/** `alone`: of the next version of the gateway, which finds no health in the colo; no vantage answers it, and KV has nothing. */
function newSource({ BASE, VANTAGE, LAST_KNOWN_GOOD }: Environment, alone = false): HealthSource {
  return makeHealthSource({
    base: alone ? { ...BASE, hash: 'next' } : BASE,
    passive: { isEjected: () => true, wantsProbation: () => [] },
    vantage: (vantage: VantageId) => {
      if (alone) throw new Error('no vantage answers')
      return VANTAGE.get(VANTAGE.idFromName(vantage))
    },
    cache: caches.default,
    readKnownGood: () => (alone ? Promise.resolve(null) : LAST_KNOWN_GOOD.get('health', 'json')),
    readEntry: async () => null,
    secret: 'secret of the test',
  })
}

const platformOf = (context: { waitUntil: (work: Promise<unknown>) => void }): Platform => ({
  now: () => instant(Date.now()),
  draw: () => draw(Math.random()),
  uuid: () => crypto.randomUUID(),
  sleep: (length) => new Promise((resolve) => setTimeout(resolve, length)),
  wakeAfter: (length, wake) => {
    const timer = setTimeout(wake, length)
    return () => clearTimeout(timer)
  },
  fetch: (request) => fetch(request),
  defer: (work) => context.waitUntil(work),
})

export default {
  async fetch(request: Request, environment: Environment, context: { waitUntil: (work: Promise<unknown>) => void }): Promise<Response> {
    const platform = platformOf(context)
    // Another isolate of the same colo, as far as it can be had in one.
    const source = new URL(request.url).searchParams.has('alone') ? newSource(environment, true) : sourceOf(environment)
    const from = Date.now()
    const held = await source.pin({ latitude: 48.8, longitude: 2.3 }, platform)
    const waited = Date.now() - from
    const failing = new URL(request.url).searchParams.get('failing')
    if (failing !== null) {
      const outcome = (endpoint: string, result: Evidence['result']): Evidence => ({
        route: routeId('shop'),
        endpoint: endpointKey(endpoint),
        at: platform.now(),
        result,
        phase: result === 'succeeded' ? 'answered' : 'connect',
        network: '192.0.2.0',
        probation: false,
      })
      const evidence = [outcome(failing, 'failed-connect'), outcome(failing, 'failed-connect'), outcome('key-of-steady', 'succeeded')]
      source.record({ requests: 2, attempts: 3, evidence, ejected: true }, platform)
    }
    return Response.json({ waited, ...held, otherwise: [...(held.applied?.endpoints ?? [])] })
  },
}
