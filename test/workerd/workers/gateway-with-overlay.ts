/** The gateway on the real runtime with an overlay that the test puts: `PUT /` on the host `overlay.test`; `GET /` answers what tracks have counted. */
import { env } from 'cloudflare:workers'
import { base } from '../../../config/generated/base.ts'
import type { Overlay } from '../../../config/overlay.ts'
import { instant } from '../../../config/units.ts'
import { makeGateway } from '../../../worker/app.ts'
import { faultGate } from '../../../worker/fault-gate.ts'
import { newIsolate, passiveHealth } from '../../../worker/isolate.ts'
import { platformFor, writeLog } from '../../../worker/platform.ts'
import { applyOverlay } from '../../../worker/policy/apply-overlay.ts'
import { routesOfHost } from '../../../worker/policy/match-route.ts'
import { releaseKey } from '../../../worker/recognise-signed.ts'
import type { HealthSource, HeldHealth } from '../../../worker/snapshot-port.ts'

let held: HeldHealth = { age: 'none', silent: true }

const health: HealthSource = { pin: () => held, record: () => {}, holdsProbation: () => false, takeProbation: () => false }
const isolate = newIsolate(base)
const serves = (host: string): boolean => routesOfHost(isolate.table, host) !== undefined
const gateway = makeGateway({
  isolate,
  inbound: { settings: base.inbound, serves },
  health,
  faultGate: faultGate(undefined),
  releaseKey: releaseKey((env as { readonly RELEASE_KEY?: string }).RELEASE_KEY),
  log: writeLog,
})

export default {
  async fetch(request, _env, context) {
    if (new URL(request.url).hostname !== 'overlay.test') return gateway(request, platformFor(context))
    if (request.method === 'GET') return Response.json(passiveHealth(isolate).takeTracks?.() ?? [])
    const overlay = (await request.json()) as Overlay | null
    const applied = overlay === null ? undefined : applyOverlay(base, { overlay, at: instant(Date.now()) }, [])
    held = applied === undefined ? { age: 'none', silent: true } : { age: 'none', silent: true, applied }
    return new Response('taken')
  },
} satisfies ExportedHandler
