/** Composition root of the data plane: the only file that knows both the real platform and what is built on it. */
import { env } from 'cloudflare:workers'
import { base } from '../config/generated/base.ts'
import { makeGateway } from './app.ts'
import { newIsolate, passiveHealth } from './isolate.ts'
import { makeOperatorsApi, OPERATORS_PREFIX } from './operator/api.ts'
import { platformFor, writeLog } from './platform.ts'
import { routesOfHost } from './policy/match-route.ts'
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

const operators = makeOperatorsApi({
  token: bindings.OPERATOR_TOKEN,
  serves,
  vantages: base.health.vantages,
  vantage: (vantage) => vantageOf(bindings, vantage),
})

export default {
  fetch(request, _env, context) {
    const platform = platformFor(context)
    const isForOperators = request.url.includes(OPERATORS_PREFIX) && new URL(request.url).pathname.startsWith(OPERATORS_PREFIX)
    return isForOperators ? operators(request, platform) : gateway(request, platform)
  },
} satisfies ExportedHandler
