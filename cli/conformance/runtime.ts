/**
 * Many gateways in one workerd, each with its own configuration and its own socket, without anything in front: what a test sends arrives
 * byte for byte, its Host among it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Base } from '../../config/base.ts'
import { baseModule } from '../base-module.ts'
import { readCompatibility } from '../bundle-worker.ts'
import { endChild } from '../local/child.ts'
import { BASE_MODULE, bundleGateway } from './bundle.ts'

export interface GatewayToStart {
  readonly id: string
  readonly base: Base
  /** Serve TLS as well. */
  readonly tls: boolean
}

export interface Sockets {
  readonly http: number
  readonly https: number | undefined
}

export interface Runtime {
  readonly socketsOf: (id: string) => Sockets
  /** What workerd said last. */
  readonly log: readonly string[]
  readonly end: () => Promise<void>
}

export interface Certificate {
  readonly key: string
  readonly certificate: string
}

/** A busy machine of two cores compiles some sixty isolates in a few seconds. */
const START_MS = 60_000
const LOG_LINES_MAX = 200

export async function startRuntime(gateways: readonly GatewayToStart[], certificate: Certificate): Promise<Runtime> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-conformance-'))
  writeFileSync(join(folder, 'index.js'), await bundleGateway())
  for (const [index, { base }] of gateways.entries()) {
    writeFileSync(join(folder, `base-${index}.js`), baseModule(base))
  }
  writeFileSync(join(folder, 'key.pem'), certificate.key)
  writeFileSync(join(folder, 'certificate.pem'), certificate.certificate)
  writeFileSync(join(folder, 'config.capnp'), writeConfig(gateways))
  const child = spawn(findWorkerd(), ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => keep(log, chunk))
  // Whoever ends us without asking leaves no runtime behind.
  const drop = (): void => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', drop)
  const end = async (): Promise<void> => {
    await endChild(child)
    process.off('exit', drop)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const ports = await listening(
      child,
      gateways.reduce((sum, { tls }) => sum + (tls ? 2 : 1), 0),
    )
    const numbers = new Map(
      gateways.map(({ id }, index) => [id, { http: ports.get(`http-${index}`) ?? 0, https: ports.get(`https-${index}`) }]),
    )
    return { socketsOf: (id) => numbers.get(id) ?? { http: 0, https: undefined }, log, end }
  } catch (error) {
    await end()
    throw new Error(`workerd did not start: ${(error as Error).message}\n${log.slice(-20).join('\n')}`)
  }
}

/** It comes with miniflare: the one that everything else of a run uses too. */
function findWorkerd(): string {
  const fromMiniflare = createRequire(createRequire(import.meta.url).resolve('miniflare'))
  return (fromMiniflare('workerd') as { readonly default: string }).default
}

function keep(log: string[], chunk: Buffer): void {
  log.push(...chunk.toString().trimEnd().split('\n'))
  if (log.length > LOG_LINES_MAX) log.splice(0, log.length - LOG_LINES_MAX)
}

/** Resolves when workerd has said the port of so many sockets, by name. */
function listening(child: ChildProcess, count: number): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>()
  const control = child.stdio[3] as Readable
  if (count === 0) return Promise.resolve(ports)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${ports.size} of ${count} sockets after ${START_MS} ms`)), START_MS)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      act()
    }
    let rest = ''
    control.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const { event, socket, port } = JSON.parse(line) as { event: string; socket: string; port: number }
        if (event === 'listen') ports.set(socket, port)
      }
      if (ports.size === count) settle(() => resolve(ports))
    })
    child.once('exit', (code) => settle(() => reject(new Error(`it ended with ${code}`))))
    child.once('error', (error) => settle(() => reject(error)))
  })
}

function writeConfig(gateways: readonly GatewayToStart[]): string {
  const { date, flags } = readCompatibility()
  const services = gateways.map(
    (_, index) => `    (name = "gateway-${index}", worker = (
      modules = [(name = "index.js", esModule = embed "index.js"), (name = "${BASE_MODULE}", esModule = embed "base-${index}.js")],
      compatibilityDate = "${date}", compatibilityFlags = [${flags.map((flag) => `"${flag}"`).join(', ')}],
      globalOutbound = "internet", cacheApiOutbound = "nothing")),`,
  )
  const sockets = gateways.flatMap(({ tls }, index) => [
    `    (name = "http-${index}", address = "127.0.0.1:0", http = (), service = "gateway-${index}"),`,
    ...(tls
      ? [
          `    (name = "https-${index}", address = "127.0.0.1:0", service = "gateway-${index}",
      https = (tlsOptions = (keypair = (privateKey = embed "key.pem", certificateChain = embed "certificate.pem")))),`,
        ]
      : []),
  ])
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
    (name = "nothing", network = (allow = [])),
${services.join('\n')}
  ],
  sockets = [
${sockets.join('\n')}
  ],
);
`
}
