/** What came of a change, for people and as data, and the exit code. */
import { styleText } from 'node:util'
import type { Difference } from '../../config/director.ts'
import { differenceLines } from '../plan/render.ts'
import { showLength } from '../status/show-length.ts'
import type { Sent } from './send-change.ts'

/** 0 done, 1 refused or too late, 2 could not be asked. */
export function exitCodeOf({ kind }: Sent): number {
  switch (kind) {
    case 'done':
      return 0
    case 'conflict':
    case 'refused':
      return 1
    case 'failed':
      return 2
    default:
      return kind satisfies never
  }
}

/** One document, whatever came of it. */
export function sentAsData(sent: Sent): unknown {
  switch (sent.kind) {
    case 'done':
      return { done: true, ...sent.document }
    case 'conflict':
    case 'refused':
      return { done: false, ...sent.problem }
    case 'failed':
      return { done: false, detail: sent.reason }
    default:
      return sent satisfies never
  }
}

export function sentLines(sent: Sent): string[] {
  switch (sent.kind) {
    case 'done': {
      const { revision, differences, dryRun } = sent.document
      if (differences.length === 0) return [`Nothing to do: it is so already (revision ${revision}).`]
      const head = dryRun ? `What would change (revision ${revision} is in force):` : styleText('bold', `revision ${revision}`)
      return [head, ...toldDifferences(differences)]
    }
    case 'conflict':
      return [
        styleText('red', `Somebody else was faster: revision ${sent.revision} is in force. Nothing was changed. Since then:`),
        ...(sent.differences.length === 0 ? ['  all that others have changed is again as it was'] : toldDifferences(sent.differences)),
      ]
    case 'refused':
      return [
        styleText('red', 'Refused; nothing was changed:'),
        ...(sent.problem.defects ?? []).map(
          ({ path, expected, found, suggestion }) =>
            `  ${path}  expected ${expected}, found ${found}${suggestion === undefined ? '' : `  (${suggestion})`}`,
        ),
      ]
    case 'failed':
      return [sent.reason]
    default:
      return sent satisfies never
  }
}

/** With whose word it is, why, and how long it lasts. */
export function toldDifferences(differences: readonly Difference[]): string[] {
  if (differences.length === 0) return ['  nothing']
  const lines = differenceLines(differences)
  return lines.map((line, index) => {
    const { owner, reason, expiresIn, inert } = differences[index] ?? {}
    const notes = [
      ...(owner === undefined ? [] : [`by ${owner}${reason === undefined ? '' : `: ${reason}`}`]),
      ...(expiresIn === undefined ? [] : [`ends in ${showLength(expiresIn)}`]),
      ...(inert === true ? ['inert: no such thing is there'] : []),
    ]
    return notes.length === 0 ? line : `${line}  ${styleText('dim', notes.join(', '))}`
  })
}
