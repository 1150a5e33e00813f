/** The keys of issuers as lines for people: how many count, how old they are, and what went wrong with them last. */
import { styleText } from 'node:util'
import type { KeySetStatus, VantageStatus } from '../../config/status.ts'
import { showLength } from './show-length.ts'

const DROPPED_SHOWN = 3

/** Nothing where no keys are fetched. */
export function keySetLines({ keySets }: VantageStatus): string[] {
  if (keySets === undefined || keySets.length === 0) return []
  return ['', styleText('bold', 'keys of issuers'), ...keySets.flatMap(linesOf)]
}

function linesOf({ url, keys, age, stale, problem, dropped }: KeySetStatus): string[] {
  const state =
    age === undefined
      ? styleText('red', 'no keys: none of its tokens can be verified')
      : `${keys} ${keys === 1 ? 'key' : 'keys'}, said ${showLength(age)} ago${stale ? styleText('yellow', ', stale') : ''}`
  return [
    `  ${url}  ${state}`,
    ...(problem === undefined ? [] : [`    ${showLength(problem.ago)} ago, ${problem.failedInRow} in a row: ${problem.text}`]),
    ...dropped.slice(0, DROPPED_SHOWN).map((text) => styleText('dim', `    left out: ${text}`)),
  ]
}
