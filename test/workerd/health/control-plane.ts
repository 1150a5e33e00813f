/** Starts the real control Worker, as its wrangler.toml builds it, and real endpoints on loopback to be probed. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestHarness } from 'wrangler'
import type { Monitor, ProbeTarget } from '../../../config/base.ts'
import { DIRECTOR_NAME, type DirectorAnswer, type DirectorForOperators } from '../../../config/director.ts'
import { endpointId, endpointKey, poolId, type VantageId, vantageId } from '../../../config/ids.ts'
import type { VantageBase, VantageForIsolates } from '../../../config/report.ts'
import type { EndpointStatus, VantageStatus } from '../../../config/status.ts'
import { ms } from '../../../config/units.ts'

export const VANTAGES: readonly VantageId[] = ['wnam', 'weur', 'apac'].map(vantageId)
const CONTROL = 'meridian-control'

/** A vantage as tests see it. Every method crosses the real RPC boundary. */
export interface VantageStub extends VantageForIsolates {
  status(self: VantageId): Promise<VantageStatus>
  wake(self: VantageId): Promise<void>
  exchange(self: VantageId, message: unknown): Promise<unknown>
  take(self: VantageId, overlay: unknown): Promise<unknown>
}

/** The director as tests see it. */
export interface DirectorStub extends DirectorForOperators {
  exchange(question: unknown): Promise<DirectorAnswer>
}

interface Namespace<Stub> {
  idFromName(name: string): unknown
  get(id: unknown): Stub
}

interface Environment {
  readonly VANTAGE: Namespace<VantageStub>
  readonly DIRECTOR: Namespace<DirectorStub>
  readonly LAST_KNOWN_GOOD: { get(key: string, type: 'json'): Promise<unknown> }
}

/** `gateway` is a further Worker in front, with its bindings to the control Worker. */
export async function startControlPlane(gateway?: { readonly main: string; readonly vars: Readonly<Record<string, Json>> }) {
  const front = gateway === undefined ? [] : [{ config: gatewayConfig(gateway.main, gateway.vars) }]
  const server = createTestHarness({
    root: new URL('../../../', import.meta.url).pathname,
    workers: [...front, { configPath: 'durable-objects/wrangler.toml' }],
  })
  await server.listen()
  const worker = () => server.getWorker(CONTROL)
  const environment = async () => (await worker().getEnv()) as unknown as Environment
  const stub = async (vantage: VantageId): Promise<VantageStub> => {
    const { VANTAGE } = await environment()
    return VANTAGE.get(VANTAGE.idFromName(vantage))
  }
  return {
    stub,
    director: async (): Promise<DirectorStub> => {
      const { DIRECTOR } = await environment()
      return DIRECTOR.get(DIRECTOR.idFromName(DIRECTOR_NAME))
    },
    directorStorage: () => worker().getDurableObjectStorage('Director', { name: DIRECTOR_NAME }),
    knownGood: async (key: string) => (await environment()).LAST_KNOWN_GOOD.get(key, 'json'),
    /** Copied: what crosses from the runtime dies with it. */
    status: async (vantage: VantageId): Promise<VantageStatus> => JSON.parse(JSON.stringify(await (await stub(vantage)).status(vantage))),
    /** What a deploy does: every object loses its memory and keeps its storage. (One object alone cannot be evicted: it is never idle.) */
    restart: () => server.update((options) => options),
    storage: (vantage: VantageId) => worker().getDurableObjectStorage('Vantage', { name: vantage }),
    watchdog: () => worker().scheduled({ cron: '* * * * *', scheduledTime: new Date() }),
    logs: () => server.getLogs(),
    /** To the Worker in front. */
    fetch: (path: string) => server.fetch(path),
    close: () => server.close(),
  }
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

const gatewayConfig = (main: string, vars: Readonly<Record<string, Json>>) => ({
  name: 'front',
  main,
  compatibility_date: '2026-11-01',
  compatibility_flags: ['nodejs_compat'],
  vars: vars as Record<string, never>,
  durable_objects: { bindings: [{ name: 'VANTAGE', class_name: 'Vantage', script_name: CONTROL }] },
  kv_namespaces: [{ binding: 'LAST_KNOWN_GOOD', id: 'meridian-last-known-good' }],
})

export type ControlPlane = Awaited<ReturnType<typeof startControlPlane>>

/** A ready endpoint on a free port: answers with `status`, or not at all while `hangs`. */
export class ReadyEndpoint {
  status = 200
  hangs = false
  requests = 0
  readonly #server: Server = createServer((_request, response) => {
    this.requests += 1
    if (this.hangs) return
    response.writeHead(this.status).end('ready\n')
  })

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** From now on connections are refused. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

export function targetFor(name: string, port: number, changes: Partial<Monitor> = {}): ProbeTarget {
  const monitor: Monitor = {
    url: `http://127.0.0.1:${port}/ready`,
    method: 'GET',
    headers: [],
    interval: ms(1000),
    timeout: ms(800),
    consecutiveUp: 2,
    consecutiveDown: 2,
    statuses: [[200, 299]],
    ...changes,
  }
  return { key: endpointKey(`key-of-${name}`), id: endpointId(name), pool: poolId('shop'), cloud: 'aws', region: name, monitor }
}

export const baseOf = (hash: string, targets: readonly ProbeTarget[]): VantageBase => ({
  hash,
  targets,
  vantages: VANTAGES,
  holdDown: { base: ms(30_000), factor: 4, max: ms(600_000), memory: ms(600_000) },
})

/** Asks until it holds; returns how many milliseconds that took. Fails after 15 s, showing what was seen last. */
export async function until(plane: ControlPlane, vantage: VantageId, holds: (status: VantageStatus) => boolean): Promise<number> {
  const startedAt = performance.now()
  for (;;) {
    const status = await plane.status(vantage)
    if (holds(status)) return performance.now() - startedAt
    if (performance.now() - startedAt > 15_000) throw new Error(`not in 15 s: ${JSON.stringify(status, undefined, 1)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const endpointOf = (status: VantageStatus, name: string): EndpointStatus | undefined =>
  status.endpoints.find(({ id }) => id === name)
