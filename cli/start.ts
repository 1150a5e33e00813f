/** `npm start`: the gateway and three sample regions on this machine, from one command until Ctrl-C. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Base } from '../config/base.ts'
import { KEYS_PATH as EDGE_KEYS_PATH } from '../config/forwarded-identity.ts'
import { loadGateway } from './load-gateway.ts'
import { banner, type TlsBanner } from './local/banner.ts'
import { type LocalCertificates, localCertificates } from './local/certificates.ts'
import { edgeKey } from './local/edge-key.ts'
import { followConfig } from './local/follow-config.ts'
import { type GatewayFiles, writeBase, writeGatewayFiles } from './local/gateway-files.ts'
import { ISSUER_PORTS, type LocalIssuer, startIssuer } from './local/issuer.ts'
import { readAlert } from './local/read-alert.ts'
import { removeRun, stateFolder, writeRun } from './local/run-file.ts'
import { SAMPLE_CONFIG, writeSampleConfig } from './local/sample-config.ts'
import { type SampleIngress, startIngress, stopIngress } from './local/sample-ingress.ts'
import { SAMPLE_REGIONS, type SampleRegion } from './local/sample-regions.ts'
import { findProblem, HELP, readStartOptions, type StartOptions, shown, TLS_PORT } from './local/start-options.ts'
import { startTlsPort } from './local/tls-port.ts'
import { waitForGateway } from './local/wait-for-gateway.ts'
import { startWrangler, type WranglerDev } from './local/wrangler-dev.ts'
import { paintFor, showDefects } from './show-defects.ts'

/** Whatever has been started, the last first to end. */
const toStop: (() => Promise<void> | void)[] = []
let stopping = false

/** On Cloudflare secrets; here those that `npx meridian fault-token` and `release-override` read. */
const signingKeys = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['FAULT_KEY', 'RELEASE_KEY'].flatMap((name) => {
      const key = process.env[name]
      return key === undefined ? [] : [[name, key]]
    }),
  )

/** The exit code, or undefined while everything runs. */
async function main(args: readonly string[]): Promise<number | undefined> {
  const options = readStartOptions(args)
  if (typeof options === 'string') {
    process.stdout.write(options)
    return options === HELP ? 0 : 2
  }
  const began = performance.now()
  const folder = stateFolder()
  const problem = await findProblem(options)
  if (problem !== undefined) return complain(problem)
  const certificates = await localCertificates(certificatesIn(folder))
  const ingresses = options.config === undefined ? await startSamples(options, certificatesIn(folder)) : []
  const issuer = options.config === undefined ? await openIssuer(options, folder) : undefined
  const config = options.config ?? sampleConfig(options, ingresses, issuer, folder)
  const loaded = loadGateway(config, { local: true })
  if (!loaded.ok)
    return complain(
      showDefects(
        loaded.defects.map((one) => ({ ...one, file: shown(config) })),
        paintFor(process.stderr, process.env),
      ),
    )

  const run: Run = { options, folder, config, certificates, ingresses, issuer, base: loaded.base, token: newKey(), connectionKey: newKey() }
  const { files, wrangler } = startGateway(run)
  if (!(await waitForGateway(`http://127.0.0.1:${options.port}`, wrangler.ended)))
    return stopping ? undefined : gatewayEnded(wrangler, 'no answer')
  const tlsUrl = options.mtls ? await openTlsPort(run) : undefined
  announce(run, { tlsUrl, log: shown(wrangler.logFile), seconds: (performance.now() - began) / 1000 })
  toStop.push(followConfig({ file: config, shown: shown(config), files, wrangler, say, hash: loaded.base.hash }))
  return undefined
}

/** What has been decided and started before the gateway. */
interface Run {
  readonly options: StartOptions
  readonly folder: string
  readonly config: string
  readonly certificates: LocalCertificates
  readonly ingresses: readonly SampleIngress[]
  /** Absent with a configuration of the user's own. */
  readonly issuer: LocalIssuer | undefined
  readonly base: Base
  /** Opens the operators' paths. */
  readonly token: string
  readonly connectionKey: string
}

const certificatesIn = (folder: string): string => join(folder, 'certificates')

const newKey = (): string => randomBytes(24).toString('base64url')
const urlOf = ({ options }: Run): string => `http://localhost:${options.port}`

function startGateway(run: Run): { readonly files: GatewayFiles; readonly wrangler: WranglerDev } {
  const { folder, certificates, options } = run
  const vars = { OPERATOR_TOKEN: run.token, LOCAL_CONNECTION_KEY: run.connectionKey, EDGE_SIGNING_KEY: edgeKey(folder), ...signingKeys() }
  const files = writeGatewayFiles(join(folder, 'gateway'), { vars, snapshotKey: newKey(), certificates: certificatesIn(folder) }, run.base)
  writeBase(files.base, run.base)
  say(`  gateway     ${urlOf(run)}, serving ${shown(run.config)}`)
  const wrangler = startWrangler({
    files,
    port: options.port,
    folder,
    authorityFile: certificates.authorityFile,
    ...(process.env['MERIDIAN_STATE'] === undefined ? {} : { persistTo: join(folder, 'state') }),
    onLine: (line) => passOn(line, options.verbose),
  })
  toStop.push(() => wrangler.stop())
  void wrangler.ended.then((how) => void gatewayEnded(wrangler, how))
  return { files, wrangler }
}

interface Announced {
  readonly tlsUrl: string | undefined
  /** A file, as people call it. */
  readonly log: string
  readonly seconds: number
}

