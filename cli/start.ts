/** `npm start`: the gateway and three sample regions on this machine, from one command until Ctrl-C. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadGateway } from './load-gateway.ts'
import { banner } from './local/banner.ts'
import { localCertificates } from './local/certificates.ts'
import { followConfig } from './local/follow-config.ts'
import { writeBase, writeGatewayFiles } from './local/gateway-files.ts'
import { isFree } from './local/ports.ts'
import { readRun, removeRun, stateFolder, writeRun } from './local/run-file.ts'
import { SAMPLE_CONFIG, writeSampleConfig } from './local/sample-config.ts'
import { type SampleIngress, startIngress, stopIngress } from './local/sample-ingress.ts'
import { SAMPLE_REGIONS, type SampleRegion } from './local/sample-regions.ts'
import { waitForGateway } from './local/wait-for-gateway.ts'
import { startWrangler, type WranglerDev } from './local/wrangler-dev.ts'
import { paintFor, showDefects } from './show-defects.ts'

const HELP = `Runs the gateway on this machine, with three sample regions in three clouds.

  npm start                                     on http://localhost:8787
  npm start -- --port 8788                      on another port
  npm start -- --config FILE                    your own configuration, without sample regions
  npm start -- --free-ports                     sample regions on any free ports
  npm start -- --verbose                        with all that the local runtime says

Break a region with: npm run region -- aws-use1 refuse
`

interface StartOptions {
  readonly port: number
  /** Absent: the sample configuration with the sample regions. */
  readonly config?: string
  readonly freePorts: boolean
  readonly verbose: boolean
}

/** Whatever has been started, the last first to end. */
const toStop: (() => Promise<void> | void)[] = []
let stopping = false

/** The exit code, or undefined while everything runs. */
/** On Cloudflare a secret; here the one that `npx meridian fault-token` reads. */
const faultKey = (): Readonly<Record<string, string>> => {
  const key = process.env['FAULT_KEY']
  return key === undefined ? {} : { FAULT_KEY: key }
}

async function main(args: readonly string[]): Promise<number | undefined> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    process.stdout.write(options)
    return options === HELP ? 0 : 2
  }
  const began = performance.now()
  const folder = stateFolder()
  const problem = await findProblem(options)
  if (problem !== undefined) return complain(problem)
  const certificates = await localCertificates(join(folder, 'certificates'))
  const ingresses = options.config === undefined ? await startSamples(options, join(folder, 'certificates')) : []
  const config = options.config ?? sampleConfig(options, ingresses, folder)
  const loaded = loadGateway(config, { local: true })
  if (!loaded.ok)
    return complain(
      showDefects(
        loaded.defects.map((one) => ({ ...one, file: shown(config) })),
        paintFor(process.stderr, process.env),
      ),
    )

  const token = randomBytes(24).toString('base64url')
  const files = writeGatewayFiles(join(folder, 'gateway'), { OPERATOR_TOKEN: token, ...faultKey() })
  writeBase(files.base, loaded.base)
  const url = `http://localhost:${options.port}`
  say(`  gateway     ${url}, serving ${shown(config)}`)
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
  if (!(await waitForGateway(`http://127.0.0.1:${options.port}`, wrangler.ended)))
    return stopping ? undefined : gatewayEnded(wrangler, 'no answer')

  writeRun({
    pid: process.pid,
    url,
    token,
    config: shown(config),
    regions: ingresses.map(({ id, cloud, region, ports }) => ({ id, cloud, region, ports })),
  })
  toStop.push(removeRun)
  toStop.push(followConfig({ file: config, shown: shown(config), artefact: files.base, wrangler, say, hash: loaded.base.hash }))
  say(banner({ url, token, ingresses, seconds: (performance.now() - began) / 1000, config: shown(config) }))
  return undefined
}

function readOptions(args: readonly string[]): StartOptions | string {
  let values: { config?: string; port?: string; 'free-ports'?: boolean; verbose?: boolean; help?: boolean }
  try {
    values = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        port: { type: 'string' },
        'free-ports': { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return `${(error as Error).message}\n\n${HELP}`
  }
  if (values.help === true) return HELP
  const port = Number(values.port ?? 8787)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `--port takes a port from 1 to 65535, got "${values.port}"\n\n${HELP}`
  return {
    port,
    freePorts: values['free-ports'] === true,
    verbose: values.verbose === true,
    ...(values.config === undefined ? {} : { config: resolve(process.env['INIT_CWD'] ?? process.cwd(), values.config) }),
  }
}

/** Why it cannot start, found before anything is. */
async function findProblem({ port, config, freePorts }: StartOptions): Promise<string | undefined> {
  const running = readRun()
  if (running.ok)
    return `Meridian runs here already, on ${running.value.url} (process ${running.value.pid}). Stop it first, or start another beside it:
  MERIDIAN_STATE=.meridian/second npm start -- --port ${port + 1} --free-ports`
  if (config !== undefined && !existsSync(config)) return `There is no configuration ${shown(config)}.`
  if (!(await isFree(port))) return `Port ${port} is taken. Choose another: npm start -- --port ${port + 1}`
  if (config !== undefined || freePorts) return undefined
  for (const { id, ports } of SAMPLE_REGIONS)
    for (const [what, taken] of Object.entries(ports))
      if (!(await isFree(taken)))
        return `Port ${taken} is taken, the ${what} port of the sample region ${id}. Let the samples take any free ports: npm start -- --free-ports`
  return undefined
}

async function startSamples({ freePorts }: StartOptions, folder: string): Promise<SampleIngress[]> {
  const wanted = SAMPLE_REGIONS.map(
    (region): SampleRegion => (freePorts ? { ...region, ports: { traffic: 0, ready: 0, control: 0 } } : region),
  )
  const started = await Promise.allSettled(wanted.map((region) => startIngress(region, folder)))
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

function sampleConfig({ freePorts }: StartOptions, ingresses: readonly SampleIngress[], folder: string): string {
  if (!freePorts) return SAMPLE_CONFIG
  const file = join(folder, 'local.yaml')
  writeSampleConfig(SAMPLE_CONFIG, file, ingresses)
  return file
}

const NOISE = /Request\.cf|getaddrinfo|GetAddrInfo|TLS handshake failed|^stack: |sentryErrorContext/

/** What the local runtime says goes to its log; errors are for the terminal too. */
function passOn(line: string, verbose: boolean): void {
  if (verbose || (/ERROR|Uncaught/.test(line) && !NOISE.test(line))) say(`  ${line}`)
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

const shown = (file: string): string => {
  const short = relative(process.env['INIT_CWD'] ?? process.cwd(), file)
  return short.startsWith('..') ? file : short
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
