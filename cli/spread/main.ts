/** `npm run spread`: how long it takes until what an operator puts into the bucket is in force at every isolate, measured on the real thing. */
import { parseArgs } from 'node:util'
import type { Mutation } from '../failover/mutations.ts'
import { describeMachine } from '../failover/report.ts'
import { seededDraw } from '../failover/seeded-draw.ts'
import { bundleGateway, readBundles, startWorld, type World } from '../failover/world.ts'
import { type Figure, measureEmergency, measureWeights } from './measure.ts'

const HELP = `npm run spread [-- --puts 20] [--json]

Both Workers as they are deployed, on workerd: three isolates of the gateway with ten requests a second each and more, three vantages, three
sample regions. Puts weights.json and emergency.json into the bucket, by its binding and not by wrangler, and measures until every isolate
acts upon them; emergency.json with a director whose every call fails. Takes about four minutes.

  --puts N   how often each is put; 20 by default
  --seed N   of the pauses between them
  --json     one JSON document on standard output

Exit codes: 0 all is as it must be, 1 a figure is not, 2 it could not run.
`

const ISOLATES = 3

/** On a busy machine regions would be taken for dead, and it is not their health that is measured. */
const PATIENT: Mutation = {
  what: 'endpoints are taken out by operators alone',
  base: (base) => ({
    ...base,
    pools: base.pools.map((pool) => ({ ...pool, outlier: { ...pool.outlier, mode: 'detected' } })),
    targets: base.targets.map((target) => ({ ...target, monitor: { ...target.monitor, consecutiveDown: 100 } })),
  }),
  healthPlane: 'reachable',
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      puts: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [puts, seed] = [Number(values.puts), Number(values.seed)]
  if (!Number.isInteger(puts) || puts < 1 || !Number.isInteger(seed)) {
    process.stderr.write(`--puts and --seed take whole numbers.\n\n${HELP}`)
    return 2
  }
  const world = await startWorld({})
  const endOn = (): void => void world.end().then(() => process.exit(2))
  process.once('SIGINT', endOn).once('SIGTERM', endOn)
  try {
    const figures = await measure(world, puts, seed)
    const ok = figures.every((each) => each.ok)
    const report = { command: 'npm run spread', machine: describeMachine(), isolates: ISOLATES, vantages: 3, seed, figures, ok }
    process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : `${figures.map(line).join('\n')}\n`)
    return ok ? 0 : 1
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 2
  } finally {
    await world.end()
  }
}

async function measure(world: World, puts: number, seed: number): Promise<readonly Figure[]> {
  const { startSpread } = await import('./runtime.ts')
  const bundles = readBundles(world, await bundleGateway(world, PATIENT))
  const draw = seededDraw(seed)
  const figures: Figure[] = []
  for (const director of ['there', 'gone'] as const) {
    const runtime = await startSpread({ configs: world.files.configs, bundles, isolates: ISOLATES, director })
    try {
      if (director === 'there') figures.push(await measureWeights(runtime, puts, draw))
      else figures.push(...(await measureEmergency(runtime, puts, draw)))
    } finally {
      await runtime.end()
    }
  }
  return figures
}

function line({ what, puts, medianMs, p99Ms, must, ok }: Figure): string {
  const seconds = (length: number | null): string => (length === null ? 'never' : `${(length / 1000).toFixed(2)} s`)
  const median = must.medianMs === undefined ? '' : ` (must: ${seconds(must.medianMs)})`
  return `${what}: median ${seconds(medianMs)}${median}, p99 ${seconds(p99Ms)} (must: ${seconds(must.p99Ms)}) of ${puts}  ${ok ? 'ok' : 'NOT OK'}`
}

process.exitCode = await main()
