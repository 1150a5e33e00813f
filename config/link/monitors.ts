/** What the monitor of an endpoint must not contradict, once its own fields and its pool's are put together. */
import type { MonitorKind } from '../base.ts'
import type { Path } from '../defect.ts'
import type { DefectCode } from '../defects.ts'
import { showDuration } from '../fields.ts'
import { mergeMonitors, monitorTimes } from '../merge-monitors.ts'
import type { EndpointFile, MonitorFile, PoolFile } from '../parse-gateway.ts'
import { type Findings, isSure, refuse } from './findings.ts'

/** `places`: of the pool and of the endpoint. A defect is put where the value was written. */
export function refuseMonitor(
  { monitor: ofPool }: PoolFile,
  { monitor: own, url: address }: EndpointFile,
  places: readonly [pool: Path, endpoint: Path],
  findings: Findings,
): void {
  const merged = mergeMonitors(ofPool, own)
  const where = (field: keyof MonitorFile): Path => [...places[own[field] === undefined ? 0 : 1], 'monitor', field]
  const complain = ([field, beside]: readonly [keyof MonitorFile, keyof MonitorFile], code: DefectCode, expected: string) => {
    const path = where(field)
    const areSure = places.every((place) => [field, beside].every((one) => isSure([...place, 'monitor', one], findings)))
    // The pool's own contradiction would be found once for each of its endpoints.
    const known = findings.defects.some((one) => one.expected === expected && one.path.join() === path.join())
    if (!known && areSure) refuse(findings, { code, path, expected })
  }
  const { interval, timeout } = monitorTimes(merged)
  if (timeout > interval) complain(['timeout', 'interval'], 'BOUNDS_REVERSED', `at most the interval of ${showDuration(interval)}`)
  if (merged.method === 'HEAD' && merged.body !== undefined)
    complain(['body', 'method'], 'BODY_IMPOSSIBLE', 'nothing beside "method: HEAD", whose answer has no body')
  for (const [field, expected] of beside(merged)) {
    if (merged[field] !== undefined) complain([field, 'kind'], 'FIELD_WITHOUT_EFFECT', expected)
  }
  if (merged.kind === 'websocket' && merged.path === undefined && merged.url === undefined)
    complain(['kind', 'path'], 'FIELD_MISSING', 'a "path" or "url" beside it, where WebSockets are accepted')
  if (merged.kind === 'tls' && !shakesHands(merged, address))
    complain(['kind', 'url'], 'FIELD_WITHOUT_EFFECT', 'another kind, because its URL begins with http://')
  for (const field of ['path', 'port'] as const) {
    if (merged.url !== undefined && merged[field] !== undefined)
      complain([field, 'url'], 'FIELDS_EXCLUSIVE', 'nothing beside "url", which says it all')
  }
}

/** Another port than the endpoint's own is asked over TLS. */
function shakesHands({ url, port }: MonitorFile, address: EndpointFile['url']): boolean {
  if (url !== undefined) return url.startsWith('https:')
  return address.scheme === 'https' || (port !== undefined && String(port) !== (address.port === '' ? '80' : address.port))
}

type Useless = readonly [field: keyof MonitorFile, expected: string]

const ONLY_HTTP = ['method', 'statuses', 'body'] as const
const NO_SERVICE: Useless = ['service', 'no service without "kind: grpc", which asks for it']

const useless = (fields: readonly (keyof MonitorFile)[], kind: MonitorKind, why: string): readonly Useless[] =>
  fields.map((field) => [field, `no ${field} with "kind: ${kind}", which ${why}`])

/** What has no effect with its kind. */
function beside({ kind = 'http' }: MonitorFile): readonly Useless[] {
  switch (kind) {
    case 'http':
      return [NO_SERVICE]
    case 'websocket':
      return [...useless(ONLY_HTTP, kind, 'passes with 101 alone'), NO_SERVICE]
    case 'grpc':
      return [...useless(ONLY_HTTP, kind, 'passes with SERVING alone'), ...useless(['path'], kind, 'has its own')]
    case 'tls':
      return [...useless([...ONLY_HTTP, 'headers', 'path'], kind, 'sends nothing'), NO_SERVICE]
    default:
      return kind satisfies never
  }
}
