/**
 * Several guesses bet against the same claim, each with a part of one purse: what the purse holds, as a multiple of what it began with, is the
 * evidence, and no guess has to be the right one. The first never bets, so that a window that surprises all others costs little; and a
 * little is dealt out anew after each window, so that a guess that was wrong for an hour can be right from now on.
 */

/** Natural logarithms of what each has; the first never bets. */
export type Purse = readonly number[]

/** Dealt out anew after each window. It costs half of the purse in an hour at most; a late fault is noticed a window or two later than an early one. */
const DEALT = 1 / 500

/** Which part of a purse each has; together 1. */
export type Parts = readonly number[]

/** `guesses`: what each guess begins with; what they leave of 1 never bets. */
export const partsOf = (guesses: readonly number[]): Parts => [1 - guesses.reduce((sum, part) => sum + part, 0), ...guesses]

export const newPurse = (parts: Parts): Purse => parts.map(Math.log)

/** `evidence`: by guess, the logarithm of its e-value for this window. */
export function bet(purse: Purse, evidence: readonly number[], parts: Parts): Purse {
  const after = parts.map((_, index) => (purse[index] ?? Number.NEGATIVE_INFINITY) + (index === 0 ? 0 : (evidence[index - 1] ?? 0)))
  const total = logSum(after)
  return parts.map((part, index) => total + Math.log((1 - DEALT) * Math.exp((after[index] ?? 0) - total) + DEALT * part))
}

/** Logarithm of the evidence. */
export const worth = (purse: Purse): number => logSum(purse)

export function logSum(logs: readonly number[]): number {
  let highest = Number.NEGATIVE_INFINITY
  for (const log of logs) if (log > highest) highest = log
  if (highest === Number.NEGATIVE_INFINITY) return highest
  let sum = 0
  for (const log of logs) sum += Math.exp(log - highest)
  return highest + Math.log(sum)
}
