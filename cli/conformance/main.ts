/** `npm run conformance`: the public suite of the Gateway API, or the project's own cases, against the gateway on plain workerd. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { localCertificates } from '../local/certificates.ts'
import { stateFolder } from '../local/run-file.ts'
import type { ConformanceTest } from './case.ts'
import { CORPUS_ABSENT, findCorpus } from './corpus.ts'
import { isMutation, MUTATIONS, type MutationName } from './mutations.ts'
import { readCorpus } from './read-corpus.ts'
import { readOwnTests } from './read-own.ts'
import { composeReport, exitCode, renderPage, renderTable } from './report.ts'
import { runTests } from './run.ts'

const HELP = `Runs the HTTPRoute tests of the Kubernetes Gateway API's conformance suite against the gateway on workerd.

  npm run conformance                      every test of the suite, about a minute
  npm run conformance -- --quick           the project's own cases instead, which need no corpus
  npm run conformance -- --test NAME       one test; may be repeated
  npm run conformance -- --corpus DIR      where the suite's data stands; default MERIDIAN_CORPUS, else ../shared/corpus
  npm run conformance -- --mutate NAME     with the configuration broken: rows must turn red
  npm run conformance -- --json            one JSON document on standard output
  npm run conformance -- --write FILE      also as a page of documentation

Mutations:
${Object.entries(MUTATIONS)
  .map(([name, { what }]) => `  ${name.padEnd(14)} ${what}`)
  .join('\n')}

Exit code: 0 when all that is possible has passed, 1 when something has not, 2 when it could not run, the corpus being absent among it.
`

interface Options {
  readonly suite: string
  readonly tests: readonly ConformanceTest[]
  readonly quick: boolean
  readonly json: boolean
  readonly mutation?: MutationName
  readonly write?: string
}

/** Between two requests of a case: as the suite's harness, and in the short form. */
const PAUSE_MS = 100
const QUICK_PAUSE_MS = 10
/** A gateway is configured before it starts; what is wrong now stays wrong. */
const GIVE_UP_MS = 10_000
const QUICK_GIVE_UP_MS = 3_000
const TESTS_AT_ONCE = 4

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (typeof options === 'string') {
    ;(options === HELP ? process.stdout : process.stderr).write(options)
    return options === HELP ? 0 : 2
  }
  const { quick, mutation } = options
  const results = await runTests(options.tests, {
    patience: { pauseMs: quick ? QUICK_PAUSE_MS : PAUSE_MS, giveUpMs: quick ? QUICK_GIVE_UP_MS : GIVE_UP_MS },
    atOnce: TESTS_AT_ONCE,
    certificate: await localCertificates(stateFolder()),
    say,
    ...(mutation === undefined ? {} : { mutate: MUTATIONS[mutation].mutate }),
  })
  const report = composeReport(['npm run conformance', ...shownArguments()].join(' '), options.suite, results)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${renderTable(report)}\n`)
  if (options.write !== undefined) writeFileSync(options.write, renderPage(report, new Date().toISOString().slice(0, 10)))
  return exitCode(report)
}

const ARGUMENTS = {
  test: { type: 'string', multiple: true },
  corpus: { type: 'string' },
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  mutate: { type: 'string' },
  write: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** npm changes the folder; paths are meant from where the command was said. */
const fromCaller = (path: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), path)

function readOptions(args: readonly string[]): Options | string {
  let values: ReturnType<typeof parse>
  try {
    values = parse(args)
  } catch (error) {
    return `${(error as Error).message}\n\n${HELP}`
  }
  if (values.help === true) return HELP
  const { mutate, corpus } = values
  if (mutate !== undefined && !isMutation(mutate)) return `unknown mutation "${mutate}"\n\n${HELP}`
  const quick = values.quick === true
  const all = quick ? OWN() : ofCorpus(corpus === undefined ? findCorpus() : findCorpus(fromCaller(corpus)))
  if (typeof all === 'string') return `${all}\n`
  const chosen = choose(all.tests, { names: values.test, mutation: quick ? mutate : undefined })
  if (typeof chosen === 'string') return `${chosen}\n\n${HELP}`
  return {
    suite: all.source,
    tests: chosen,
    quick,
    json: values.json === true,
    ...(mutate === undefined ? {} : { mutation: mutate }),
    ...(values.write === undefined ? {} : { write: fromCaller(values.write) }),
  }
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: ARGUMENTS }).values

interface Suite {
  readonly source: string
  readonly tests: readonly ConformanceTest[]
}

const OWN = (): Suite => ({ source: "the project's own cases", tests: readOwnTests() })

function ofCorpus(folder: string | undefined): Suite | string {
  if (folder === undefined) return `${CORPUS_ABSENT} The suite is skipped; --quick runs the project's own cases.`
  try {
    return readCorpus(folder)
  } catch (error) {
    return `${folder} does not hold the suite: ${(error as Error).message}`
  }
}

/** Those that were named, else those of the mutation, else all. */
function choose(
  tests: Suite['tests'],
  { names, mutation }: { names: readonly string[] | undefined; mutation: MutationName | undefined },
): readonly ConformanceTest[] | string {
  if (names === undefined) return mutation === undefined ? tests : tests.filter((test) => test.mutation === mutation)
  const unknown = names.find((name) => !tests.some(({ id }) => id === name))
  return unknown === undefined
    ? tests.filter(({ id }) => names.includes(id))
    : `unknown test "${unknown}"; there are ${tests.map(({ id }) => id).join(', ')}`
}

/** Without where things were written or read: the figures do not depend on it. */
function shownArguments(): string[] {
  const hidden = /^--(corpus|write|json)$/
  const args = process.argv
    .slice(2)
    .filter((arg, at, all) => !/^--(corpus|write|json)\b/.test(arg) && !(hidden.test(all[at - 1] ?? '') && all[at - 1] !== '--json'))
  return args.length > 0 ? ['--', ...args] : []
}

function say(progress: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${progress}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(2))
try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 2
}
