#!/usr/bin/env node
/**
 * `npm run bench [-- --json] [--quick] [--rows P1,P6] [--rounds N] [--seed N]`: what the gateway costs beside a bare pass-through
 * Worker, on this machine, in one run. Exit code 0 when every row is ok, 1 when one is not, 2 when one could not be judged.
 */
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { ROW_IDS, runRows } from './run.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`Weighs the gateway against a bare pass-through Worker, on this machine, in one run (docs/benchmark.md).

  npm run bench                        every row
  npm run bench -- --rows P1,P6        these rows
  npm run bench -- --rounds N          slices of each; ratios are judged from 40 on
  npm run bench -- --quick             briefly, for the answers: no ratio is judged
  npm run bench -- --json              one JSON document on standard output
  npm run bench -- --seed N            the order of an earlier run`)
  process.exit(0)
}

const unknown = values.rows?.split(',').find((id) => !ROW_IDS.includes(id))
if (unknown !== undefined) refuse(`there is no row "${unknown}"; there are ${ROW_IDS.join(', ')}`)
if (values.rounds !== undefined && !(Number.isInteger(Number(values.rounds)) && Number(values.rounds) > 0))
  refuse(`--rounds takes a whole number above 0, got "${values.rounds}"`)
if (!Number.isInteger(Number(values.seed ?? 0))) refuse(`--seed takes a whole number, got "${values.seed}"`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const said = (text: string): void => void process.stderr.write(text)
const rows = await runRows({
  root: process.cwd(),
  seed,
  quick: values.quick,
  ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
  ...(values.rows === undefined ? {} : { only: values.rows.split(',') }),
  say: said,
})

const ok = rows.some((row) => row.ok === false) ? false : rows.some((row) => row.ok === null) ? null : true
if (values.json) {
  const document = { command: 'bench', form: values.quick ? 'quick' : 'long', commit: commit(), machine: machine(), seed, rows, ok }
  process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`)
} else {
  console.log(
    `CPU per request beside a bare pass-through Worker · ${machine()} · seed ${seed}${values.quick ? ' · quick: ratios are not judged' : ''}\n`,
  )
  for (const { id, what, shown, must, ok: verdict, why } of rows) {
    const mark = verdict === true ? 'ok' : verdict === false ? 'NOT OK' : '–'
    console.log(`${id.padEnd(4)} ${mark.padEnd(7)} ${what}\n             ${shown}; must be ${must}${why === '' ? '' : ` (${why})`}`)
  }
}
process.exit(ok === true ? 0 : ok === false ? 1 : 2)

function refuse(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

function machine(): string {
  const all = cpus()
  return `${all.length} × ${all[0]?.model ?? 'unknown CPU'}`
}
