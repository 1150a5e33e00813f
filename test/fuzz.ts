/** `npm run fuzz`: the tests that fall by dice, with one new seed after the other, until one fails. */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

const HELP = `npm run fuzz [-- ROUNDS]

Runs every unit test that depends on the seed, each round with a new one, until one fails or ROUNDS are through; 10 by default. npm test takes
one fixed seed, so that nobody is unlucky: what other seeds find is found here.

Exit codes: 0 all rounds passed, 1 one failed, 2 it could not run.
`

const ROOT = resolve(import.meta.dirname, '..')
/** Test files that import the seed, however far away, and none besides. */
const TESTS = ['vitest', 'related', 'test/seed.ts', '--run', '--project', 'unit']

/** A failed law may print whole documents. */
const OUTPUT_MAX = 64 * 1024 * 1024

function main(): number {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h', default: false } } })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const rounds = Number(positionals[0] ?? 10)
  if (!Number.isInteger(rounds) || rounds < 1 || positionals.length > 1) {
    process.stderr.write(`ROUNDS is one whole number.\n\n${HELP}`)
    return 2
  }
  for (let round = 1; round <= rounds; round += 1) {
    const seed = String(randomInt(2 ** 32))
    process.stdout.write(`round ${round} of ${rounds}, seed ${seed}: `)
    const { status, stdout, stderr, error } = spawnSync('npx', TESTS, {
      cwd: ROOT,
      env: { ...process.env, SEED: seed },
      encoding: 'utf8',
      maxBuffer: OUTPUT_MAX,
    })
    if (status === 0) process.stdout.write('passed\n')
    else {
      process.stdout.write(`failed\n${stdout ?? ''}${stderr ?? ''}${error ?? ''}\nOnce more: SEED=${seed} npx ${TESTS.join(' ')}\n`)
      return error === undefined ? 1 : 2
    }
  }
  return 0
}

process.exitCode = main()
