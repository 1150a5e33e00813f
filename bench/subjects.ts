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
import { MEASURED_EDGE_KEY } from './tokens.ts'

export interface Subject {
  readonly port: number
  /** The Host header that leads it to the endpoint. */
  readonly host: string
  readonly pid: number
  /** Where V8's inspector listens. */
  readonly inspectorPort: number
  readonly stop: () => Promise<void>
}

/** When and how a Worker behaves, as its wrangler.toml says. */
export interface Compatibility {
  readonly date: string
  readonly flags: readonly string[]
}

/** Of a wrangler.toml; the bare pass-through runs under the gateway's. */
export function compatibilityOf(toml: string): Compatibility {
  const date = /^compatibility_date = "(.+)"$/m.exec(toml)?.[1]
  const flags = /^compatibility_flags = \[(.*)\]$/m.exec(toml)?.[1]
  if (date === undefined || flags === undefined) throw new Error('a wrangler.toml without compatibility_date or compatibility_flags')
  return { date, flags: [...flags.matchAll(/"([^"]+)"/g)].map(([, flag = '']) => flag) }
}

const GATEWAY = compatibilityOf(readFileSync('wrangler.toml', 'utf8'))
const CONTROL = compatibilityOf(readFileSync('durable-objects/wrangler.toml', 'utf8'))

/** Of a measured gateway. */
export const OPERATOR_TOKEN = 'measured-operator-token-00000000'

/** Longest wait for a process to listen. */
const START_MS_MAX = 20_000

/** The JavaScript of a Worker of ours that is measured against: TypeScript whose types only need stripping. */
export function workerSource(name: 'bare' | 'signing' | 'verifying' | 'empty' | 'store' | 'near-vantage' | 'far-vantage'): string {
  return stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'workers', `${name}.ts`), 'utf8'))
}

/** A Worker as Cap'n Proto text; its module is the file of the same name. */
function worker(name: string, { date, flags }: Compatibility, rest = ''): string {
  const list = flags.map((flag) => `"${flag}"`).join(', ')
  return `(name = "${name}", worker = (modules = [(name = "${name}.js", esModule = embed "${name}.js")],
    compatibilityDate = "${date}", compatibilityFlags = [${list}], globalOutbound = "loopback", ${rest}))`
}

/** Endpoints are on loopback, which a Worker reaches only where it is allowed to. */
const LOOPBACK = '(name = "loopback", network = (allow = ["private"]))'

/** A Worker on its own. */
export function startAlone(name: string, code: string, host: string): Promise<Subject> {
  return start({ [name]: code }, [LOOPBACK, worker(name, GATEWAY)], name, host)
}

/**
 * The gateway with the bindings of its wrangler.toml, health plane on, secrets set. The control Worker runs in a process of its own, as
 * its objects run on other machines: what they spend is not the request's.
 */
export async function startGateway(gateway: string, control: string, host: string, compatibility = GATEWAY): Promise<Subject> {
  const far = await startControl(control)
  try {
    const near = await startNear(gateway, far.port, host, compatibility)
    return { ...near, stop: async () => void (await Promise.all([near.stop(), far.stop()])) }
  } catch (error) {
    await far.stop()
    throw error
  }
}

const KNOWN_GOOD = '(name = "LAST_KNOWN_GOOD", kvNamespace = (name = "store", entrypoint = "kv"))'
const VANTAGE = '(name = "VANTAGE", durableObjectNamespace = (className = "Vantage", serviceName = "meridian-control"))'

function startNear(gateway: string, farPort: number, host: string, compatibility: Compatibility): Promise<Subject> {
  const secrets = `(name = "SNAPSHOT_KEY", text = "measured-snapshot-key-0000000000"), (name = "OPERATOR_TOKEN", text = "${OPERATOR_TOKEN}"),
    (name = "EDGE_SIGNING_KEY", text = ${JSON.stringify(MEASURED_EDGE_KEY)})`
  const objects = 'durableObjectNamespaces = [(className = "Vantage", uniqueKey = "vantage")], durableObjectStorage = (inMemory = void)'
  const services = [
    LOOPBACK,
    worker('store', { ...GATEWAY, flags: [] }),
    worker('meridian-gateway', compatibility, `cacheApiOutbound = "store", bindings = [${KNOWN_GOOD}, ${secrets}, ${VANTAGE}]`),
    worker('meridian-control', CONTROL, `${objects}, bindings = [(name = "FAR", text = "http://127.0.0.1:${farPort}/")]`),
  ]
  const code = { store: workerSource('store'), 'meridian-gateway': gateway, 'meridian-control': workerSource('near-vantage') }
  return start(code, services, 'meridian-gateway', host)
}

function startControl(control: string): Promise<Subject> {
  const prober = '(name = "PROBER", durableObjectNamespace = (className = "Prober", serviceName = "meridian-control"))'
  const objects = `durableObjectNamespaces = [(className = "Vantage", uniqueKey = "vantage", enableSql = true),
    (className = "Prober", uniqueKey = "prober", enableSql = true)], durableObjectStorage = (localDisk = "disk")`
  const services = [
    LOOPBACK,
    '(name = "disk", disk = (path = "objects", writable = true))',
    worker('store', { ...GATEWAY, flags: [] }),
    worker('meridian-control', CONTROL, `${objects}, bindings = [${KNOWN_GOOD}, ${VANTAGE}, ${prober}]`),
    worker('far-vantage', CONTROL, `bindings = [${VANTAGE}]`),
  ]
  const code = { store: workerSource('store'), 'meridian-control': control, 'far-vantage': workerSource('far-vantage') }
  return start(code, services, 'far-vantage', 'far')
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
  // However the measurement ends, nothing stays behind.
  const abandon = (): void => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', abandon)
  const stop = async (): Promise<void> => {
    process.off('exit', abandon)
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
