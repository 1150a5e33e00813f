/** Writes what is demanded of hosts and routes out as the base holds it. */
import type { AdmissionBase, HostAdmission, RouteAdmission } from './admission.ts'
import type { Digest } from './canonical.ts'
import { compileAuthorization } from './compile-authorization.ts'
import { compileIdentity } from './compile-identity.ts'
import { compileIssuer } from './compile-issuer.ts'
import { compileTrust } from './compile-trust.ts'
import { issuerId, trustId } from './ids.ts'
import type { LinkedGateway } from './link-gateway.ts'
import type { GatewayFile, RouteFile } from './parse-gateway.ts'
import type { RateLimit } from './rate-limit.ts'
import type { RateLimitFile } from './schema/rate-limits.ts'

/** Undefined when nothing is demanded of anybody. */
export function compileAdmission(
  { admission: file, trusts }: Pick<LinkedGateway, 'admission' | 'trusts'>,
  digest: Digest,
): AdmissionBase | undefined {
  if (file.admission.length === 0) return undefined
  return {
    issuers: Object.entries(file.issuers).map(([name, issuer]) => compileIssuer(name, issuer, digest)),
    trusts: Object.entries(file.trusts).map(([name, trust]) => compileTrust(name, trust, trusts.get(name))),
    hosts: file.admission.flatMap(compileHosts),
  }
}

function compileHosts({
  hosts,
  tokens,
  certificates,
  require,
  mode,
  authorization,
  logSubject,
  rateLimits,
}: GatewayFile['admission'][number]): readonly HostAdmission[] {
  const rules = authorization === undefined ? {} : { authorization: compileAuthorization(authorization) }
  return hosts.map((pattern) => ({
    pattern,
    tokens: tokens.map(issuerId),
    certificates: certificates.map(trustId),
    authentication: { require, mode },
    ...rules,
    ...(logSubject ? { logSubject } : {}),
    ...(rateLimits.length === 0 ? {} : { rateLimits: rateLimits.map(compileRateLimit) }),
  }))
}

/** Undefined when a route demands what its hosts do, and tells endpoints nothing. */
export function compileRouteAdmission({ admission, identity }: RouteFile): RouteAdmission | undefined {
  const { require, mode, authorization, rateLimits = [] } = admission ?? {}
  const authentication = { ...(require === undefined ? {} : { require }), ...(mode === undefined ? {} : { mode }) }
  const made = {
    ...(Object.keys(authentication).length === 0 ? {} : { authentication }),
    ...(authorization === undefined ? {} : { authorization: compileAuthorization(authorization) }),
    ...(rateLimits.length === 0 ? {} : { rateLimits: rateLimits.map(compileRateLimit) }),
    ...(identity === undefined ? {} : { identity: compileIdentity(identity) }),
  }
  return Object.keys(made).length === 0 ? undefined : made
}

function compileRateLimit({ name, rate, burst, ...rest }: RateLimitFile): RateLimit {
  return { id: name, ...rate, burst: burst ?? rate.limit, ...rest }
}
