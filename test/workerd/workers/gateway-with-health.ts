/** The gateway on the real runtime with a health source that says what the test tells it: `GET /down/KEY`, `GET /up` on the host `health.test`. */
import { base } from '../../../config/generated/base.ts'
import { endpointKey, vantageId } from '../../../config/ids.ts'
import type { HealthSnapshot } from '../../../config/snapshot.ts'
import { instant, ms, share } from '../../../config/units.ts'
import { makeGateway } from '../../../worker/app.ts'
import { faultGate } from '../../../worker/fault-gate.ts'
import { newIsolate } from '../../../worker/isolate.ts'
import { platformFor, writeLog } from '../../../worker/platform.ts'
import { routesOfHost } from '../../../worker/policy/match-route.ts'
import type { HealthSource, HeldHealth } from '../../../worker/snapshot-port.ts'

let held: HeldHealth = { age: 'none', silent: true }

const down = (key: string): HealthSnapshot => ({
  format: 1,
  vantage: vantageId('weur'),
  incarnation: { createdAt: 1, bootCount: 1 },
  seq: 1,
  endpoints: {
    [endpointKey(key)]: { verdict: 'down', stoodFor: ms(0), local: 'down', routesDown: [], localRoutesDown: [], reasons: [] },
  },
  retryScale: share(1),
})

const health: HealthSource = { pin: () => held, record: () => {}, holdsProbation: () => false, takeProbation: () => false }
const isolate = newIsolate(base)
const serves = (host: string): boolean => routesOfHost(isolate.table, host) !== undefined
const gateway = makeGateway({
  isolate,
  inbound: { settings: base.inbound, serves },
  health,
  faultGate: faultGate(undefined),
  log: writeLog,
})

export default {
  fetch(request, _env, context) {
    const { hostname, pathname } = new URL(request.url)
    if (hostname !== 'health.test') return gateway(request, platformFor(context))
    const [, what, key = ''] = decodeURIComponent(pathname).split('/')
    held =
      what === 'down'
        ? { snapshot: down(key), receivedAt: instant(Date.now()), age: 'fresh', silent: false }
        : { age: 'none', silent: true }
    return Response.json({ open: isolate.sockets.open.size, unread: isolate.sockets.unread })
  },
} satisfies ExportedHandler
