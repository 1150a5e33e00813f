/**
 * Writes a linked configuration out as `Base`: plain data, every default said, in order of the file. The same configuration
 * always gives the same base, byte for byte.
 */
import type { Base, Endpoint, Pool, ProbeTarget, Route } from './base.ts'
import { canonical, type Digest, HASH_DIGITS } from './canonical.ts'
import { compileAction, compileRouteFilters } from './compile-action.ts'
import { compileAdmission, compileRouteAdmission } from './compile-admission.ts'
import { compileConditions, regexesOf } from './compile-match.ts'
import { compileOperators } from './compile-operators.ts'
import { compileReleases } from './compile-releases.ts'
import { compileLimits, compileSteering } from './compile-steering.ts'
import { COUNTRY_PLACES } from './countries.ts'
import { endpointId, endpointKey, poolId, routeId, vantageId } from './ids.ts'
import type { LinkedEndpoint, LinkedGateway, LinkedPool, LinkedRoute } from './link-gateway.ts'
import { monitorOf } from './merge-monitors.ts'
import type { RouteFile } from './parse-gateway.ts'
import type { RetrySettings, Timeouts } from './resilience.ts'
import { attemptTimeout, idleTimeout, requestTimeout } from './timeouts.ts'

/** The base of a configuration, with its hash. */
export function compileGateway(gateway: LinkedGateway, digest: Digest): Base {
  const targets = new Map<string, ProbeTarget>()
  const pools = gateway.pools.map((pool) => compilePool(pool, gateway.routes, targets, digest))
  const routes = gateway.routes.map(compileRoute)
  const releases = compileReleases(gateway.releases)
  const admission = compileAdmission(gateway, digest)
  const operators = compileOperators(gateway.admission, digest)
  const edgeCertificates = Object.entries(gateway.edge.certificates).map(([binding, { expires }]) => ({ binding, notAfter: expires }))
  const content = {
    format: 1 as const,
    pools,
    routes,
    ...(releases.length === 0 ? {} : { releases }),
    health: { ...gateway.health, vantages: gateway.health.vantages.map(vantageId) },
    targets: [...targets.values()],
    inbound: gateway.inbound,
    replies: gateway.replies,
    ...(pools.some(({ steering }) => steering === 'nearest') ? { countries: COUNTRY_PLACES } : {}),
    matching: gateway.matching,
    ...(admission === undefined ? {} : { admission }),
    ...(routes.some((route) => route.admission?.identity !== undefined) ? { edge: { issuer: gateway.edge.issuer } } : {}),
    ...(edgeCertificates.length === 0 ? {} : { edgeCertificates }),
    ...(operators === undefined ? {} : { operators }),
    regexes: regexesOf(gateway.routes, gateway.admission),
  }
  return { ...content, hash: digest(canonical(content)).slice(0, HASH_DIGITS) }
}

function compilePool(pool: LinkedPool, routes: readonly LinkedRoute[], targets: Map<string, ProbeTarget>, digest: Digest): Pool {
  const endpoints = pool.endpoints.map((endpoint) => {
    const target = compileTarget(pool, endpoint, digest)
    const held = targets.get(target.key)
    // One address in two pools is probed once: for the first, and with what either needs.
    targets.set(target.key, { ...target, ...held })
    return compileEndpoint(endpoint, pool, target)
  })
  const { outlier, retryBudget, slowStart } = pool.file
  const limits = compileLimits(pool, routes)
  const shed = limits === undefined ? {} : { limits }
  return { id: poolId(pool.name), endpoints, ...compileSteering(pool.file), ...shed, outlier, retryBudget, slowStart }
}

function compileTarget(pool: LinkedPool, { name, file }: LinkedEndpoint, digest: Digest): ProbeTarget {
  const monitor = monitorOf(pool.file, file)
  const key = endpointKey(
    digest(canonical({ url: file.url.origin + file.url.base, monitor, clientCertificate: file.clientCertificate })).slice(0, HASH_DIGITS),
  )
  const said = pool.file.steering === 'latency' ? { latency: true as const } : {}
  return { key, id: endpointId(name), pool: poolId(pool.name), cloud: file.cloud, region: file.region, monitor, ...said }
}

function compileEndpoint({ file, coordinates }: LinkedEndpoint, pool: LinkedPool, { id, key }: ProbeTarget): Endpoint {
  const concurrency = file.concurrency ?? pool.file.limits?.endpointConcurrency
  return {
    id,
    key,
    origin: file.url.origin,
    basePath: file.url.base,
    cloud: file.cloud,
    region: file.region,
    ...(file.zone === undefined ? {} : { zone: file.zone }),
    mesh: file.mesh,
    priority: file.priority,
    weight: file.weight,
    ...(file.capacity === undefined ? {} : { capacity: file.capacity }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(coordinates === undefined ? {} : { coordinates }),
    drain: file.drain,
    headers: file.headers,
    ...(file.clientCertificate === undefined ? {} : { clientCertificate: file.clientCertificate }),
  }
}

function compileRoute(route: LinkedRoute): Route {
  const { id, file, home } = route
  const admission = compileRouteAdmission(file)
  return {
    id: routeId(id),
    action: compileAction(route),
    ...compileRouteFilters(file),
    ...compileConditions(file),
    ...(admission === undefined ? {} : { admission }),
    priority: file.priority,
    writes: file.writes,
    ...(home === undefined ? {} : { home: endpointId(home.name) }),
    idempotencyKey: file.idempotencyKey,
    timeouts: compileTimeouts(file.timeouts),
    retry: compileRetry(file.retry),
    ...(file.hedge === undefined ? {} : { hedge: file.hedge }),
    replayMax: file.replayMax,
    bufferUpTo: file.bufferUpTo,
    ...(file.relayWebSockets === undefined ? {} : { relayWebSockets: file.relayWebSockets }),
  }
}

function compileTimeouts(file: RouteFile['timeouts']): Timeouts {
  return { request: requestTimeout(file), attempt: attemptTimeout(file), slow: file.slow, ...idleTimeout(file) }
}

function compileRetry({ on, headers, methods, ...retry }: RouteFile['retry']): RetrySettings {
  return {
    ...retry,
    ...(on === undefined ? {} : { on }),
    ...(headers === undefined ? {} : { headers }),
    ...(methods === undefined ? {} : { methods }),
  }
}
