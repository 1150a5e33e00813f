/** `npx meridian weights get|set|clear|watch`: the weights of endpoints, without a deploy. */
import type { Change } from '../config/director.ts'
import type { WeightsDocument } from '../config/operator-documents.ts'
import { err, ok, type Result } from '../config/result.ts'
import { didYouMean } from '../config/suggest.ts'
import { askGateway } from './ask-gateway.ts'
import { complain, makeChange } from './operate/make-change.ts'
import { CHANGE_HELP, type OperatorOptions, readOperatorOptions } from './operate/operator-options.ts'
import { previewLines } from './operate/preview.ts'
import { FOR_BOUNDS, readLength } from './operate/read-lengths.ts'
import { renderWeights } from './operate/render-weights.ts'
import { watchNoun } from './operate/watch-noun.ts'
import { changeBase } from './plan/change-base.ts'
import { readWeight } from './plan/read-proposal.ts'

const HELP = `Shows and changes the weights of endpoints, without a deploy.

  npx meridian weights get [POOL]
  npx meridian weights set POOL.ENDPOINT=N… [--for LENGTH]
  npx meridian weights clear POOL[.ENDPOINT]…       back to weights.json, else to the configuration
  npx meridian weights watch [POOL]

  npx meridian weights set shop.aws-use1=80 shop.gcp-euw1=20 --reason "more room in us-east-1"
  npx meridian weights set shop.aws-use1=0 --dry-run

  npx meridian weights set shop.aws-use1=80 --for 30m      ends by itself

All of one command is done at once, or nothing of it. Weights count where a pool is steered by
weight or by affinity; 0 takes nothing anywhere.

  --for LENGTH    set alone: ends by itself after so long, from 1s to 31d
${CHANGE_HELP}
`

const VERBS = ['get', 'set', 'clear', 'watch']

