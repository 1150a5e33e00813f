/** What of the director is worth a line in the status: a revision that some vantages do not have yet, and a director that does not answer. */
import { styleText } from 'node:util'
import type { VantageStatus } from '../../config/status.ts'

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
