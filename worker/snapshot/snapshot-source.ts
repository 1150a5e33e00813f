/**
 * The `HealthSource` of a deployed gateway: what is held is given at once, everything else happens beside the request. Only a cold
 * isolate waits, a bounded moment, and only while a refresh is under way. Whatever throws, hangs or lies behind the ports, a request
 * goes on with what is held.
 */
import { keySetSources } from '../../config/compile-key-source.ts'
import { type IsolateId, isolateId, type KeySetKey } from '../../config/ids.ts'
import { issuersOf } from '../../config/operators.ts'
import type { EndpointHealth, HealthSnapshot } from '../../config/snapshot.ts'
import { after, type Instant, ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import type { HealthSource, HeldHealth, InboundPlace, KeySets, RequestFacts } from '../snapshot-port.ts'
import { Vantages } from './ask-vantages.ts'
import { ColoCache } from './colo-cache.ts'
import { Held } from './held.ts'
import { KnownOverlay } from './known-overlay.ts'
import type { HealthPorts } from './ports.ts'
import { Refresher } from './refresh.ts'
import { ReportSender } from './send-reports.ts'
import { KeySync } from './sync-keys.ts'

/** Longest that a request waits for a newer snapshot than the old one that is held. */
const COLD_WAIT = ms(50)
/** Longest that it waits for a first one. */
const FIRST_WAIT = ms(100)
/** Between two looks of a waiting request. Promises are not shared between requests: one that ended would leave the others waiting. */
const WAIT_STEP = ms(5)

export function makeHealthSource(ports: HealthPorts): HealthSource & KeySets {
  // Made by the first request: an isolate has neither clock nor dice before it.
  let plane: HealthPlane | undefined
  const of = (platform: Platform): HealthPlane => {
    plane ??= makePlane(ports, platform)
    return plane
  }
  return {
    pin: (place, platform) => pin(of(platform), place, platform),
    record: (facts, platform) => record(of(platform), facts, platform),
    holdsProbation: (endpoint, now) => plane?.refresher.holdsPermit(endpoint, now) ?? false,
    keysOf: (key, now) => plane?.keys.held.keysOf(key, now),
    wantKeys: (key, platform) => wantKeys(of(platform), key, platform),
    takeProbation: (endpoint, now) => plane?.refresher.takePermit(endpoint, now) ?? false,
  }
}

interface HealthPlane {
  readonly held: Held
  readonly vantages: Vantages
  readonly refresher: Refresher
  readonly sender: ReportSender
  readonly keys: KeySync
}

function makePlane(ports: HealthPorts, platform: Platform): HealthPlane {
  const isolate = newIsolateId(platform)
  const held = new Held(ports.base)
  const vantages = new Vantages(ports, isolate)
  const colo = new ColoCache(ports)
  const keys = new KeySync(ports, keySetSources(issuersOf(ports.base)))
  const known = new KnownOverlay(ports, held.inForce)
  const refresher = new Refresher({ ports, isolate, held, vantages, colo, keys, known })
  const refresh = (of: Platform): Promise<void> => refresher.run(of, true)
  const sender = new ReportSender({ ports, isolate, vantages, colo, refresh, disputed: disputes(held) })
  return { held, vantages, refresher, sender, keys }
}

const newIsolateId = (platform: Platform): IsolateId =>
  isolateId(`${platform.draw().toString(36).slice(2)}${platform.draw().toString(36).slice(2)}`)

function pin({ held, vantages, refresher }: HealthPlane, place: InboundPlace, platform: Platform): HeldHealth | Promise<HeldHealth> {
  const now = platform.now()
  refresher.noteRequest(now)
  if (refresher.isDue(now)) {
    vantages.place(place)
    platform.defer(refresher.run(platform))
  }
  if (!refresher.isPromising(now)) return held.view(now)
  const isFirst = held.snapshot === undefined || !held.isCold(now)
  return waitForNews(held, refresher, after(now, isFirst ? FIRST_WAIT : COLD_WAIT), platform)
}

/** What is held once it is not cold any more, the refresh has ended, or `until` has come. */
async function waitForNews(held: Held, refresher: Refresher, until: Instant, platform: Platform): Promise<HeldHealth> {
  for (;;) {
    const now = platform.now()
    if (now >= until || !refresher.isPromising(now)) return held.view(now)
    await platform.sleep(ms(Math.min(WAIT_STEP, until - now)))
  }
}

/** One question to a vantage, beside the request that met the unknown key, which has its answer already. */
function wantKeys({ keys, refresher }: HealthPlane, key: KeySetKey, platform: Platform): void {
  const now = platform.now()
  // While a refresh runs, the next one carries it.
  if (keys.want(key, now) && !refresher.isRunning(now)) platform.defer(refresher.run(platform, true))
}

function record({ sender }: HealthPlane, facts: RequestFacts, platform: Platform): void {
  try {
    sender.record(facts, platform)
  } catch {
    // A report that is lost costs the others a little time; the request has been answered.
  }
}

/** Monitors and traffic disagree somewhere, or may soon: the successes of this isolate are proof. Asked for each request, so that the answer is kept with the snapshot. */
function disputes(held: Held): () => boolean {
  let seen: HealthSnapshot | undefined
  let disputed = false
  return () => {
    if (held.snapshot === seen) return disputed
    seen = held.snapshot
    const endpoints = Object.values<EndpointHealth>(seen?.endpoints ?? {})
    disputed = endpoints.some(({ verdict, local }) => verdict === 'suspect' || (local === 'down' && verdict !== 'down'))
    return disputed
  }
}
