/** `npx meridian drain` and `undrain`: takes an endpoint, a region or a cloud out, at once or over a while, and brings it back. */
import type { Change } from '../config/director.ts'
import type { DrainsDocument, EndpointWeight } from '../config/operator-documents.ts'
import type { DrainTarget } from '../config/overlay.ts'
import { err, ok, type Result } from '../config/result.ts'
import { ms } from '../config/units.ts'
import { askGateway } from './ask-gateway.ts'
import { complain, makeChange } from './operate/make-change.ts'
import { CHANGE_HELP, type OperatorOptions, readOperatorOptions } from './operate/operator-options.ts'
import { previewLines } from './operate/preview.ts'
import { FOR_BOUNDS, readLength } from './operate/read-lengths.ts'
import { emergencyLines, entryLine, problemLines, spreadNote } from './operate/render-weights.ts'
import { findTarget } from './plan/find-target.ts'

const HELPS = {
  drain: `Takes an endpoint, a region or a cloud out: no new request goes there. Probes go on.
Without a name: what is drained.

  npx meridian drain [NAME]… [--for LENGTH] [--over LENGTH]

  npx meridian drain aws-use1 --reason "new nodes"
  npx meridian drain us-east-1 --for 30m            comes back by itself
  npx meridian drain aws --over 60s                 little by little
  npx meridian drain region:aws                     where a name is several things

  --for LENGTH    ends by itself after so long, from 1s to 31d; not before --over has passed
  --over LENGTH   little by little, up to 60m; default: at once
${CHANGE_HELP}
`,
  undrain: `Brings back what was drained by hand.

  npx meridian undrain NAME… [--over LENGTH]

  npx meridian undrain aws-use1
  npx meridian undrain us-east-1 --over 2m          little by little

  --over LENGTH   little by little, up to 60m; default: at once
${CHANGE_HELP}
`,
} as const

type Verb = keyof typeof HELPS

const OVER_BOUNDS = [0, 3_600_000] as const

export const drain = (args: readonly string[]): Promise<number> => run('drain', args)
export const undrain = (args: readonly string[]): Promise<number> => run('undrain', args)

/** Answers the exit code. */
async function run(verb: Verb, args: readonly string[]): Promise<number> {
  const changes = (words: readonly string[]): boolean => verb === 'undrain' || words.length > 0
  const read = readOperatorOptions(args, HELPS[verb], verb === 'drain' ? ['for', 'over'] : ['over'], changes)
  if (!read.ok) return complain(read.error, 2)
  const options = read.value
  if (options.help) {
    process.stdout.write(HELPS[verb])
    return 0
  }
  const lengths = readLengths(options)
  if (!lengths.ok) return complain(lengths.error, 2)
  if (options.words.length === 0 && verb === 'undrain') return complain(`Say what to bring back.\n\n${HELPS.undrain}`, 2)
  if (options.words.length === 0 && (options.for ?? options.over) !== undefined) return complain(`Say what to drain.\n\n${HELPS.drain}`, 2)
  const told = (await askGateway(options.address, { noun: 'drains' })) as Result<DrainsDocument, string>
  if (!told.ok) return complain(told.error, 2)
  if (options.words.length === 0) return show(told.value, options)
  const targets = readTargets(options.words, told.value)
  if (!targets.ok) return complain(targets.error.join('\n'), 1)
  return makeChange({
    wish: { noun: 'drains', changes: targets.value.map((target): Change => ({ kind: verb, target, ...lengths.value })) },
    options,
    revision: told.value.revision,
    takesAway: async (differences) => (verb === 'undrain' ? [] : askedLines(await previewLines(options.address, differences))),
  })
}

/** A drain is asked about also when nobody is moved by it just now: the next failover would count on it. */
const askedLines = (lines: readonly string[]): readonly string[] => (lines.length > 0 ? lines : ['  Nobody is moved just now.'])

function readLengths(options: OperatorOptions): Result<{ over: ReturnType<typeof ms>; lasts?: ReturnType<typeof ms> }, string> {
  const over = options.over === undefined ? ok(ms(0)) : readLength('--over', options.over, OVER_BOUNDS)
  if (!over.ok) return over
  if (options.for === undefined) return ok({ over: over.value })
  const lasts = readLength('--for', options.for, FOR_BOUNDS)
  return lasts.ok ? ok({ over: over.value, lasts: lasts.value }) : lasts
}

/** What is drained can be brought back also when the configuration has it no more. */
function readTargets(words: readonly string[], { pools, entries }: DrainsDocument): Result<readonly DrainTarget[], readonly string[]> {
  const found = words.map((word) => {
    const target = findTarget(pools, word)
    if (target.ok) return target
    const [kind = '', ...rest] = word.split(':')
    const isDrained = entries.some(({ field }) => field === `drains.${kind}.${rest.join(':')}`)
    return isDrained ? ok({ kind, [kind]: rest.join(':') } as unknown as DrainTarget) : target
  })
  const problems = found.flatMap((each) => (each.ok ? [] : [each.error]))
  return problems.length > 0 ? err(problems) : ok(found.flatMap((each) => (each.ok ? [each.value] : [])))
}

/** Whether an entry says it already. */
const isSaid = ({ id, region, cloud }: EndpointWeight, { entries }: DrainsDocument): boolean =>
  [`endpoint.${id}`, `region.${region}`, `cloud.${cloud}`].some((name) => entries.some(({ field }) => field === `drains.${name}`))

function show(document: DrainsDocument, { json, address }: OperatorOptions): number {
  const drained = document.pools.flatMap(({ endpoints }) =>
    endpoints.filter((each) => each.drained && !isSaid(each, document)).map(({ id }) => `  ${id}: by the configuration`),
  )
  const lines = [
    `drains ${address.url} · revision ${document.revision}${spreadNote(document)}`,
    ...emergencyLines(document),
    ...document.entries.map(entryLine),
    ...drained,
    ...(document.entries.length + drained.length + (document.emergency ?? []).length === 0 ? ['  none'] : []),
    ...problemLines(document.problems),
  ]
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${lines.join('\n')}\n`)
  return 0
}
