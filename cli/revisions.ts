/** `npx meridian revisions`, `revert`, `audit` and `drift`: what was in force, going back to it, who changed what, and what is not the bundle's. */
import { styleText } from 'node:util'
import type { AuditEntry } from '../config/director.ts'
import type { RevisionView } from '../config/director-view.ts'
import type { AuditDocument, DriftDocument, RevisionsDocument } from '../config/operator-documents.ts'
import type { Result } from '../config/result.ts'
import { askGateway } from './ask-gateway.ts'
import { complain, makeChange } from './operate/make-change.ts'
import { CHANGE_HELP, OPERATOR_HELP, type OperatorOptions, readOperatorOptions, SHOWN_CODES } from './operate/operator-options.ts'
import { previewLines } from './operate/preview.ts'
import { toldDifferences } from './operate/show-sent.ts'

const HELPS = {
  revisions: `Lists the revisions that can be gone back to, the newest first.

  npx meridian revisions [--all]

  --all           not the newest twenty only
${OPERATOR_HELP}

${SHOWN_CODES}
`,
  revert: `Puts in force again what was in force at a former revision, as a new revision.
0 is nothing but the configuration.

  npx meridian revert N

  npx meridian revert 12 --reason "the new weights were too much"

${CHANGE_HELP}
`,
  audit: `Says who changed what, when, why and through which door, the newest first.

  npx meridian audit [--all] [--json]

  npx meridian audit --all --json > audit.jsonl    all that is kept, a line of JSON each

  --all           not the newest twenty only
${OPERATOR_HELP}

${SHOWN_CODES}
`,
  drift: `Lists every field that is not as the configuration says, and whose word it is.

  npx meridian drift

${OPERATOR_HELP}

${SHOWN_CODES}
`,
} as const

type Name = keyof typeof HELPS

/** Shown without `--all`. */
const SHOWN = 20
/** Of one page: as many as the director gives. */
const PAGE = 200

export const revisions = (args: readonly string[]): Promise<number> => run('revisions', args)
export const revert = (args: readonly string[]): Promise<number> => run('revert', args)
export const audit = (args: readonly string[]): Promise<number> => run('audit', args)
export const drift = (args: readonly string[]): Promise<number> => run('drift', args)

/** Answers the exit code. */
async function run(name: Name, args: readonly string[]): Promise<number> {
  const read = readOperatorOptions(args, HELPS[name], name === 'revisions' || name === 'audit' ? ['all'] : [], () => name === 'revert')
  if (!read.ok) return complain(read.error, 2)
  const options = read.value
  if (options.help) {
    process.stdout.write(HELPS[name])
    return 0
  }
  if (name !== 'revert' && options.words.length > 0) return complain(`"${options.words[0]}" means nothing here.\n\n${HELPS[name]}`, 2)
  switch (name) {
    case 'revert':
      return goBack(options)
    case 'drift':
      return showDrift(options)
    case 'revisions':
      return pages(options, 'revisions', (entry) => entryLines(entry as RevisionView, (entry as RevisionView).current))
    case 'audit':
      return pages(options, 'audit', (entry) => entryLines(entry as AuditEntry, false))
    default:
      return name satisfies never
  }
}

async function goBack(options: OperatorOptions): Promise<number> {
  const [written = ''] = options.words
  if (options.words.length !== 1 || !/^\d{1,15}$/.test(written)) return complain(`Say which revision.\n\n${HELPS.revert}`, 2)
  const told = (await askGateway(options.address, { noun: 'drift' })) as Result<DriftDocument, string>
  if (!told.ok) return complain(told.error, 2)
  return makeChange({
    wish: { noun: 'revisions', changes: [{ kind: 'revert', revision: Number(written) }] },
    options,
    revision: told.value.revision,
    // Whatever it changes is asked about: it was looked at as a whole, long ago.
    takesAway: async (differences) => ['', ...(await previewLines(options.address, differences))],
  })
}

async function showDrift({ address, json }: OperatorOptions): Promise<number> {
  const told = (await askGateway(address, { noun: 'drift' })) as Result<DriftDocument, string>
  if (!told.ok) return complain(told.error, 2)
  process.stdout.write(json ? `${JSON.stringify(told.value)}\n` : `${driftLines(told.value, address.url).join('\n')}\n`)
  return 0
}

export const driftLines = ({ revision, drift, leftAside = [] }: DriftDocument, url: string): string[] => [
  `${styleText('bold', 'drift')} ${url} · revision ${revision}`,
  ...toldDifferences(drift),
  ...leftAside.map((id) => styleText('yellow', `pools.${id}: its weights are left aside, no endpoint would have one`)),
]

type Entry = AuditEntry | RevisionView

/** As data one entry a line, so that a long trail can be piped while it comes. */
async function pages(
  { address, json, all }: OperatorOptions,
  noun: 'audit' | 'revisions',
  lines: (entry: Entry) => string[],
): Promise<number> {
  let before: number | undefined
  let shown = 0
  do {
    const query = { limit: all ? PAGE : SHOWN, ...(before === undefined ? {} : { before }) }
    const told = (await askGateway(address, { noun, query })) as Result<AuditDocument | RevisionsDocument, string>
    if (!told.ok) return complain(told.error, 2)
    const { entries, next } = told.value
    for (const entry of entries) process.stdout.write(`${json ? JSON.stringify(entry) : lines(entry).join('\n')}\n`)
    shown += entries.length
    before = next
  } while (all && before !== undefined)
  if (shown === 0 && !json) process.stdout.write('Nobody has changed anything yet.\n')
  if (!all && before !== undefined) process.stderr.write(`There are more: --all\n`)
  return 0
}

function entryLines({ revision, at, by, door, reason, differences, judgement }: Entry, current: boolean): string[] {
  if (judgement !== undefined) return [`${styleText('dim', `revision ${revision}`)}  ${at}  ${by} (${door}): ${reason}`]
  const head = `${styleText('bold', `revision ${revision}`)}${current ? styleText('green', ' in force') : ''}  ${at}  ${by} (${door}): ${reason}`
  return [head, ...toldDifferences(differences.map(({ field, before, after }) => ({ field, before, after })))]
}
