/** The Durable Object around `VantageCore`: gives it the real platform, storage and peers. Its public methods are the RPC; all else is private. */

import { DurableObject } from 'cloudflare:workers'
import { DIRECTOR_NAME } from '../config/director.ts'
import type { VantageId } from '../config/ids.ts'
import type { KeySetNews } from '../config/key-set.ts'
import { keysDocument, keysSecret, knownKeysLife, knownKeysName } from '../config/known-keys.ts'
import { KNOWN_OVERLAY_KEY, overlayDocument, overlaySecret } from '../config/known-overlay.ts'
import type { InForce, Overlay, OverlayOrder } from '../config/overlay.ts'
import { healthOf, LAST_KNOWN_GOOD_KEY, type LastKnownGood, VANTAGES_KEY } from '../config/parse-snapshot.ts'
import type { AttemptReport, ReportReply, SyncReply, SyncRequest, VantageBase, VantageForIsolates } from '../config/report.ts'
import { writeEntry } from '../config/signed-entry.ts'
import type { VantageStatus } from '../config/status.ts'
import { bucketOf } from './bucket.ts'
import type { ControlEnvironment } from './environment.ts'
import { controlPlatform } from './platform.ts'
import type { PeerMessage } from './policy/vote.ts'
import type { VantagePorts } from './ports.ts'
import { signer } from './sign.ts'
import { databaseOf } from './storage/platform-database.ts'
import { openVantageStorage } from './storage/vantage-storage.ts'
import { VantageCore } from './vantage-core.ts'

/** Seconds after which the platform deletes an entry that nobody renews: then it is too old to be used. */
const KNOWN_GOOD_TTL = 600

export class Vantage extends DurableObject<ControlEnvironment> implements VantageForIsolates {
  readonly #core: VantageCore

  constructor(context: DurableObjectState, environment: ControlEnvironment) {
    super(context, environment)
    this.#core = new VantageCore(portsOf(context, environment))
  }

  learn(self: VantageId, base: VantageBase): Promise<void> {
    return this.#core.learn(self, base)
  }

  sync(self: VantageId, request: SyncRequest): Promise<SyncReply> {
    return this.#core.sync(self, request)
  }

  report(self: VantageId, report: AttemptReport): Promise<ReportReply> {
    return this.#core.report(self, report)
  }

  exchange(self: VantageId, message: unknown): Promise<PeerMessage> {
    return this.#core.exchange(self, message)
  }

  take(self: VantageId, overlay: unknown): Promise<OverlayOrder | undefined> {
    return this.#core.take(self, overlay)
  }

  held(self: VantageId): Promise<Overlay | undefined> {
    return this.#core.held(self)
  }

  wake(self: VantageId): Promise<void> {
    return this.#core.wake(self)
  }

  status(self: VantageId): Promise<VantageStatus> {
    return this.#core.status(self)
  }

  override alarm(): Promise<void> {
    return this.#core.alarm()
  }
}

function portsOf(context: DurableObjectState, environment: ControlEnvironment): VantagePorts {
  const { VANTAGE, PROBER, DIRECTOR, LAST_KNOWN_GOOD, OPERATOR_FILES, SNAPSHOT_KEY } = environment
  const stub = <T extends Rpc.DurableObjectBranded | undefined>(namespace: DurableObjectNamespace<T>, name: string, near: VantageId) =>
    namespace.get(namespace.idFromName(name), { locationHint: near as DurableObjectLocationHint })
  return {
    platform: controlPlatform({ setAlarm: (at) => context.storage.setAlarm(at), abort: (why) => context.abort(why) }, environment),
    storage: openVantageStorage(databaseOf(context.storage)),
    peers: { exchange: (peer, message) => stub(VANTAGE, peer, peer).exchange(peer, message) },
    probers: { probe: (self, prober, monitors) => stub(PROBER, `${self}/${prober}`, self).probe(monitors) },
    bucket: bucketOf(OPERATOR_FILES),
    director: { exchange: (question) => DIRECTOR.get(DIRECTOR.idFromName(DIRECTOR_NAME)).exchange(question) },
    lastKnownGood: {
      write: (snapshot) =>
        LAST_KNOWN_GOOD.put(LAST_KNOWN_GOOD_KEY, JSON.stringify({ format: 1, snapshot: healthOf(snapshot) } satisfies LastKnownGood), {
          expirationTtl: KNOWN_GOOD_TTL,
        }),
      writeKeys: SNAPSHOT_KEY === undefined || SNAPSHOT_KEY === '' ? undefined : keysWriter(LAST_KNOWN_GOOD, SNAPSHOT_KEY),
      writeOverlay: overlayWriter(LAST_KNOWN_GOOD, SNAPSHOT_KEY ?? ''),
      writeVantages: (vantages) => LAST_KNOWN_GOOD.put(VANTAGES_KEY, JSON.stringify(vantages)),
    },
  }
}

function keysWriter(store: KVNamespace, secret: string): (news: KeySetNews) => Promise<void> {
  const sign = signer(keysSecret(secret))
  return async (news) => {
    const life = knownKeysLife(news)
    if (life === undefined) return
    const document = keysDocument([news])
    await store.put(knownKeysName(news.key), writeEntry(await sign(document), document), { expirationTtl: Math.floor(life / 1000) })
  }
}

/** Without the secret it stands there unsigned: what isolates make of that is theirs to say. */
function overlayWriter(store: KVNamespace, secret: string): (inForce: InForce) => Promise<void> {
  const sign = secret === '' ? undefined : signer(overlaySecret(secret))
  return async (inForce) => {
    const document = overlayDocument(inForce)
    await store.put(KNOWN_OVERLAY_KEY, writeEntry((await sign?.(document)) ?? '', document))
  }
}
