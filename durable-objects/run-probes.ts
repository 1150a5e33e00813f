/**
 * Sends the probes of one vantage: through six connections of its own, and through probers while more endpoints than that do not
 * answer. When an endpoint is due and who probes it is `policy/schedule-probes.ts`'s.
 */
import type { Monitor } from '../config/base.ts'
import type { EndpointKey, VantageId } from '../config/ids.ts'
import { after, type DurationMs, type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import { NEVER_PROBED, type ProbeFold } from './policy/fold-probe.ts'
import type { ProbeResult } from './policy/probe-result.ts'
import { assignProbes, CONNECTIONS_MAX, isDue, nextProbe } from './policy/schedule-probes.ts'
import type { VantagePorts } from './ports.ts'

export interface ProbeSubject {
  readonly monitor: Monitor
  readonly fold: () => ProbeFold
  /** Takes a result; says how the endpoint stands now. */
  readonly take: (result: ProbeResult) => ProbeFold
}

/** What a call to a prober may take beyond the probes' own timeout. */
const PROBER_MARGIN = ms(1000)

export class ProbeRunner {
  readonly #ports: Pick<VantagePorts, 'platform' | 'probers'>
  readonly #planned = new Map<EndpointKey, Instant>()
  readonly #running = new Set<EndpointKey>()
  readonly #waiting: (() => void)[] = []
  #free = CONNECTIONS_MAX
  /** Probes planned before it are sent in this round. */
  #horizon: Instant | undefined

  constructor(ports: Pick<VantagePorts, 'platform' | 'probers'>) {
    this.#ports = ports
  }

  /** Probes everything that falls due within `length`. Ends when all of it is done; the caller need not wait for that. */
  async round(self: VantageId, subjects: ReadonlyMap<EndpointKey, ProbeSubject>, length: DurationMs): Promise<void> {
    const now = this.#ports.platform.now()
    this.#horizon = after(now, length)
    for (const key of this.#planned.keys()) if (!subjects.has(key)) this.#planned.delete(key)
    const silent = [...subjects].flatMap(([key, subject]) => (subject.fold().timedOut ? [key] : []))
    const idle = [...subjects.keys()].filter((key) => !this.#running.has(key))
    const plan = assignProbes(idle, silent)
    const own = plan.own.map((key) => this.#chain(key, subjects.get(key)))
    const handed = plan.handedOver.map((keys, prober) =>
      this.#handOver(
        self,
        prober,
        keys.filter((key) => this.#isDue(key, subjects)),
        subjects,
      ),
    )
    await Promise.all([...own, ...handed])
  }

  #isDue(key: EndpointKey, subjects: ReadonlyMap<EndpointKey, ProbeSubject>): boolean {
    const subject = subjects.get(key)
    return subject !== undefined && isDue(this.#planned.get(key), subject.monitor, this.#horizon ?? this.#ports.platform.now())
  }

  /** One endpoint until the horizon, which a later round may move on. */
  async #chain(key: EndpointKey, subject: ProbeSubject | undefined): Promise<void> {
    if (subject === undefined) return
    const { platform } = this.#ports
    this.#running.add(key)
    try {
      for (;;) {
        const now = platform.now()
        const planned = this.#planned.get(key)
        if (!isDue(planned, subject.monitor, this.#horizon ?? now)) return
        if (planned !== undefined && planned > now && planned - now <= 2 * subject.monitor.interval) await platform.sleep(ms(planned - now))
        await this.#inSlot(async () => this.#take(key, subject, platform.now(), await platform.probe(subject.monitor)))
      }
    } finally {
      this.#running.delete(key)
    }
  }

  async #handOver(
    self: VantageId,
    prober: number,
    keys: readonly EndpointKey[],
    subjects: ReadonlyMap<EndpointKey, ProbeSubject>,
  ): Promise<void> {
    const { platform, probers } = this.#ports
    const chosen = keys.flatMap((key) => subjects.get(key) ?? [])
    if (chosen.length === 0) return
    const startedAt = platform.now()
    for (const key of keys) this.#running.add(key)
    try {
      const timeout = Math.max(...chosen.map((subject) => subject.monitor.timeout))
      const results = await withinTime(
        probers.probe(
          self,
          prober,
          chosen.map((subject) => subject.monitor),
        ),
        ms(timeout + PROBER_MARGIN),
        platform,
      )
      keys.forEach((key, index) => {
        const result = results[index]
        const subject = subjects.get(key)
        if (result !== undefined && subject !== undefined) this.#take(key, subject, startedAt, result)
      })
    } catch {
      // A prober that cannot be reached has seen nothing: no result is no vote against the endpoint.
      for (const key of keys) this.#planned.set(key, after(platform.now(), PROBER_MARGIN))
    } finally {
      for (const key of keys) this.#running.delete(key)
    }
  }

  #take(key: EndpointKey, subject: ProbeSubject, startedAt: Instant, result: ProbeResult): void {
    const { platform } = this.#ports
    const fold = subject.take(result) ?? NEVER_PROBED
    this.#planned.set(key, nextProbe(fold, subject.monitor, { startedAt, now: platform.now() }, platform.draw()))
  }

  async #inSlot(work: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      await work()
    } finally {
      // The slot passes on to whoever waits longest.
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
