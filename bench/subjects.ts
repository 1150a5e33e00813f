/**
 * The Workers that are measured, each in a workerd process of its own, reached without any proxy in front. What is sent to
 * them is the rows' to say.
 */
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare'
import { childrenOf } from './cpu.ts'

export interface Subject {
  readonly port: number
  /** The Host header that leads it to the endpoint. */
  readonly host: string
  readonly pid: number
  readonly stop: () => Promise<void>
}

/** A built Worker: one ES module. */
export interface Bundle {
  readonly name: string
  readonly code: string
  readonly compatibilityFlags: readonly string[]
}

export const COMPATIBILITY_DATE = '2026-11-01'
/** What the gateway's wrangler.toml says; the bare pass-through runs under the same. */
export const GATEWAY_FLAGS = ['nodejs_compat', 'enable_request_signal', 'global_fetch_strictly_public']
const CONTROL_FLAGS = ['nodejs_compat', 'global_fetch_strictly_public']

const common = ({ name, code, compatibilityFlags }: Bundle): V4WorkerOptions => ({
  name,
  modules: [{ type: 'ESModule', path: `${name}.js`, contents: code }],
  compatibilityDate: COMPATIBILITY_DATE,
  compatibilityFlags: [...compatibilityFlags],
  // Miniflare would put a Worker of its own before every outgoing request.
  stripCfConnectingIp: false,
  unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
})

async function start(workers: readonly V4WorkerOptions[], host: string, inspectorPort?: number): Promise<Subject> {
  const before = new Set(childrenOf(process.pid, 'workerd'))
  const options = {
    workers: [...workers] as [V4WorkerOptions, ...V4WorkerOptions[]],
    cf: false,
    ...(inspectorPort === undefined ? {} : { inspectorPort }),
  }
  const miniflare = new Miniflare(convertV4MiniflareOptions(options))
  await miniflare.ready
  const { port } = await miniflare.unsafeGetDirectURL(String(workers[0]?.name))
  const pid = childrenOf(process.pid, 'workerd').find((child) => !before.has(child))
  if (pid === undefined) throw new Error('the workerd process was not found: CPU is read from /proc, which needs Linux')
  return { port: Number(port), host, pid, stop: () => miniflare.dispose() }
}

/** A Worker on its own. */
export function startAlone(bundle: Bundle, host: string): Promise<Subject> {
  return start([common(bundle)], host)
}

/** The gateway beside the control Worker, as both are deployed: health plane on, secrets set. */
export function startGateway(gateway: Bundle, control: Bundle, host: string, inspectorPort?: number): Promise<Subject> {
  const secrets = { SNAPSHOT_KEY: 'measured-snapshot-key-0000000000', OPERATOR_TOKEN: 'measured-operator-token-00000000' }
  const kvNamespaces = { LAST_KNOWN_GOOD: 'last-known-good' }
  const vantage = { className: 'Vantage', useSQLite: true }
  return start(
    [
      { ...common(gateway), bindings: secrets, kvNamespaces, durableObjects: { VANTAGE: { ...vantage, scriptName: control.name } } },
      {
        ...common(control),
        bindings: secrets,
        kvNamespaces,
        durableObjects: { VANTAGE: vantage, PROBER: { className: 'Prober', useSQLite: true } },
      },
    ],
    host,
    inspectorPort,
  )
}

/** One of `workers/` under a name: TypeScript whose types only need stripping. */
export function sourceBundle(name: string, source: 'bare' | 'empty'): Bundle {
  const code = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'workers', `${source}.ts`), 'utf8'))
  return { name, code, compatibilityFlags: GATEWAY_FLAGS }
}
export const controlBundle = (file: string): Bundle => ({
  name: 'meridian-control',
  code: readFileSync(file, 'utf8'),
  compatibilityFlags: CONTROL_FLAGS,
})
export const gatewayBundle = (file: string): Bundle => ({
  name: 'meridian-gateway',
  code: readFileSync(file, 'utf8'),
  compatibilityFlags: GATEWAY_FLAGS,
})