/** Answers the exit code. */
export async function weights(args: readonly string[]): Promise<number> {
  const read = readOperatorOptions(args, HELP, ['for'], ([verb = '']) => verb !== 'get' && verb !== 'watch')
  if (!read.ok) return complain(read.error, 2)
  const options = read.value
  if (options.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [verb = '', ...words] = options.words
  if (options.for !== undefined && verb !== 'set') return complain(`Only what is set ends by itself.\n\n${HELP}`, 2)
  switch (verb) {
    case 'get':
      return show(words, options)
    case 'watch':
      return watch(words, options)
    case 'set':
    case 'clear':
      return change(verb, words, options)
    default: {
      const hint = didYouMean(verb, VERBS)
      return complain(`Say get, set, clear or watch${hint === undefined ? '.' : `: ${hint}`}\n\n${HELP}`, 2)
    }
  }
}

async function readWeights({ address }: OperatorOptions): Promise<Result<WeightsDocument, string>> {
  return (await askGateway(address, { noun: 'weights' })) as Result<WeightsDocument, string>
}

async function show(words: readonly string[], options: OperatorOptions): Promise<number> {
  const told = await readWeights(options)
  if (!told.ok) return complain(told.error, 2)
  const wrong = unknownPool(words, told.value)
  if (wrong !== undefined) return complain(wrong, 1)
  process.stdout.write(options.json ? `${JSON.stringify(told.value)}\n` : `${render(told.value, words, options).join('\n')}\n`)
  return 0
}

/** A gateway that does not answer yet is waited for; a pool that it has not is not. */
async function watch(words: readonly string[], options: OperatorOptions): Promise<number> {
  const told = words.length === 0 ? undefined : await readWeights(options)
  const wrong = told?.ok === true ? unknownPool(words, told.value) : undefined
  if (wrong !== undefined) return complain(wrong, 1)
  return watchNoun(options, 'weights', (document) => render(document as WeightsDocument, words, options))
}

function unknownPool(words: readonly string[], document: WeightsDocument): string | undefined {
  const wrong = words.find((word) => !document.pools.some(({ id }) => id === word))
  return wrong === undefined ? undefined : noPool(wrong, document)
}

const render = (document: WeightsDocument, pools: readonly string[], { address }: OperatorOptions): string[] =>
  renderWeights(document, { url: address.url, pools, columns: process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY })

function noPool(word: string, { pools }: WeightsDocument): string {
  const ids = pools.map(({ id }) => id)
  return `there is no pool "${word}"; ${didYouMean(word, ids) ?? `there are ${ids.join(', ')}`}`
}

async function change(verb: 'set' | 'clear', words: readonly string[], options: OperatorOptions): Promise<number> {
  if (words.length === 0) return complain(`Say which: ${verb === 'set' ? 'POOL.ENDPOINT=N' : 'POOL or POOL.ENDPOINT'}.\n\n${HELP}`, 2)
  const lasts = options.for === undefined ? undefined : readLength('--for', options.for, FOR_BOUNDS)
  if (lasts?.ok === false) return complain(lasts.error, 2)
  const told = await readWeights(options)
  if (!told.ok) return complain(told.error, 2)
  const ends = lasts === undefined ? {} : { lasts: lasts.value }
  const changes = verb === 'set' ? readSet(words, told.value, ends) : readClear(words, told.value)
  if (!changes.ok) return complain(changes.error.join('\n'), 1)
  for (const note of notesOf(changes.value, told.value)) process.stderr.write(`${note}\n`)
  return makeChange({
    wish: { noun: 'weights', changes: changes.value },
    options,
    revision: told.value.revision,
    takesAway: (differences) => previewLines(options.address, differences),
  })
}

function readSet(
  words: readonly string[],
  document: WeightsDocument,
  ends: Pick<Extract<Change, { kind: 'set-weights' }>, 'lasts'>,
): Result<readonly Change[], readonly string[]> {
  const read = words.map(readWeight)
  const problems = read.flatMap((each) => (each.ok ? [] : [each.error]))
  if (problems.length > 0) return err(problems)
  const written = read.flatMap((each) => (each.ok ? [each.value] : []))
  // Names are looked up as plans do: what was meant is said before anybody is asked.
  const named = changeBase({ pools: document.pools } as never, { weights: written, drains: [], undrains: [] })
  if (!named.ok) return named
  const pools = [...new Set(written.map(({ pool }) => pool))]
  return ok(
    pools.map((pool) => ({
      kind: 'set-weights',
      pool: pool as never,
      weights: Object.fromEntries(written.filter((each) => each.pool === pool).map(({ endpoint, weight }) => [endpoint, weight])),
      ...ends,
    })),
  )
}

/** What is done and does nothing is said. A pool that spreads over its priorities counts weights as capacity. */
function notesOf(changes: readonly Change[], { pools }: WeightsDocument): readonly string[] {
  return changes.flatMap((change) => {
    const pool = change.kind === 'set-weights' ? pools.find(({ id }) => id === change.pool) : undefined
    if (pool === undefined || change.kind !== 'set-weights' || pool.steering === 'weighted' || pool.steering === 'affinity') return []
    const some = Object.values(change.weights).some((weight) => weight > 0)
    return some ? [`Note: ${pool.id} is steered ${pool.steering}: weights do not divide its requests, 0 takes an endpoint out.`] : []
  })
}

function readClear(words: readonly string[], document: WeightsDocument): Result<readonly Change[], readonly string[]> {
  const read = words.map((word): Result<Change, string> => {
    const [name = '', endpoint] = word.split('.')
    const pool = document.pools.find(({ id }) => id === name)
    if (pool === undefined) return err(noPool(name, document))
    if (endpoint === undefined) return ok({ kind: 'clear-weights', pool: pool.id })
    // An endpoint that is gone may have a weight that is still said.
    return ok({ kind: 'clear-weights', pool: pool.id, endpoints: [endpoint as never] })
  })
  const problems = read.flatMap((each) => (each.ok ? [] : [each.error]))
  return problems.length > 0 ? err(problems) : ok(read.flatMap((each) => (each.ok ? [each.value] : [])))
}