/** Leaves word for the other commands, and for whoever looks at the terminal. */
function announce(run: Run, { tlsUrl, log, seconds }: Announced): void {
  const { token, ingresses, issuer, base } = run
  const [url, config] = [urlOf(run), shown(run.config)]
  writeRun({
    pid: process.pid,
    url,
    ...(tlsUrl === undefined ? {} : { tlsUrl }),
    token,
    config,
    ...(issuer === undefined ? {} : { issuer: { url: issuer.url, ports: issuer.ports } }),
    regions: ingresses.map(({ id, cloud, region, ports }) => ({ id, cloud, region, ports })),
  })
  toStop.push(removeRun)
  const vantages = base.health.vantages.length
  const tls = tlsUrl === undefined ? undefined : tlsBanner(tlsUrl, run.certificates)
  say(banner({ url, token, issuer, ingresses, seconds, config, log, vantages, state: process.env['MERIDIAN_STATE'], tls }))
}

function tlsBanner(url: string, { authorityFile, clients }: LocalCertificates): TlsBanner {
  const { ann, stranger, 'ann-expired': expired } = clients
  return { url, authority: shown(authorityFile), clients: { ann: shown(ann), 'ann-expired': shown(expired), stranger: shown(stranger) } }
}

/** Answers its address. */
async function openTlsPort({ options, certificates, connectionKey }: Run): Promise<string> {
  const { port, freePorts } = options
  const tls = await startTlsPort({ ...certificates, port: freePorts ? 0 : TLS_PORT, gatewayPort: port, connectionKey })
  toStop.push(tls.stop)
  return `https://localhost:${tls.port}`
}

/** Paths of the sample configuration whose endpoints are told who sent a request. */
const TOLD_PATHS = ['/private', '/partner']

async function startSamples({ freePorts, mtls, port }: StartOptions, folder: string): Promise<SampleIngress[]> {
  const edgeToken = { keysUrl: `http://127.0.0.1:${port}${EDGE_KEYS_PATH}`, paths: TOLD_PATHS }
  const wanted = SAMPLE_REGIONS.map(
    (region): SampleRegion => (freePorts ? { ...region, ports: { traffic: 0, ready: 0, control: 0 } } : region),
  )
  const started = await Promise.allSettled(wanted.map((region) => startIngress(region, folder, { mtls, edgeToken })))
  const ingresses = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  for (const ingress of ingresses) {
    toStop.push(() => stopIngress(ingress))
    ingress.child.once('exit', (code, signal) => {
      if (!stopping) say(`The sample region ${ingress.id} has ended (${signal ?? `code ${code}`}); the gateway goes on without it.`)
    })
    say(`  ${ingress.id.padEnd(11)} ${ingress.cloud} ${ingress.region}, ${ingress.mesh} ingress on port ${ingress.ports.traffic}`)
  }
  const failed = started.find((each) => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return ingresses
}

async function openIssuer({ freePorts }: StartOptions, folder: string): Promise<LocalIssuer> {
  const issuer = await startIssuer(folder, freePorts ? { traffic: 0, control: 0 } : ISSUER_PORTS)
  toStop.push(issuer.stop)
  say(`  issuer      ${issuer.url}, whose tokens npx meridian token makes`)
  return issuer
}

function sampleConfig(
  { freePorts, mtls }: StartOptions,
  regions: readonly SampleIngress[],
  issuer: LocalIssuer | undefined,
  folder: string,
): string {
  if (!freePorts && !mtls) return SAMPLE_CONFIG
  const file = join(folder, 'local.yaml')
  writeSampleConfig(SAMPLE_CONFIG, file, { regions, mtls, ...(issuer === undefined ? {} : { issuerPort: issuer.ports.traffic }) })
  return file
}

const NOISE = /Request\.cf|getaddrinfo|GetAddrInfo|TLS handshake failed|^stack: |sentryErrorContext/

/** What the local runtime says goes to its log; errors are for the terminal too. */
function passOn(line: string, verbose: boolean): void {
  const told = readAlert(line)
  if (told !== undefined) say(`  ${told}`)
  else if (verbose || (/ERROR|Uncaught/.test(line) && !NOISE.test(line))) say(`  ${line}`)
}

async function gatewayEnded(wrangler: WranglerDev, how: string): Promise<number> {
  if (stopping) return 1
  process.stderr.write(
    `The gateway has ended (${how}). It last said:\n\n${wrangler.lastLines().join('\n')}\n\nThe whole log: ${shown(wrangler.logFile)}\n`,
  )
  await stop(1)
  return 1
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function complain(problem: string): number {
  process.stderr.write(`${problem}\n`)
  return 1
}

/** Ends what was started, in turn, and the process with it. */
async function stop(code: number): Promise<void> {
  if (stopping) return
  stopping = true
  for (const end of toStop.reverse()) await end()
  process.exit(code)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stopping) say('\nStopping.')
    void stop(0)
  })
}

// A defect of ours must not leave the others running.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack}\n`)
  void stop(1)
})

/** npm does not pass its own end on to what it started. */
const starter = process.ppid
const WATCH_STARTER_MS = 1_000
setInterval(() => {
  if (process.ppid !== starter) void stop(0)
}, WATCH_STARTER_MS).unref()

say('Starting Meridian:')
try {
  const code = await main(process.argv.slice(2))
  if (code !== undefined) await stop(code)
} catch (error) {
  if (!stopping) process.stderr.write(`${(error as Error).message}\n`)
  await stop(1)
}
