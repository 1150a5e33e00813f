/** Composition root of the data plane: the only file that knows both the real platform and what is built on it. */
import { base } from '../config/generated/base.ts'
import { makeGateway } from './app.ts'
import { newIsolate } from './isolate.ts'
import { platformFor, writeLog } from './platform.ts'
import { routesOfHost } from './policy/match-route.ts'
import { noHealth } from './snapshot-port.ts'

const isolate = newIsolate(base)

const gateway = makeGateway({
  isolate,
  inbound: { settings: base.inbound, serves: (host) => routesOfHost(isolate.table, host) !== undefined },
  health: noHealth,
  log: writeLog,
})

export default {
  fetch: (request, _env, context) => gateway(request, platformFor(context)),
} satisfies ExportedHandler
