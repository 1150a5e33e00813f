/** Composition root of the data plane: the only file that knows both the real platform and what is built on it. */
import { env } from 'cloudflare:workers'
import { base } from '../config/generated/base.ts'
import { makeGateway } from './app.ts'
import { newIsolate, passiveHealth } from './isolate.ts'
import { answerStatus, STATUS_PATH, statusDocument } from './operator/status.ts'
import { platformFor, writeLog } from './platform.ts'
import { routesOfHost } from './policy/match-route.ts'
import type { Platform } from './ports.ts'
import { type GatewayBindings, healthPorts, vantageOf } from './snapshot/bindings.ts'
import { makeHealthSource } from './snapshot/snapshot-source.ts'

const bindings = env as unknown as GatewayBindings
const isolate = newIsolate(base)
const serves = (host: string): boolean => routesOfHost(isolate.table, host) !== undefined

const gateway = makeGateway({
  isolate,
  inbound: { settings: base.inbound, serves },
  health: makeHealthSource(healthPorts(bindings, base, passiveHealth(isolate), caches.default)),
  log: writeLog,
})

/** The operators' door stands beside the gateway, on the gateway's own hosts, and is no door at all without a token. */
async function operators(request: Request, platform: Platform): Promise<Response | undefined> {
  const { hostname, pathname } = new URL(request.url)
  if (pathname !== STATUS_PATH || !serves(hostname)) return undefined
  const read = () => statusDocument(base.health.vantages, { vantage: (vantage) => vantageOf(bindings, vantage) }, platform)
  return answerStatus(request, bindings.OPERATOR_TOKEN, read)
}

export default {
  async fetch(request, _env, context) {
    const platform = platformFor(context)
    const answered = request.url.endsWith(STATUS_PATH) ? await operators(request, platform) : undefined
    return answered ?? gateway(request, platform)
  },
} satisfies ExportedHandler
