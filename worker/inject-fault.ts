/** Injects the faults of a route: looks at the gate, waits, says so. What is answered instead is for `handle.ts`. */
import { FAULT_HEADER, type Faults } from '../config/faults.ts'
import type { Taken } from './answer-locally.ts'
import type { FaultGate } from './fault-gate.ts'
import { chooseFault, type Fault, hasEnded } from './policy/fault.ts'
import type { Platform } from './ports.ts'

/** What was injected; undefined: nothing. A delay has passed when this returns, or the client has gone. */
export async function injectFault(
  faults: Faults,
  { request, inbound, route }: Taken,
  gate: FaultGate,
  platform: Platform,
): Promise<Fault | undefined> {
  const now = inbound.receivedAt
  if (hasEnded(faults, now)) return undefined
  const token = faults.gated ? request.headers.get(FAULT_HEADER) : null
  const open = !faults.gated || (token !== null && (await gate(token, { host: inbound.host, route: route.id }, now)))
  const fault = chooseFault(faults, open, now, [platform.draw(), platform.draw()])
  if (fault?.delay !== undefined) await platform.sleep(fault.delay, request.signal)
  return fault
}
