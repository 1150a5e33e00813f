/**
 * L2 and L3: asks vantages, one call at a time, each bounded, each answer checked. Remembers which vantage did not answer, so that the
 * next call goes to another. What to do with an answer is the caller's.
 */
import { keySetSources } from '../../config/compile-key-source.ts'
import { directorBase } from '../../config/director-base.ts'
import type { EndpointKey, IsolateId, VantageId } from '../../config/ids.ts'
import { issuersOf } from '../../config/operators.ts'
import { parseKeySetNews } from '../../config/parse-key-sets.ts'
import { isIncarnation, isRecord, parseSnapshot } from '../../config/parse-snapshot.ts'
import type { AttemptReport, ReportReply, SyncReply, SyncRequest, VantageBase, VantageForIsolates } from '../../config/report.ts'
import { after, type DurationMs, type Instant, ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import type { InboundPlace } from '../snapshot-port.ts'
import { attempt } from './bounded.ts'
import { orderVantages } from './choose-vantage.ts'
import type { HealthPorts } from './ports.ts'

/** Across the world and back, and an object that is starting. */
const CALL_TIMEOUT = ms(1000)
const LEARN_TIMEOUT = ms(2000)
/** A vantage that did not answer is passed over for so long. */
const PASSED_OVER_FOR = ms(30_000)
/** Longest wait and interval that a reply can ask for. */
const WAIT_MAX = 60_000

export class Vantages {
  readonly #ports: Pick<HealthPorts, 'base' | 'vantage'>
  readonly #isolate: IsolateId
  readonly #passedOver = new Map<VantageId, Instant>()
  #order: readonly VantageId[]
  #placed = false

  constructor(ports: Pick<HealthPorts, 'base' | 'vantage'>, isolate: IsolateId) {
    this.#ports = ports
    this.#isolate = isolate
    this.#order = orderVantages(ports.base.health.vantages, undefined, isolate)
  }

  /** The first request that knows where it came from places the isolate for good: isolates do not move. */
  place({ latitude, longitude }: InboundPlace): void {
    if (this.#placed || latitude === undefined || longitude === undefined) return
    this.#placed = true
    this.#order = orderVantages(this.#ports.base.health.vantages, { latitude, longitude }, this.#isolate)
  }

  /** Whom to ask: the nearest that has not failed lately, or the nearest when all have. */
  choose(now: Instant, except?: VantageId): VantageId | undefined {
    const others = this.#order.filter((vantage) => vantage !== except)
    const passedOver = (vantage: VantageId): boolean => {
      const until = this.#passedOver.get(vantage)
      return until !== undefined && now < until && until - now <= PASSED_OVER_FOR
    }
    return others.find((vantage) => !passedOver(vantage)) ?? others[0]
  }

  /** A checked answer, or undefined when there was none. A vantage that does not know the base is taught it first. */
  sync(vantage: VantageId, request: SyncRequest, platform: Platform): Promise<SyncReply | undefined> {
    return this.#call(vantage, (stub) => stub.sync(vantage, request), parseSyncReply, platform)
  }

  report(vantage: VantageId, report: AttemptReport, platform: Platform): Promise<ReportReply | undefined> {
    return this.#call(vantage, (stub) => stub.report(vantage, report), parseReportReply, platform)
  }

  async #call<Reply extends { readonly kind: string }>(
    vantage: VantageId,
    ask: (stub: VantageForIsolates) => Promise<unknown>,
    parse: (raw: unknown) => Reply | undefined,
    platform: Platform,
  ): Promise<Reply | undefined> {
    const once = async () => parse(await attempt(() => ask(this.#ports.vantage(vantage)), CALL_TIMEOUT, platform))
    let reply = await once()
    if (reply?.kind === 'need-base') {
      await attempt(() => this.#ports.vantage(vantage).learn(vantage, vantageBase(this.#ports.base)), LEARN_TIMEOUT, platform)
      reply = await once()
    }
    if (reply === undefined) this.#passedOver.set(vantage, after(platform.now(), PASSED_OVER_FOR))
    else this.#passedOver.delete(vantage)
    return reply
  }
}

function vantageBase(base: HealthPorts['base']): VantageBase {
  const { hash, targets, health, ...demands } = base
  const { vantages, holdDown } = health
  const keySources = keySetSources(issuersOf(demands))
  return { hash, targets, vantages, holdDown, director: directorBase(base), ...(keySources.length === 0 ? {} : { keySources }) }
}

/** A reply of the right shape; anything else is no reply. */
export function parseSyncReply(raw: unknown): SyncReply | undefined {
  if (!isRecord(raw)) return undefined
  if (raw['kind'] === 'need-base') return { kind: 'need-base' }
  if (raw['kind'] === 'busy') return { kind: 'busy', retryAfter: wait(raw['retryAfter']) }
  if (raw['kind'] !== 'same' && raw['kind'] !== 'snapshot') return undefined
  const probation = Array.isArray(raw['probation']) ? raw['probation'].filter((key): key is EndpointKey => typeof key === 'string') : []
  const next = wait(raw['next'])
  const news = parseKeySetNews(raw['keySets'])
  const keySets = news === undefined ? {} : { keySets: news }
  if (raw['kind'] === 'same') return { kind: 'same', next, probation, ...keySets }
  const snapshot = isRecord(raw['snapshot']) && isIncarnation(raw['snapshot']['incarnation']) ? parseSnapshot(raw['snapshot']) : undefined
  return snapshot === undefined ? undefined : { kind: 'snapshot', snapshot, next, probation, ...keySets }
}

function parseReportReply(raw: unknown): ReportReply | undefined {
  if (!isRecord(raw)) return undefined
  if (raw['kind'] === 'taken' || raw['kind'] === 'need-base') return { kind: raw['kind'] }
  return raw['kind'] === 'busy' ? { kind: 'busy', retryAfter: wait(raw['retryAfter']) } : undefined
}

const wait = (raw: unknown): DurationMs => ms(typeof raw === 'number' && raw >= 0 ? Math.min(raw, WAIT_MAX) : 1000)
