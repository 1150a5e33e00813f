/** Injects the faults of a route: looks at the gate, waits, says so. What is answered instead is for `handle.ts`. */
import type { Route } from '../config/base.ts'
import { FAULT_HEADER, type Faults } from '../config/faults.ts'
import type { Draw } from '../config/units.ts'
import type { FaultGate } from './fault-gate.ts'
import type { ArrivingRequest, Inbound } from './inbound/read-inbound.ts'
import { chooseFault, type Fault, hasEnded } from './policy/fault.ts'
import type { Platform } from './ports.ts'

/** A request with the route that took it. */
export interface Faulted {
  readonly request: Pick<ArrivingRequest, 'headers'>
  readonly inbound: Inbound
  readonly route: Route
}

/** What is to be injected, if anything. */
export async function decideFault(
  faults: Faults,
  { request, inbound, route }: Faulted,
  gate: FaultGate,
  roll: () => Draw,
): Promise<Fault | undefined> {
  const now = inbound.receivedAt
  if (hasEnded(faults, now)) return undefined
  const token = faults.gated ? request.headers.get(FAULT_HEADER) : null
  const open = !faults.gated || (token !== null && (await gate(token, { host: inbound.host, route: route.id }, now)))
  return chooseFault(faults, open, now, [roll(), roll()])
}

/** What was injected; undefined: nothing. A delay has passed when this returns, or the client has gone. */
export async function injectFault(
  faults: Faults,
  faulted: Faulted & { readonly request: Request },
  gate: FaultGate,
  platform: Platform,
): Promise<Fault | undefined> {
  const fault = await decideFault(faults, faulted, gate, platform.draw)
  if (fault?.delay !== undefined) await platform.sleep(fault.delay, faulted.request.signal)
  return fault
}
