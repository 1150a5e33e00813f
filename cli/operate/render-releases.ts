/** Releases as lines: where each stands, how it got there, and what it waits for, in the words of its judgement. */
import { styleText } from 'node:util'
import type { JudgementView, ReleasePhase, ReleaseView } from '../../config/director-view.ts'
import type { ReleasesDocument } from '../../config/operator-documents.ts'
import { cutLines } from '../cut-lines.ts'
import { showLength } from '../status/show-length.ts'
import { emergencyLines, entryLine, problemLines, spreadNote } from './render-weights.ts'

export interface ReleasesShown {
  readonly url: string
  /** Empty: all. */
  readonly names: readonly string[]
  readonly columns: number
}

export function renderReleases(document: ReleasesDocument, { url, names, columns }: ReleasesShown): string[] {
  const shown = document.releases.filter(({ release }) => names.length === 0 || names.some((name) => name === release))
  return cutLines(
    [
      `${styleText('bold', 'releases')} ${url} · revision ${document.revision}${spreadNote(document)}`,
      ...emergencyLines(document),
      ...(shown.length === 0 ? ['', 'The configuration has none.'] : shown.flatMap((each) => releaseLines(each, document))),
      ...problemLines(document.problems),
    ],
    columns,
  )
}

function releaseLines(view: ReleaseView, { entries }: ReleasesDocument): string[] {
  const { release, phase, order, explanation, judgements = [], flagged, inert } = view
  const regions = Object.entries(order.regions ?? {})
  return [
    '',
    `${styleText('bold', release)} ${styleText(COLOURS[phase], phase)}${stepOf(view)}${regions.length > 0 ? ', the canary by region:' : `, ${percentOf(order.weight)} of clients have the canary`}`,
    ...regions.map(([region, weight]) => `  ${region.padEnd(18)} ${percentOf(weight)}`),
    ...(order.mirror > 0 ? [`  ${percentOf(order.mirror)} of requests are mirrored to it, and nobody sees the answers`] : []),
    ...(order.killed ? [styleText('red', '  killed: nobody gets the canary, whatever overrides say')] : []),
    ...(explanation === undefined ? [] : [`  ${explanation}`]),
    ...judgements.slice(0, JUDGEMENTS_SHOWN).map(judgementLine),
    ...(flagged === undefined
      ? []
      : [
          styleText(
            'yellow',
            `  the bundle ${flagged} came meanwhile: look whether it still should be in force (any word of yours ends this note)`,
          ),
        ]),
    ...(inert === true ? [styleText('yellow', '  inert: the configuration has no such release')] : []),
    ...entries.filter(({ field }) => field.startsWith(`releases.${release}.`)).map((entry) => styleText('dim', entryLine(entry))),
  ]
}

/** Of those that differed from the one before. */
const JUDGEMENTS_SHOWN = 4

/** What was counted stands beside what was concluded. */
function judgementLine({ ago, step, verdict, words, numbers: { stable, canary } }: JudgementView): string {
  const counted = [`canary ${countsOf(canary)}`, `stable ${countsOf(stable)}`].join(', ')
  return `  ${`${showLength(ago)} ago`.padEnd(11)} step ${step + 1}: ${styleText('bold', verdict)}. ${words} ${styleText('dim', `(${counted})`)}`
}

const countsOf = ({ attempts, failed, slow }: JudgementView['numbers']['stable']): string =>
  `${failed} failed and ${slow} slow of ${attempts}`

function stepOf({ step, steps, since }: ReleaseView): string {
  const at = step === undefined ? '' : `, step ${step + 1} of ${steps}`
  return `${at}${since === undefined ? '' : ` for ${showLength(since)}`}`
}

const COLOURS = {
  idle: 'dim',
  running: 'green',
  'waiting-approval': 'yellow',
  held: 'yellow',
  paused: 'yellow',
  'rolling-back': 'red',
  completed: 'green',
  'rolled-back': 'red',
  killed: 'red',
} as const satisfies Record<ReleasePhase, string>

/** To the hundredth that it is known to. */
export const percentOf = (share: number): string => `${Math.round(share * 10_000) / 100} %`
