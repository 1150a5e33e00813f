/** What of the director is worth a line in the status: what it says is wrong, a revision that some vantages do not have yet, and that it is silent. */
import { styleText } from 'node:util'
import type { DirectorSays, VantageStatus } from '../../config/status.ts'
import { showLength } from './show-length.ts'

export function directorLines(answered: readonly VantageStatus[]): string[] {
  const told = answered.flatMap(({ vantage, director }) => (director === undefined ? [] : [{ vantage, ...director }]))
  const newest = Math.max(0, ...told.map(({ holds }) => holds?.revision ?? 0))
  const behind = told.filter(({ holds }) => (holds?.revision ?? 0) < newest).map(({ vantage }) => vantage)
  const silent = told.find(({ silent: why }) => why !== undefined)
  return [
    ...(newest === 0 ? [] : [`  revision ${newest} is in force${behind.length === 0 ? '' : `, ${behind.join(', ')} not having it yet`}`]),
    ...(silent === undefined
      ? []
      : [
          styleText(
            'red',
            `  the director does not answer ${silent.vantage} (${silent.silent}): nothing can be changed, what is in force stays`,
          ),
        ]),
  ]
}

/** As the director itself tells the gateway: what waits for somebody stands there whole, of what went wrong the last three. */
export function directorProblems(says: DirectorSays | undefined): string[] {
  if (says === undefined) return []
  if (!says.answered) return [styleText('red', `  ${says.problem}`)]
  const waiting = says.problems.filter(({ ago }) => ago === 0)
  const past = says.problems.filter(({ ago }) => ago > 0).slice(0, PAST_SHOWN)
  return [
    ...waiting.map(({ text }) => styleText('red', `  director: ${text}`)),
    ...past.map(({ ago, text }) => `  director, ${showLength(ago)} ago: ${text}`),
  ]
}

const PAST_SHOWN = 3
