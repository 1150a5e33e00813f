/**
 * `npm run in-force`: how long it takes from a change by command to answers by it, measured at a running `npm start`. Each change gives all of the
 * pool `spread` to another region; it is in force when five requests in a row have gone there. Puts back what it found.
 */
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import type { Change } from '../config/director.ts'
import { endpointId, poolId } from '../config/ids.ts'
import type { WeightsDocument } from '../config/operator-documents.ts'
import type { Result } from '../config/result.ts'
import { askGateway } from './ask-gateway.ts'
import { findGateway, type GatewayAddress } from './find-gateway.ts'
import { sendChange } from './operate/send-change.ts'
import { quantile } from './spread/measure.ts'

const HELP = `Measures how long changes of weights take until requests are answered by them, at a running npm start.

  npm run in-force [-- --changes N] [--json]

  --changes N   how many; default 20
  --json        as data

Exit codes: 0 the median is at most 2 s, 1 it is more, 2 could not be measured.
`
const POOL = 'spread'
const PATH = '/spread'
const MEDIAN_MAX = 2_000
const IN_A_ROW = 5
const PAUSE = 10
const GIVE_UP_AFTER = 15_000

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      changes: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const changes = Number(values.changes)
  if (values.help === true || !Number.isInteger(changes) || changes < 1 || changes > 1000) {
    process.stdout.write(HELP)
    return values.help === true ? 0 : 2
  }
  const address = findGateway(undefined, undefined)
  if (typeof address === 'string') throw new Error(address)
  const took = await measure(address, changes)
  const figures = { changes, median: quantile(took, 0.5), p99: quantile(took, 0.99), took }
  process.stdout.write(
    values.json
      ? `${JSON.stringify(figures)}\n`
      : `${changes} changes, from the call to requests by it: median ${figures.median} ms, p99 ${figures.p99} ms, at most ${Math.max(...took)} ms\n`,
  )
  return figures.median <= MEDIAN_MAX ? 0 : 1
}

async function measure(address: GatewayAddress, changes: number): Promise<readonly number[]> {
  const told = (await askGateway(address, { noun: 'weights' })) as Result<WeightsDocument, string>
  if (!told.ok) throw new Error(told.error)
  const names = told.value.pools.find(({ id }) => id === POOL)?.endpoints.map(({ id }) => id) ?? []
  if (names.length < 2) throw new Error(`npm start serves another configuration than its own: there is no pool "${POOL}"`)
  const took: number[] = []
  try {
    await awaitAnswers(address, () => true)
    for (let index = 0; index < changes; index += 1) {
      const chosen = names[index % names.length]
      const from = performance.now()
      await make(address, {
        kind: 'set-weights',
        pool: poolId(POOL),
        weights: Object.fromEntries(names.map((id) => [id, id === chosen ? 1 : 0])),
      })
      await awaitAnswers(address, (endpoint) => endpoint === chosen)
      took.push(Math.round(performance.now() - from))
    }
  } finally {
    await make(address, { kind: 'clear-weights', pool: poolId(POOL), endpoints: names.map(endpointId) })
  }
  return took
}

async function make(address: GatewayAddress, change: Change): Promise<void> {
  const options = { address, by: 'in-force', reason: 'measuring', dryRun: false }
  const sent = await sendChange({ noun: 'weights', changes: [change] }, options)
  if (sent.kind !== 'done') throw new Error(`the change was not made: ${sent.kind === 'failed' ? sent.reason : sent.problem.detail}`)
}

async function awaitAnswers({ url }: GatewayAddress, isRight: (endpoint: string | null) => boolean): Promise<void> {
  const from = performance.now()
  for (let right = 0; right < IN_A_ROW; ) {
    const response = await fetch(new URL(PATH, url))
    await response.arrayBuffer()
    right = isRight(response.headers.get('meridian-endpoint')) ? right + 1 : 0
    if (performance.now() - from > GIVE_UP_AFTER) throw new Error(`not in force after ${GIVE_UP_AFTER} ms`)
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`in-force: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
