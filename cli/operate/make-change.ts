/**
 * The way of every change by command: asked of the director first without being done, shown with who would be moved, confirmed where it takes
 * traffic away, made for the revision that was looked at, and followed while it spreads.
 */
import type { Difference } from '../../config/director.ts'
import { confirm, type Terminal } from './confirm.ts'
import { followSpread, spreadEnd, spreadLine, spreadReader } from './follow-spread.ts'
import type { OperatorOptions } from './operator-options.ts'
import { type Sent, sendChange, type Wish } from './send-change.ts'
import { exitCodeOf, sentAsData, sentLines } from './show-sent.ts'

export interface ChangeRun {
  readonly wish: Wish
  readonly options: OperatorOptions
  /** What was looked at: it is made for this revision. */
  readonly revision: number
  /** Lines that say what it takes away; none: it takes nothing, and is not asked about. */
  readonly takesAway: (differences: readonly Difference[]) => Promise<readonly string[]>
  readonly terminal?: Terminal
}

/** Answers the exit code. */
export async function makeChange({ wish, options, revision, takesAway, terminal }: ChangeRun): Promise<number> {
  const { json, dryRun, yes } = options
  const ifMatch = options.ifMatch ?? revision
  const rehearsed = await sendChange(wish, { ...options, ifMatch, dryRun: true })
  const isNothing = rehearsed.kind === 'done' && rehearsed.document.differences.length === 0
  if (dryRun || rehearsed.kind !== 'done' || isNothing) {
    const lost = dryRun && rehearsed.kind === 'done' ? await takesAway(rehearsed.document.differences) : []
    return finish(rehearsed, json, lost)
  }
  if (!yes) {
    const lost = await takesAway(rehearsed.document.differences)
    if (lost.length > 0) {
      process.stderr.write(`${[...sentLines(rehearsed), ...lost].join('\n')}\n`)
      const refusal = await confirm('Do it?', terminal)
      if (refusal !== undefined) return complain(refusal, 1)
    }
  }
  const sent = await makeOrRepeat(wish, options, ifMatch)
  const code = finish(sent, json)
  if (sent.kind === 'done' && sent.document.differences.length > 0) await follow(sent.document.revision, wish, options)
  return code
}

const TRIES = 3

/** A release that goes on by itself, or somebody at other fields, is no conflict: it is made for the new revision. */
async function makeOrRepeat(wish: Wish, options: OperatorOptions, revision: number): Promise<Sent> {
  let ifMatch = revision
  for (let tried = 1; ; tried += 1) {
    const sent = await sendChange(wish, { ...options, ifMatch, dryRun: false })
    if (sent.kind !== 'conflict' || options.ifMatch !== undefined || tried >= TRIES || touches(wish, sent.differences)) return sent
    ifMatch = sent.revision
  }
}

/** Whether one of the fields is about what is wished. A revert is about everything. */
export function touches({ changes }: Wish, differences: readonly Difference[]): boolean {
  return changes.some((change) => {
    switch (change.kind) {
      case 'set-weights':
      case 'clear-weights':
        return differences.some(({ field }) => field.startsWith(`pools.${change.pool}.`))
      case 'drain':
      case 'undrain':
        return differences.some(({ field }) => field.startsWith('drains.'))
      case 'release':
      case 'set-release':
      case 'clear-release':
        return differences.some(({ field }) => field.startsWith(`releases.${change.release}.`))
      case 'revert':
        return true
      default:
        return change satisfies never
    }
  })
}

function finish(sent: Sent, json: boolean, more: readonly string[] = []): number {
  if (json) process.stdout.write(`${JSON.stringify(sentAsData(sent))}\n`)
  else (sent.kind === 'done' ? process.stdout : process.stderr).write(`${[...sentLines(sent), ...more].join('\n')}\n`)
  return exitCodeOf(sent)
}

/** On a terminal one line that changes; elsewhere only the end of it. Never among data. */
async function follow(revision: number, { noun }: Wish, { address, json }: OperatorOptions): Promise<void> {
  const live = process.stderr.isTTY === true
  const told = await followSpread(revision, {
    look: spreadReader(address, noun),
    show: (seen) => void (live && process.stderr.write(`\r\u001b[K  ${spreadLine(seen, revision)}`)),
    now: () => performance.now(),
    sleep: (length) => new Promise((resolve) => setTimeout(resolve, length)),
  })
  if (live || !json) process.stderr.write(`${live ? '\r\u001b[K' : ''}${spreadEnd(told, revision)}\n`)
}

export function complain(problem: string, code: number): number {
  process.stderr.write(`${problem}\n`)
  return code
}
