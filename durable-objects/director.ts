/** The Durable Object around `DirectorCore`, of which there is one: gives it the real platform, storage and vantages. Its public methods are the RPC. */
import { DurableObject } from 'cloudflare:workers'
import type { AuditEntry, ChangeReply, ChangeRequest, DirectorAnswer, DirectorBase, DirectorForOperators } from '../config/director.ts'
import type { DirectorView, Page, PageRequest, RevisionView } from '../config/director-view.ts'
import { bucketOf } from './bucket.ts'
import { DirectorCore } from './director-core.ts'
import type { DirectorPorts } from './director-ports.ts'
import type { ControlEnvironment } from './environment.ts'
import { controlPlatform, writeLog } from './platform.ts'
import { WeightsReader } from './read-weights.ts'
import { openDirectorStorage } from './storage/director-storage.ts'
import { databaseOf } from './storage/platform-database.ts'

export class Director extends DurableObject<ControlEnvironment> implements DirectorForOperators {
  readonly #core: DirectorCore

  constructor(context: DurableObjectState, environment: ControlEnvironment) {
    super(context, environment)
    const ports = portsOf(context, environment)
    this.#core = new DirectorCore(ports)
    this.#core.addPart((hands) => new WeightsReader(hands, { platform: ports.platform, bucket: bucketOf(environment.OPERATOR_FILES) }))
  }

  change(request: ChangeRequest): Promise<ChangeReply> {
    return this.#core.change(request)
  }

  view(): Promise<DirectorView> {
    return this.#core.view()
  }

  revisions(page: PageRequest): Promise<Page<RevisionView>> {
    return this.#core.revisions(page)
  }

  audit(page: PageRequest): Promise<Page<AuditEntry>> {
    return this.#core.audit(page)
  }

  learn(base: DirectorBase): Promise<void> {
    return this.#core.learn(base)
  }

  exchange(question: unknown): Promise<DirectorAnswer> {
    return this.#core.exchange(question)
  }

  wake(): Promise<void> {
    return this.#core.wake()
  }

  override alarm(): Promise<void> {
    return this.#core.alarm()
  }
}

function portsOf(context: DurableObjectState, environment: ControlEnvironment): DirectorPorts {
  const { VANTAGE } = environment
  const vantage = (name: string) => VANTAGE.get(VANTAGE.idFromName(name), { locationHint: name as DurableObjectLocationHint })
  return {
    platform: controlPlatform({ setAlarm: (at) => context.storage.setAlarm(at), abort: (why) => context.abort(why) }, environment),
    storage: openDirectorStorage(databaseOf(context.storage)),
    vantages: {
      take: (name, overlay) => vantage(name).take(name, overlay),
      held: (name) => vantage(name).held(name),
    },
    alert: (alert) => writeLog(JSON.stringify(alert)),
  }
}
