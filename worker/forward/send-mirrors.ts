/** Sends copies of a request to the mirrors of its route, and throws their answers away. Nobody waits for them, and nothing they do is an error. */
import type { Mirror } from '../../config/mirror.ts'
import { between } from '../../config/units.ts'
import { isServed } from '../inbound/path-policy.ts'
import type { Isolate } from '../isolate.ts'
import { beginMirror, chooseMirror, endMirror, type MirroredRequest, type Mirroring, takeLosses } from '../policy/mirror.ts'
import { pickEndpoint } from '../policy/order-endpoints.ts'
import { type Plan, type PlannedTrack, withheldBy } from '../policy/plan.ts'
import { rewrite } from '../policy/rewrite.ts'
import { type RouteState, routeState } from '../policy/route-state.ts'
import { count } from '../policy/track-counts.ts'
import type { Platform } from '../ports.ts'
import { type AttemptFacts, type Outbound, type OutboundRequest, outboundRequest } from './outbound-request.ts'

export interface MirrorParts {
  readonly mirrors: readonly Mirror[]
  readonly plan: Plan
  readonly isolate: Isolate
  readonly log: (line: string) => void
}

/** How many copies are on their way, once the request itself has its answer. */
export function sendMirrors(outbound: Outbound, parts: MirrorParts, platform: Platform): number {
  const { mirroring } = parts.isolate.gateway
  let sent = 0
  for (const mirror of parts.mirrors) if (sendOne(mirror, outbound, parts, platform)) sent += 1
  const now = platform.now()
  const losses = takeLosses(mirroring, now)
  if (losses !== undefined) parts.log(JSON.stringify({ kind: 'mirrors', ...losses }))
  return sent
}

function sendOne(mirror: Mirror, outbound: Outbound, { plan, isolate }: MirrorParts, platform: Platform): boolean {
  const { gateway } = isolate
  const request: MirroredRequest = { safe: plan.safe, body: plan.body, webSocket: outbound.inbound.headers.webSocket }
  const choice = chooseMirror(mirror, request, platform.draw())
  if (choice === 'no') return false
  const now = platform.now()
  const state = routeState(gateway, plan.route.route, mirror.to, now)
  const pick = pickEndpoint({ route: state, health: plan.health }, () => false, now, platform.draw())
  const lease = choice === 'cannot' || pick.kind !== 'picked' ? undefined : beginMirror(gateway.mirroring, now, mirror.timeout)
  if (pick.kind !== 'picked' || choice === 'cannot') gateway.mirroring.dropped += 1
  if (lease === undefined || pick.kind !== 'picked') return false
  const abort = new AbortController()
  const withheld = withheldFrom(mirror, gateway.mirroring, plan.track)
  const copy = copyFor(mirror, outbound, state, { endpoint: pick.candidate.endpoint, abort, withheld })
  if (copy === undefined) {
    endMirror(gateway.mirroring, lease)
    gateway.mirroring.dropped += 1
    return false
  }
  const counter = pick.candidate.counters?.mirrored
  platform.defer(
    run(copy, { mirror, abort }, platform).then((status) => {
      const ended = platform.now()
      endMirror(gateway.mirroring, lease)
      if (status === undefined) gateway.mirroring.failed += 1
      if (counter !== undefined) count(counter, status === undefined || status >= 500, between(now, ended))
    }),
  )
  return true
}

type To = Pick<AttemptFacts, 'endpoint' | 'abort' | 'withheld'>

/** As the route changes requests, without what the mirrored pool's own draw would change. Undefined when the changed path is not served. */
function copyFor(mirror: Mirror, outbound: Outbound, state: RouteState, { endpoint, abort, withheld }: To): OutboundRequest | undefined {
  const { request, inbound, body } = outbound
  const rewritten = state.rewrite === undefined ? undefined : rewrite(state.rewrite, inbound, state.route.paths)
  if (rewritten !== undefined && !isServed(rewritten.path, state.route)) return undefined
  const copy = outboundRequest(
    { request, inbound, body, ...(rewritten === undefined ? {} : { rewritten }) },
    {
      endpoint,
      edits: state.requestEdits,
      attempt: 1,
      probation: false,
      remaining: mirror.timeout,
      abort,
      raw: false,
      withheld,
    },
  )
  copy.outgoing.headers.set('meridian-mirror', '1')
  return copy
}

function withheldFrom(mirror: Mirror, { credentials }: Mirroring, track: PlannedTrack | undefined): readonly string[] | undefined {
  const override = track === undefined ? undefined : withheldBy(track)
  if (mirror.credentials === 'keep') return override
  return override === undefined ? credentials : [...credentials, ...override]
}

/** Its status; undefined when it failed or took too long. */
async function run(
  { url, outgoing, clientCertificate }: OutboundRequest,
  { mirror, abort }: { readonly mirror: Mirror; readonly abort: AbortController },
  platform: Platform,
): Promise<number | undefined> {
  const cancel = platform.wakeAfter(mirror.timeout, () => abort.abort())
  try {
    const response = await platform.fetch(url, outgoing, clientCertificate)
    await response.body?.cancel()
    return response.status
  } catch {
    return undefined
  } finally {
    cancel()
  }
}
