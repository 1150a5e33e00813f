/** `npx meridian plan`: what a change would do before it is made, and what the gateway would be like with it. Changes nothing. */
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '../config/result.ts'
import { changeBase, type Proposal } from './plan/change-base.ts'
import { findBases } from './plan/find-bases.ts'
import { layFile } from './plan/lay-file.ts'
import { makePlan, type PlanInputs } from './plan/make-plan.ts'
import { readProposal } from './plan/read-proposal.ts'
import { renderPlan } from './plan/render.ts'

const HELP = `Says what a change would do: field by field, who would be moved, what survivors would carry, how fast it fails over, what it costs.

  npx meridian plan [--weights POOL.ENDPOINT=N]… [--drain NAME]… [--undrain NAME]… [weights.json]
  npx meridian plan [--config FILE] [--against FILE]

  npx meridian plan --weights shop.aws-use1=80       another weight
  npx meridian plan --drain us-east-1 --rps 800      a region out; NAME is an endpoint, a region or a cloud
  npx meridian plan weights.json                     what the file would do
  npx meridian plan                                  what a deploy of the configuration would change
  npx meridian plan --against other/gateway.yaml     from that file to the configuration

A change is planned for the gateway that runs, as it is with all that is in force; without one, or with
--config, for the configuration in the file. A deploy is planned from what is deployed there to the file.

  --config FILE  the configuration; default: the one of npm start, else config/gateway.yaml
  --local        it may say what only works on one machine
  --url, --token of another gateway than the one that npm start runs here
  --rps N        requests a second, of each pool and for the cost; or POOL=N, as often as needed. Default 100
  --colos N      places with traffic, for the cost; default 20
  --isolates N   isolates with traffic, for the cost; default twice the colos
  --json         the plan as data

Exit codes: 0 planned, 1 the change names what is not there, 2 could not be planned.
`

/** Answers the exit code. */
export async function plan(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (!options.ok) return complain(`${options.error}\n\n${HELP}`, 2)
  if (options.value.help) {
    process.stdout.write(HELP)
    return 0
  }
  const { proposal, inputs, json } = options.value
  const bases = await findBases(options.value)
  if (!bases.ok) return complain(`${bases.error}\n`, 2)
  const laid = layFile(bases.value.after, proposal, bases.value.entries ?? [])
  const after = changeBase(laid.base, laid.proposal)
  if (!after.ok) return complain(`${after.error.join('\n')}\n`, 1)
  const { differences, ...planned } = makePlan(bases.value.before, after.value, inputs)
  for (const note of laid.notes) process.stderr.write(`${note}\n`)
  const columns = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY
  const document = { ...planned, from: bases.value.from, differences: [...differences, ...laid.shares] }
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${renderPlan(document, columns).join('\n')}\n`)
  return 0
}

interface Options {
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly help: boolean
  readonly json: boolean
  readonly local: boolean
  readonly config?: string | undefined
  readonly against?: string | undefined
  readonly proposal: Proposal
  readonly inputs: PlanInputs
}

function readOptions(args: readonly string[]): Result<Options, string> {
  const parsed = parse(args)
  if (!parsed.ok) return parsed
  const { values, positionals } = parsed.value
  const proposal = readProposal(values, positionals)
  const rates = readRates(values.rps)
  const [colos, isolates] = [readCount('--colos', values.colos), readCount('--isolates', values.isolates)]
  if (!proposal.ok) return proposal
  if (!rates.ok) return rates
  if (!colos.ok) return colos
  if (!isolates.ok) return isolates
  const places = colos.value ?? COLOS
  const inputs = { ...rates.value, colos: places, isolates: isolates.value ?? 2 * places }
  return ok({ ...values, proposal: proposal.value, inputs })
}

const COLOS = 20
const RPS = 100

function parse(args: readonly string[]) {
  try {
    return ok(
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          config: { type: 'string' },
          against: { type: 'string' },
          url: { type: 'string' },
          token: { type: 'string' },
          local: { type: 'boolean', default: process.env['MERIDIAN_LOCAL'] === '1' },
          weights: { type: 'string', multiple: true, default: [] },
          drain: { type: 'string', multiple: true, default: [] },
          undrain: { type: 'string', multiple: true, default: [] },
          rps: { type: 'string', multiple: true, default: [] },
          colos: { type: 'string' },
          isolates: { type: 'string' },
          json: { type: 'boolean', default: false },
          help: { type: 'boolean', short: 'h', default: false },
        },
      }),
    )
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

function readRates(written: readonly string[]): Result<Pick<PlanInputs, 'rps' | 'poolRps'>, string> {
  let rps = RPS
  const poolRps: Record<string, number> = {}
  for (const each of written) {
    const at = each.lastIndexOf('=')
    const figure = readCount('--rps', each.slice(at + 1))
    if (!figure.ok) return figure
    if (at < 0) rps = figure.value ?? RPS
    else poolRps[each.slice(0, at)] = figure.value ?? RPS
  }
  return ok({ rps, poolRps })
}

function readCount(option: string, written: string | undefined): Result<number | undefined, string> {
  if (written === undefined) return ok(undefined)
  const figure = Number(written)
  return /^\d+(\.\d+)?$/.test(written) && figure <= 1e9
    ? ok(figure)
    : err(`${option}: expected a number from 0 to a billion, found "${written}"`)
}

function complain(problem: string, code: number): number {
  process.stderr.write(problem)
  return code
}
