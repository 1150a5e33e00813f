/** Composition root of the data plane: the only file that knows both the real platform and what is built on it. */
import { env } from 'cloudflare:workers'
import { base, chainVerifier } from '../config/generated/base.ts'
import { makeGateway, withinBoundary } from './app.ts'
import { faultGate } from './fault-gate.ts'
import type { GatewayRuntime } from './handle.ts'
import { certificateFinder } from './identity/find-certificate.ts'
import { tokenFinder } from './identity/find-token.ts'
import { makeIdentify } from './identity/identify.ts'
import { staticKeyRing } from './identity/key-ring.ts'
import { newIsolate, passiveHealth } from './isolate.ts'
import { makeLimitUse } from './limits/limit-use.ts'
import { countsUse, limitPorts } from './limits/ports.ts'
import { makeOperatorsApi, OPERATORS_PREFIX } from './operator/api.ts'
import { HEALTH_PATH } from './operator/edge-health.ts'
import { platformFor, writeLog } from './platform.ts'
import { routesOfHost } from './policy/match-route.ts'
import { type GatewayBindings, healthPorts, vantageOf } from './snapshot/bindings.ts'
import { makeHealthSource } from './snapshot/snapshot-source.ts'

const bindings = env as unknown as GatewayBindings
const isolate = newIsolate(base)
const serves = (host: string): boolean => routesOfHost(isolate.table, host) !== undefined

const { admission } = base

const runtime: GatewayRuntime = {
  isolate,
  inbound: { settings: base.inbound, serves },
  health: makeHealthSource(healthPorts(bindings, base, passiveHealth(isolate), caches.default)),
  identify:
    admission === undefined
      ? undefined
      : makeIdentify(admission, {
          findToken: tokenFinder(admission, { keys: staticKeyRing(admission.issuers), regexOf: isolate.table.regexOf }),
          findCertificate: certificateFinder(admission, chainVerifier),
        }),
  limitUse: countsUse(base) ? makeLimitUse(limitPorts(bindings)) : undefined,
  faultGate: faultGate(bindings.FAULT_KEY),
  log: writeLog,
}

const gateway = makeGateway(runtime)

const operatorsApi = makeOperatorsApi({
  token: bindings.OPERATOR_TOKEN,
  serves,
  runtime,
  pools: base.pools,
  vantages: base.health.vantages,
  vantage: (vantage) => vantageOf(bindings, vantage),
})
const operators = withinBoundary(operatorsApi, writeLog)

/** Under the operators' prefix, but for the one answer that anybody may have. */
function isForOperators(url: string): boolean {
  if (!url.includes(OPERATORS_PREFIX)) return false
  // Null for a host that is none, which the gateway refuses.
  const pathname = URL.parse(url)?.pathname
  return pathname?.startsWith(OPERATORS_PREFIX) === true && pathname !== HEALTH_PATH
}

export default {
  fetch(request, _env, context) {
    const platform = platformFor(context)
    return isForOperators(request.url) ? operators(request, platform) : gateway(request, platform)
  },
} satisfies ExportedHandler
