/** Six more connections for a vantage: probes what it is told and returns the results. It remembers nothing and decides nothing. */
import { DurableObject } from 'cloudflare:workers'
import type { Monitor } from '../config/base.ts'
import type { ControlEnvironment } from './environment.ts'
import { probe } from './platform.ts'
import type { ProbeResult } from './policy/probe-result.ts'
import { CONNECTIONS_MAX } from './policy/schedule-probes.ts'

export class Prober extends DurableObject<ControlEnvironment> {
  /** One result a monitor, in their order. At most six monitors: further ones would queue behind those that hang. */
  async probe(monitors: readonly Monitor[]): Promise<readonly ProbeResult[]> {
    if (monitors.length > CONNECTIONS_MAX) throw new Error(`a prober takes ${CONNECTIONS_MAX} monitors, not ${monitors.length}`)
    return Promise.all(monitors.map((monitor) => probe(monitor, this.env)))
  }
}
