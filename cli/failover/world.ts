/**
 * The real thing on free ports, without the proxy that `wrangler dev` puts in front: the bundles that would be deployed, on workerd, with SQLite
 * objects and KV; sample ingresses as processes of their own.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Base } from '../../config/base.ts'
import { loadGateway } from '../load-gateway.ts'
import { localCertificates } from '../local/certificates.ts'
import { type GatewayFiles, writeBase, writeGatewayFiles } from '../local/gateway-files.ts'
import { PROJECT } from '../local/run-file.ts'
import { writeSampleConfig } from '../local/sample-config.ts'
import { type SampleIngress, startIngress, stopIngress } from '../local/sample-ingress.ts'
import { SAMPLE_REGIONS } from '../local/sample-regions.ts'
import { PLAIN, showDefects } from '../show-defects.ts'
import type { GatewayRuntime } from './gateway-runtime.ts'
import type { Mutation } from './mutations.ts'

const CONFIG = join(PROJECT, 'cli/failover/gateway.yaml')
/** Tells nothing to anybody else: every run makes its own. */
const TOKEN = 'of-this-run-only'

export interface Timing {
  /** Instead of the defaults, for the short form. */
  readonly holdDownMs?: number
  readonly slowStartMs?: number
}

/** What all rows share: ingresses, certificates, and the bundle of the control Worker. */
export interface World {
  readonly ingresses: readonly SampleIngress[]
  readonly folder: string
  readonly files: GatewayFiles
  readonly base: Base
  readonly end: () => Promise<void>
}

/** A gateway of one row, new, with empty objects and stores. */
export interface Gateway extends GatewayRuntime {
  readonly token: string
}

export async function startWorld(timing: Timing): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-failover-'))
  const certificates = await localCertificates(join(folder, 'certificates'))
  process.env['NODE_EXTRA_CA_CERTS'] = certificates.authorityFile
  const ingresses: SampleIngress[] = []
  const end = async (): Promise<void> => {
    await Promise.all(ingresses.map(stopIngress))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const region of SAMPLE_REGIONS)
      ingresses.push(await startIngress({ ...region, ports: { traffic: 0, ready: 0, control: 0 } }, join(folder, 'certificates')))
    const config = join(folder, 'gateway.yaml')
    writeSampleConfig(CONFIG, config, { regions: ingresses })
    const base = retime(compile(config), timing)
    const files = writeGatewayFiles(
      join(folder, 'gateway'),
      { vars: { OPERATOR_TOKEN: TOKEN }, snapshotKey: 'of one run', certificates: join(folder, 'certificates') },
      base,
    )
    writeBase(files.base, base)
    await bundle(files.configs[1], join(folder, 'control'))
    return { ingresses, folder, files, base, end }
  } catch (error) {
    await end()
    throw error
  }
}

/** Bundles the gateway with the base of the world, changed by the mutation. Returns the folder of the bundle. */
export async function bundleGateway(world: World, mutation: Mutation | undefined): Promise<string> {
  const out = join(world.folder, `gateway-bundle`)
  writeBase(world.files.base, mutation?.base(world.base) ?? world.base)
  await bundle(world.files.configs[0], out)
  return out
}

/** Starts the gateway of a row. The runtime reads `NODE_EXTRA_CA_CERTS` when its module is loaded, so that is not before a world is there. */
export async function startGateway(world: World, bundled: string, healthPlane: 'reachable' | 'unreachable'): Promise<Gateway> {
  const { startRuntime } = await import('./gateway-runtime.ts')
  const bundles = readBundles(world, bundled)
  return { ...(await startRuntime({ configs: world.files.configs, bundles, healthPlane })), token: TOKEN }
}

/** The gateway as it was bundled, and the control Worker. */
export const readBundles = (world: World, bundled: string): { readonly gateway: string; readonly control: string } => ({
  gateway: readBundle(bundled),
  control: readBundle(join(world.folder, 'control')),
})

export const readBundle = (folder: string): string => readFileSync(join(folder, 'index.js'), 'utf8')

export function compile(config: string): Base {
  const loaded = loadGateway(config, { local: true })
  if (!loaded.ok) throw new Error(showDefects(loaded.defects, PLAIN))
  return loaded.base
}

function retime(base: Base, { holdDownMs, slowStartMs }: Timing): Base {
  const holdDown =
    holdDownMs === undefined ? base.health.holdDown : { ...base.health.holdDown, base: holdDownMs as typeof base.health.holdDown.base }
  const pools = base.pools.map((pool) => (slowStartMs === undefined ? pool : { ...pool, slowStart: slowStartMs as typeof pool.slowStart }))
  return { ...base, pools, health: { ...base.health, holdDown } }
}

/** What `wrangler deploy` would send. */
export function bundle(config: string, out: string): Promise<void> {
  mkdirSync(out, { recursive: true })
  const wrangler = join(PROJECT, 'node_modules/wrangler/wrangler-dist/cli.js')
  const child = spawn(process.execPath, ['--no-warnings', wrangler, 'deploy', '--dry-run', '-c', config, '--outdir', out], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: join(out, 'logs'), FORCE_COLOR: '0' },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      writeFileSync(join(out, 'said.txt'), said)
      if (code === 0) resolve()
      else reject(new Error(`the Worker could not be bundled:\n${said}`))
    })
  })
}
