/** `npx meridian release …`: shows how releases stand, and moves them. What they do by themselves is the configuration's. */
import { type Change, RELEASE_ACTIONS, type ReleaseAction } from '../config/director.ts'
import type { ReleaseView } from '../config/director-view.ts'
import { releaseId } from '../config/ids.ts'
import type { ReleasesDocument } from '../config/operator-documents.ts'
import { err, ok, type Result } from '../config/result.ts'
import { didYouMean } from '../config/suggest.ts'
import { readShare } from '../config/written.ts'
import { askGateway } from './ask-gateway.ts'
import { canaryLosses } from './operate/canary-losses.ts'
import { complain, makeChange } from './operate/make-change.ts'
import { CHANGE_HELP, type OperatorOptions, readOperatorOptions } from './operate/operator-options.ts'
import { renderReleases } from './operate/render-releases.ts'
import { watchNoun } from './operate/watch-noun.ts'

const HELP = `Shows how releases stand, and moves them.

  npx meridian release status [NAME] [--watch]
  npx meridian release start NAME        from its first step
  npx meridian release pause NAME        stays as it is; resume NAME goes on
  npx meridian release approve NAME      the step that waits for it may begin
  npx meridian release promote NAME      the next step now, whatever the judgement says
  npx meridian release rollback NAME     everybody back to stable
  npx meridian release kill NAME         the same, and overrides count no more
  npx meridian release set NAME 5%       to this share, by hand; it is paused by that
  npx meridian release clear NAME        what is over is as never begun: weights.json counts again

  npx meridian release status checkout --watch
  npx meridian release set checkout 0.5% --reason "a few first"

  --watch         goes on, once a second
${CHANGE_HELP}
`

const VERBS = ['status', 'set', 'clear', ...RELEASE_ACTIONS]

/** Answers the exit code. */
export async function release(args: readonly string[]): Promise<number> {
  const read = readOperatorOptions(args, HELP, ['watch'], ([verb = 'status']) => verb !== 'status')
  if (!read.ok) return complain(read.error, 2)
  const options = read.value
  if (options.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [verb = 'status', ...words] = options.words
  if (!VERBS.includes(verb)) {
    const hint = didYouMean(verb, VERBS)
    return complain(`Say one of ${VERBS.join(', ')}${hint === undefined ? '.' : `: ${hint}`}\n\n${HELP}`, 2)
  }
  if (options.watch && verb !== 'status') return complain(`Only the status can be watched.\n\n${HELP}`, 2)
  if (verb === 'status') return show(words, options)
  const told = await readReleases(options)
  if (!told.ok) return complain(told.error, 2)
  const change = readChange(verb, words, told.value)
  if (!change.ok) return complain(change.error.problem, change.error.code)
  return makeChange({
    wish: { noun: 'releases', changes: [change.value.change] },
    options,
    revision: told.value.revision,
    takesAway: async (differences) => canaryLosses(change.value.held, differences),
  })
}

const readReleases = async ({ address }: OperatorOptions): Promise<Result<ReleasesDocument, string>> =>
  (await askGateway(address, { noun: 'releases' })) as Result<ReleasesDocument, string>

async function show(words: readonly string[], options: OperatorOptions): Promise<number> {
  const render = (document: ReleasesDocument): string[] =>
    renderReleases(document, {
      url: options.address.url,
      names: words,
      columns: process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY,
    })
  if (options.watch) return watchNoun(options, 'releases', (document) => render(document as ReleasesDocument))
  const told = await readReleases(options)
  if (!told.ok) return complain(told.error, 2)
  const wrong = words.find((word) => !told.value.releases.some(({ release: name }) => name === word))
  if (wrong !== undefined) return complain(noRelease(wrong, told.value), 1)
  process.stdout.write(options.json ? `${JSON.stringify(told.value)}\n` : `${render(told.value).join('\n')}\n`)
  return 0
}

function noRelease(word: string, { releases }: ReleasesDocument): string {
  const names = releases.map(({ release: name }) => name)
  if (names.length === 0) return `there is no release "${word}": the configuration has none`
  return `there is no release "${word}"; ${didYouMean(word, names) ?? `there are ${names.join(', ')}`}`
}

interface Read {
  readonly change: Extract<Change, { kind: 'release' | 'set-release' | 'clear-release' }>
  readonly held: ReleaseView
}

function readChange(verb: string, words: readonly string[], document: ReleasesDocument): Result<Read, { problem: string; code: number }> {
  const wanted = verb === 'set' ? 2 : 1
  const [name = '', written = ''] = words
  if (words.length !== wanted) return err({ problem: `Say ${verb} NAME${verb === 'set' ? ' SHARE, such as 5%' : ''}.\n\n${HELP}`, code: 2 })
  const held = document.releases.find((each) => each.release === name)
  if (held === undefined) return err({ problem: noRelease(name, document), code: 1 })
  if (verb === 'clear') return ok({ held, change: { kind: 'clear-release', release: releaseId(name) } })
  if (verb !== 'set') return ok({ held, change: { kind: 'release', release: releaseId(name), action: verb as ReleaseAction } })
  const weight = readShare(written, 0, 100)
  if (weight === undefined)
    return err({ problem: `expected a share from 0% to 100% in steps of 0.01% such as 5%, found "${written}"`, code: 2 })
  return ok({ held, change: { kind: 'set-release', release: releaseId(name), weight } })
}
