/** Composition root of the data plane: the only file that knows both the real platform and what is built on it. */
import { env } from 'cloudflare:workers'
import { KEYS_PATH } from '../config/forwarded-identity.ts'
import { base, chainVerifier } from '../config/generated/base.ts'
import { issuersOf } from '../config/operators.ts'
import { makeGateway, withinBoundary } from './app.ts'
import { faultGate } from './fault-gate.ts'
import type { GatewayRuntime } from './handle.ts'
import { edgeSigner } from './identity/edge-signer.ts'
import { certificateFinder } from './identity/find-certificate.ts'
import { type TokenPorts, tokenFinder } from './identity/find-token.ts'
import { makeIdentify } from './identity/identify.ts'
import { keyRing } from './identity/key-ring.ts'
import { stripping } from './inbound/stripping.ts'
import { newIsolate, passiveHealth } from './isolate.ts'
import { makeLimits } from './limits/ports.ts'
import { makeOperatorsApi, OPERATORS_PREFIX } from './operator/api.ts'
import { HEALTH_PATH } from './operator/edge-health.ts'
import { lacks } from './operator/lacks.ts'
import { platformFor, sendThrough, writeLog } from './platform.ts'
import { shownInForce } from './policy/apply-overlay.ts'
import { routesOfHost } from './policy/match-route.ts'
import { ownHeaders } from './policy/tell-identity.ts'
import { releaseKey } from './recognise-signed.ts'
import { directorOf, type GatewayBindings, healthPorts, vantageOf } from './snapshot/bindings.ts'
import { makeHealthSource } from './snapshot/snapshot-source.ts'

const bindings = env as unknown as GatewayBindings
const isolate = newIsolate(base)
const serves = (host: string): boolean => routesOfHost(isolate.table, host) !== undefined

const { admission } = base

const health = makeHealthSource(healthPorts(bindings, base, passiveHealth(isolate), caches.default))
const tokenPorts: TokenPorts = { keys: keyRing(issuersOf(base), health), regexOf: isolate.table.regexOf }

const runtime: GatewayRuntime = {
  isolate,
  inbound: { settings: base.inbound, serves, strips: stripping(ownHeaders(base.routes)) },
  health,
  identify:
    admission === undefined
      ? undefined
      : makeIdentify(admission, {
          findToken: tokenFinder(admission, tokenPorts),
          findCertificate: certificateFinder(admission, chainVerifier),
        }),
  ...makeLimits(base, bindings),
  edge: base.edge === undefined ? undefined : { issuer: base.edge.issuer, signer: edgeSigner(bindings) },
  faultGate: faultGate(bindings.FAULT_KEY),
  releaseKey: releaseKey(bindings.RELEASE_KEY),
  log: writeLog,
}

const gateway = makeGateway(runtime)

const presents = base.pools.some(({ endpoints }) => endpoints.some(({ clientCertificate }) => clientCertificate !== undefined))
const send = presents ? sendThrough(bindings) : undefined

const operatorsApi = makeOperatorsApi({
  ...tokenPorts,
  settings: base.operators,
  token: bindings.OPERATOR_TOKEN,
  serves,
  runtime,
  pools: base.pools,
  admission,
  edgeCertificates: base.edgeCertificates,
  vantages: base.health.vantages,
  vantage: (vantage) => vantageOf(bindings, vantage),
  problems: () => lacks(base, bindings, runtime.edge?.signer),
  inForce: async (platform) => {
    const { applied } = await health.pin({}, platform)
    return applied === undefined ? undefined : shownInForce(applied, platform.now())
  },
  director: directorOf(bindings),
})
const operators = withinBoundary(operatorsApi, writeLog)

/** Under the operators' prefix, but for the two answers that anybody may have. */
function isForOperators(url: string): boolean {
  if (!url.includes(OPERATORS_PREFIX)) return false
  // Null for a host that is none, which the gateway refuses.
  const pathname = URL.parse(url)?.pathname
  return pathname?.startsWith(OPERATORS_PREFIX) === true && pathname !== HEALTH_PATH && pathname !== KEYS_PATH
}

export default {
  fetch(request, _env, context) {
    const platform = platformFor(context, send)
    return isForOperators(request.url) ? operators(request, platform) : gateway(request, platform)
  },
} satisfies ExportedHandler
