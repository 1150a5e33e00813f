/** A running sample ingress as its parent sees it: start, break, ask, end. */
import type { ChildProcess } from 'node:child_process'
import { endChild, startChild, waitForMessage } from './child.ts'
import type { ControlState } from './control.ts'
import type { IngressArguments, IngressStarted } from './ingress.ts'
import type { IngressPorts, SampleRegion } from './sample-regions.ts'
import type { SeenRequest } from './seen-requests.ts'

/** Room for Node.js to start on a machine that has much else to do. */
const START_MS = 20_000
const CONTROL_MS = 5_000

export interface SampleIngress extends SampleRegion {
  readonly child: ChildProcess
}

/** Whom it believes: everybody unless it says otherwise. */
export type IngressDemands = Partial<Pick<IngressArguments, 'mtls' | 'edgeToken'>>

/** `folder` keeps the certificates. Ports of 0 become free ones. */
export async function startIngress(region: SampleRegion, folder: string, demands: IngressDemands = {}): Promise<SampleIngress> {
  const child = startChild(new URL('./ingress.ts', import.meta.url), [
    JSON.stringify({ ...region, folder, mtls: false, ...demands } satisfies IngressArguments),
  ])
  try {
    const started = await waitForMessage(child, isStarted, START_MS)
    return { ...region, ports: started.ports, child }
  } catch (error) {
    await endChild(child)
    throw new Error(`the sample ingress ${region.id} did not start: ${(error as Error).message}`)
  }
}

export const stopIngress = (ingress: SampleIngress): Promise<void> => endChild(ingress.child)

/** Sets a fault by its words: `refuse`, `slow 800`, `heal`. */
export const setFault = (ports: Pick<IngressPorts, 'control'>, words: string): Promise<ControlState> =>
  askControl(ports, '/fault', { method: 'POST', body: words })

export const readControl = (ports: Pick<IngressPorts, 'control'>): Promise<ControlState> => askControl(ports, '/')
export const readSeen = (ports: Pick<IngressPorts, 'control'>): Promise<readonly SeenRequest[]> => askControl(ports, '/seen')
export const forgetSeen = (ports: Pick<IngressPorts, 'control'>): Promise<ControlState> => askControl(ports, '/seen', { method: 'DELETE' })

async function askControl<T>(ports: Pick<IngressPorts, 'control'>, path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${ports.control}${path}`, { ...init, signal: AbortSignal.timeout(CONTROL_MS) })
  const body = (await response.json()) as T & { error?: string }
  if (!response.ok) throw new Error(body.error ?? `the ingress answered ${response.status}`)
  return body
}

function isStarted(message: unknown): IngressStarted | undefined {
  return (message as IngressStarted | null)?.kind === 'started' ? (message as IngressStarted) : undefined
}
