/** How the monitor of an endpoint comes about: its own fields, else the pool's, else the mesh preset's, else the defaults. */
import type { Monitor } from './base.ts'
import { MESH_READY, PASSED_BY_DEFAULT } from './mesh-presets.ts'
import type { EndpointFile, MonitorFile, PoolFile } from './parse-gateway.ts'
import { type DurationMs, ms } from './units.ts'

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const GRPC_HEALTH = '/grpc.health.v1.Health/Check'
/** For vantages one version back, which ask for the URL alone: they must not call down what they cannot judge. */
const ANSWERS = [[100, 499]] as const

const INTERVAL = ms(1000)
const TIMEOUT = ms(800)

/** The endpoint's fields before the pool's. A place that the endpoint gives replaces one of the other form: `url` against `path` and `port`. */
export function mergeMonitors(ofPool: MonitorFile, own: MonitorFile): MonitorFile {
  const merged = { ...ofPool, ...withoutAbsent(own) }
  if (own.url !== undefined) return { ...merged, path: own.path, port: own.port }
  if (own.path !== undefined || own.port !== undefined) return { ...merged, url: undefined }
  return merged
}

const withoutAbsent = <T extends object>(record: T): Partial<T> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>

/** Interval and timeout with their defaults. */
export function monitorTimes(monitor: MonitorFile): { readonly interval: DurationMs; readonly timeout: DurationMs } {
  return { interval: monitor.interval ?? INTERVAL, timeout: monitor.timeout ?? TIMEOUT }
}

/** The monitor of an endpoint, whole. */
export function monitorOf(pool: PoolFile, endpoint: EndpointFile): Monitor {
  const merged = mergeMonitors(pool.monitor, endpoint.monitor)
  const { url, statuses } = placeOf(merged, endpoint)
  return {
    ...kindOf(merged),
    ...(merged.monitorOnly === true ? { monitorOnly: true as const } : {}),
    url,
    method: merged.method ?? 'GET',
    headers: merged.headers ?? [],
    ...monitorTimes(merged),
    consecutiveUp: merged.consecutiveUp ?? 2,
    consecutiveDown: merged.consecutiveDown ?? 2,
    statuses: merged.statuses ?? statuses,
    ...(merged.body === undefined ? {} : { body: merged.body }),
    ...(merged.kind === 'tls' ? {} : presented(url, endpoint)),
  }
}

function kindOf({ kind = 'http', service = '' }: MonitorFile): Pick<Monitor, 'kind' | 'service'> {
  if (kind === 'http') return {}
  return kind === 'grpc' ? { kind, service } : { kind }
}

/** Another port, or another host, is another server: it is not shown the certificate. */
function presented(url: string, { url: { origin }, clientCertificate }: EndpointFile): Pick<Monitor, 'clientCertificate'> {
  return clientCertificate === undefined || new URL(url).origin !== origin ? {} : { clientCertificate }
}

function placeOf(monitor: MonitorFile, { url: address, mesh }: EndpointFile): Pick<Monitor, 'url' | 'statuses'> {
  const isHttp = (monitor.kind ?? 'http') === 'http'
  if (monitor.url !== undefined) return { url: monitor.url, statuses: isHttp ? PASSED_BY_DEFAULT : ANSWERS }
  const preset = MESH_READY[mesh]
  // Ready places of meshes speak plain HTTP alone.
  const given = monitor.path !== undefined || monitor.port !== undefined || !isHttp
  const port = given ? monitor.port : preset.kind === 'port' ? preset.port : undefined
  const path = given ? (monitor.path ?? (monitor.kind === 'grpc' ? GRPC_HEALTH : '/')) : preset.path
  const ownPort = address.port === '' ? (address.scheme === 'https' ? 443 : 80) : Number(address.port)
  const scheme = monitor.kind === 'tls' ? 'https' : 'http'
  const origin = port === undefined || port === ownPort ? address.origin : `${scheme}://${address.host}:${port}`
  if (!isHttp) return { url: origin + path, statuses: ANSWERS }
  return { url: origin + path, statuses: given ? PASSED_BY_DEFAULT : preset.statuses }
}
