/** The Durable Object around `LimiterCore`: gives it the real platform and storage. Its public methods are the RPC. */
import { DurableObject } from 'cloudflare:workers'
import type { LeaseReply, LeaseRequest, LimiterForIsolates } from '../config/lease.ts'
import type { ControlEnvironment } from './environment.ts'
import { LimiterCore } from './limiter-core.ts'
import { controlPlatform } from './platform.ts'
import { openLimiterStorage } from './storage/limiter-storage.ts'
import { databaseOf } from './storage/platform-database.ts'

export class Limiter extends DurableObject<ControlEnvironment> implements LimiterForIsolates {
  readonly #core: LimiterCore

  constructor(context: DurableObjectState, environment: ControlEnvironment) {
    super(context, environment)
    this.#core = new LimiterCore({
      platform: controlPlatform({ setAlarm: (at) => context.storage.setAlarm(at), abort: (why) => context.abort(why) }, environment),
      storage: openLimiterStorage(databaseOf(context.storage)),
    })
  }

  lease(request: LeaseRequest): Promise<LeaseReply> {
    return this.#core.lease(request)
  }

  override alarm(): Promise<void> {
    return this.#core.alarm()
  }
}
