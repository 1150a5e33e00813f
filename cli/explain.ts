/** `npx meridian explain METHOD URL`: what the gateway would do with a request, and why, without sending it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Explanation } from '../config/explanation.ts'
import { err, type Result } from '../config/result.ts'
import { askGateway } from './ask-gateway.ts'
import { decideHere } from './explain/decide-here.ts'
import { type Known, NOTHING_KNOWN, otherBase, readKnown } from './explain/read-known.ts'
import { type ExplainOptions, readOptions } from './explain/read-options.ts'
import { renderExplanation } from './explain/render-explanation.ts'
import { findGateway } from './find-gateway.ts'
import { loadGateway } from './load-gateway.ts'
import { paintFor, showDefects } from './show-defects.ts'

const ROOT = resolve(import.meta.dirname, '..')

const HELP = `Says what the gateway would do with a request, and why: route, pool, endpoints in order, attempts. Nothing is sent.

  npx meridian explain METHOD URL [-H "NAME: VALUE"]… [--json]

Of the request:
  -H                a header; as often as needed
  --client-address  the client's address        --country, --continent   where it is: DE, EU
  --coordinates     LATITUDE,LONGITUDE          --colo                   where the request came in: FRA
  --draw            instead of dice, first for the pool, then for the endpoint; as often as needed

Who decides:
  (nothing)         the gateway that npm start runs here, or --url URL with --token TOKEN
  --at FILE         this machine, by what FILE knows: the output of "meridian status --json" or "meridian explain --json",
                    or a health snapshot; "-" is the standard input
  --config FILE     this machine, by this configuration; with --at: default config/gateway.yaml

  --json            the explanation as data

Exit codes: 0 sent on or answered as configured, 1 refused by the gateway, 2 could not be asked.
`

/** Answers the exit code. */
export async function explain(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (!options.ok) return complain(`${options.error}\n\n${HELP}`)
  if (options.value === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  const { json, at, config } = options.value
  const told = at === undefined && config === undefined ? await ask(options.value) : await decide(options.value)
  if (!told.ok) return complain(`${told.error}\n`)
  const columns = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY
  process.stdout.write(`${json ? JSON.stringify(told.value) : renderExplanation(told.value, columns).join('\n')}\n`)
  return told.value.decision.kind === 'refused' ? 1 : 0
}

async function ask({ question, url, token }: ExplainOptions): Promise<Result<Explanation, string>> {
  const address = findGateway(url, token)
  if (typeof address === 'string') return err(address)
  return (await askGateway(address, { noun: 'explain', body: question })) as Result<Explanation, string>
}

async function decide({ question, at, config }: ExplainOptions): Promise<Result<Explanation, string>> {
  const known = at === undefined ? { ok: true as const, value: NOTHING_KNOWN } : readFile(at)
  if (!known.ok) return known
  const file = config ?? resolve(ROOT, process.env['MERIDIAN_CONFIG'] ?? 'config/gateway.yaml')
  let loaded: ReturnType<typeof loadGateway>
  try {
    // What is for one machine only can be explained as well.
    loaded = loadGateway(file, { local: true }, config ?? 'config/gateway.yaml')
  } catch (error) {
    return err(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
  if (!loaded.ok) return err(showDefects(loaded.defects, paintFor(process.stderr, process.env)))
  const other = otherBase(known.value, loaded.base.hash)
  if (other !== undefined) process.stderr.write(`note: ${other}\n`)
  return decideHere(question, loaded.base, known.value)
}

function readFile(at: string): Result<Known, string> {
  const shown = at === '-' ? 'the standard input' : at
  let text: string
  try {
    text = readFileSync(at === '-' ? 0 : at, 'utf8')
  } catch (error) {
    return err(`${shown} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
  const known = readKnown(text)
  return known.ok ? known : err(`${shown}: ${known.error}`)
}

function complain(problem: string): number {
  process.stderr.write(problem)
  return 2
}
