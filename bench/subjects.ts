/**
 * The Workers that are measured, each on a plain workerd of its own: no proxy in front, none behind, as miniflare and wrangler
 * would put them. What is sent to them is the rows' to say.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

export interface Subject {
  readonly port: number
  /** The Host header that leads it to the endpoint. */
  readonly host: string
  readonly pid: number
  /** Where V8's inspector listens. */
  readonly inspectorPort: number
  readonly stop: () => Promise<void>
}

/** What the Workers' wrangler.toml say; the bare pass-through runs under the gateway's. */
const COMPATIBILITY_DATE = '2026-11-01'
const GATEWAY_FLAGS = ['nodejs_compat', 'enable_request_signal', 'global_fetch_strictly_public']
const CONTROL_FLAGS = ['nodejs_compat', 'global_fetch_strictly_public']

/** Longest wait for a process to listen. */
const START_MS_MAX = 20_000

/** The JavaScript of a Worker of ours that is measured against: TypeScript whose types only need stripping. */
export function workerSource(name: 'bare' | 'empty' | 'store'): string {
  return stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'workers', `${name}.ts`), 'utf8'))
}

/** A Worker as Cap'n Proto text; its module is the file of the same name. */
function worker(name: string, flags: readonly string[], rest = ''): string {
  const list = flags.map((flag) => `"${flag}"`).join(', ')
  return `(name = "${name}", worker = (modules = [(name = "${name}.js", esModule = embed "${name}.js")],
    compatibilityDate = "${COMPATIBILITY_DATE}", compatibilityFlags = [${list}], globalOutbound = "loopback", ${rest}))`
}

/** Endpoints are on loopback, which a Worker reaches only where it is allowed to. */
const LOOPBACK = '(name = "loopback", network = (allow = ["private"]))'

/** A Worker on its own. */
export function startAlone(name: string, code: string, host: string): Promise<Subject> {
  return start({ [name]: code }, [LOOPBACK, worker(name, GATEWAY_FLAGS)], name, host)
}

/** The gateway beside the control Worker, with the bindings of their wrangler.toml: health plane on, secrets set. */
export function startGateway(gateway: string, control: string, host: string): Promise<Subject> {
  const both = `(name = "LAST_KNOWN_GOOD", kvNamespace = (name = "store", entrypoint = "kv")),
    (name = "SNAPSHOT_KEY", text = "measured-snapshot-key-0000000000"), (name = "OPERATOR_TOKEN", text = "measured-operator-token-00000000")`
  const vantage = '(name = "VANTAGE", durableObjectNamespace = (className = "Vantage", serviceName = "meridian-control"))'
  const prober = '(name = "PROBER", durableObjectNamespace = (className = "Prober", serviceName = "meridian-control"))'
  const cache = 'cacheApiOutbound = "store"'
  const objects = `durableObjectNamespaces = [(className = "Vantage", uniqueKey = "vantage", enableSql = true),
    (className = "Prober", uniqueKey = "prober", enableSql = true)], durableObjectStorage = (localDisk = "disk")`
  const services = [
    LOOPBACK,
    '(name = "disk", disk = (path = "objects", writable = true))',
    worker('store', []),
    worker('meridian-gateway', GATEWAY_FLAGS, `${cache}, bindings = [${both}, ${vantage}]`),
    worker('meridian-control', CONTROL_FLAGS, `${cache}, ${objects}, bindings = [${both}, ${vantage}, ${prober}]`),
  ]
  const code = { store: workerSource('store'), 'meridian-gateway': gateway, 'meridian-control': control }
  return start(code, services, 'meridian-gateway', host)
}

async function start(modules: Readonly<Record<string, string>>, services: readonly string[], main: string, host: string): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-bench-'))
  for (const [name, code] of Object.entries(modules)) writeFileSync(join(folder, `${name}.js`), code)
  mkdirSync(join(folder, 'objects'))
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [${services.join(',\n')}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "${main}")]);`
  writeFileSync(join(folder, 'config.capnp'), config)
  const binary = (createRequire(import.meta.url)('workerd') as { default: string }).default
  const flags = ['serve', '--experimental', '--control-fd=3', '--inspector-addr=127.0.0.1:0', 'config.capnp']
  const child = spawn(binary, flags, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const stop = async (): Promise<void> => {
    const gone = new Promise((ended) => child.once('exit', ended))
    if (child.exitCode === null && child.kill()) await gone
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const ports = await listening(child)
    if (child.pid === undefined) throw new Error('workerd has no process id')
    return { ...ports, host, pid: child.pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Waits until workerd says on its control channel where it listens. */
function listening(child: ChildProcess): Promise<{ port: number; inspectorPort: number }> {
  return new Promise((ready, failed) => {
    const ports = { port: 0, inspectorPort: 0 }
    let [said, complaint] = ['', '']
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2_000)
    })
    const control = child.stdio[3] as Readable
    control.setEncoding('utf8').on('data', (text: string) => {
      said += text
      for (const line of said.split('\n').slice(0, -1)) {
        const { event, port } = JSON.parse(line) as { event: string; port: number }
        if (event === 'listen') ports.port = port
        if (event === 'listen-inspector') ports.inspectorPort = port
      }
      said = said.slice(said.lastIndexOf('\n') + 1)
      if (ports.port > 0 && ports.inspectorPort > 0) ready(ports)
    })
    child.once('exit', () => failed(new Error(`workerd did not start: ${complaint}`)))
    setTimeout(() => failed(new Error(`workerd did not listen within ${START_MS_MAX} ms: ${complaint}`)), START_MS_MAX).unref()
  })
}
