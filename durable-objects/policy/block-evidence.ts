/**
 * How much one window of counts speaks against a claim about the difference of two shares: an e-value, which is 1 or less on average while the
 * claim holds, whatever the shares are. E-values of windows multiply, and by Ville's inequality their product ever reaches 1/alpha with a
 * chance of alpha at most, however often one looks.
 *
 * The claim is "the canary's share less stable's, weighed by the canary's requests in each stratum, is at most (at least) the margin". Those
 * shares are a convex set, so that the likelihood of a guessed alternative over that of the member of the set nearest to it (in
 * Kullback-Leibler divergence) is such an e-value (Turner and Grünwald, "Exact anytime-valid confidence intervals for contingency tables and
 * beyond", 2023): the logarithm of its mean is concave in the shares and has its maximum, 0, at that very member. Guesses come from earlier
 * windows; a bad guess costs power, never honesty.
 */

/** The counts of one route in one region, and the guess for stable's share of hits. */
export interface Block {
  readonly stable: Tally
  readonly canary: Tally
  readonly guess: number
}

export interface Tally {
  readonly attempts: number
  readonly hits: number
}

/** Guesses stay off 0 and 1: a certainty that fails would cost everything. */
const GUESS_MIN = 1e-5
/** Of the difference at the nearest member: far finer than anything that is decided by it. */
const PRECISION = 1e-10
const ROUNDS_MAX = 100

/**
 * Logarithm of the e-value of a window, by the guess that the canary's share is `difference` above stable's: against "at most the margin" where
 * that is more than the margin, and against "at least the margin" where it is less. 0, which says nothing, without requests of both tracks.
 */
export function blockEvidence(blocks: readonly Block[], difference: number, margin: number): number {
  const side = Math.sign(difference - margin)
  const first = firstPull(blocks, difference, margin)
  // Shares end at 0 and 1: the guess may turn out to lie within the claim.
  if (first === undefined || Math.sign(first.excess) !== side) return 0
  const pull = findPull(blocks, { difference, margin, side, first: first.pull })
  if (pull === undefined) return 0
  let sum = 0
  for (const { stable, canary, guess } of blocks) {
    if (stable.attempts === 0 || canary.attempts === 0) continue
    const stableGuess = clamp(guess)
    const canaryGuess = clamp(guess + difference)
    sum += logRatio(stable, stableGuess, shift(stableGuess, (pull * canary.attempts) / stable.attempts))
    sum += logRatio(canary, canaryGuess, shift(canaryGuess, -pull))
  }
  return sum
}

/** By how much the guess is above the margin, and the pull that would do if stable stayed where it is; undefined with nothing to compare. */
function firstPull(blocks: readonly Block[], difference: number, margin: number): { excess: number; pull: number } | undefined {
  let requests = 0
  let excess = 0
  let pull = 0
  for (const { stable, canary, guess } of blocks) {
    if (stable.attempts === 0 || canary.attempts === 0) continue
    const canaryGuess = clamp(guess + difference)
    const to = clamp(clamp(guess) + margin)
    requests += canary.attempts
    excess += canary.attempts * (canaryGuess - clamp(guess) - margin)
    pull += (canary.attempts * (canaryGuess - to)) / (to * (1 - to))
  }
  return requests === 0 ? undefined : { excess: excess / requests, pull: pull / requests }
}

interface Sought {
  readonly difference: number
  readonly margin: number
  /** 1 where the guess is above the margin. */
  readonly side: number
  readonly first: number
}

/** How hard both shares are pulled together (apart, when negative) until their difference is the margin; undefined when that was not found. */
function findPull(blocks: readonly Block[], { difference, margin, side, first }: Sought): number | undefined {
  // The difference falls as the pull grows. Newton's steps while they stay in the bracket and halve the excess: near 0 and 1 it has sharp bends.
  let near = 0
  let far: number | undefined
  let pull = first
  let before = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const at = excessAt(blocks, difference, pull)
    const excess = at.difference - margin
    if (Math.abs(excess) < PRECISION) return pull
    if (Math.sign(excess) === side) near = pull
    else far = pull
    const newton = pull - excess / at.slope
    const inside = side * (newton - near) > 0 && (far === undefined || side * (far - newton) > 0)
    const quick = inside && Math.abs(excess) < before / 2
    before = Math.abs(excess)
    pull = quick ? newton : far === undefined ? 2 * near + side : (near + far) / 2
  }
  return undefined
}

/** The difference of the shares that a pull leads to, weighed by the canary's requests, and how fast it changes. */
function excessAt(blocks: readonly Block[], apart: number, pull: number): { difference: number; slope: number } {
  let requests = 0
  let difference = 0
  let slope = 0
  for (const { stable, canary, guess } of blocks) {
    if (stable.attempts === 0 || canary.attempts === 0) continue
    const ratio = canary.attempts / stable.attempts
    const below = shift(clamp(guess + apart), -pull)
    const above = shift(clamp(guess), ratio * pull)
    requests += canary.attempts
    difference += canary.attempts * (below - above)
    slope -= canary.attempts * (slopeAt(below, -pull) + ratio * slopeAt(above, ratio * pull))
  }
  return { difference: difference / requests, slope: slope / requests }
}

const clamp = (value: number): number => Math.min(1 - GUESS_MIN, Math.max(GUESS_MIN, value))

/** The share x with x − guess = pull · x · (1 − x), by the root that does not cancel. */
function shift(guess: number, pull: number): number {
  const b = 1 - pull
  const root = Math.sqrt(Math.max(0, b * b + 4 * pull * guess))
  return b >= 0 ? (2 * guess) / (b + root) : (root - b) / (2 * pull)
}

/** How fast `shift` moves with its pull. */
const slopeAt = (x: number, pull: number): number => (x * (1 - x)) / (1 - pull * (1 - 2 * x))

const logRatio = ({ attempts, hits }: Tally, guess: number, near: number): number =>
  (hits === 0 ? 0 : hits * Math.log(guess / near)) + (attempts === hits ? 0 : (attempts - hits) * Math.log((1 - guess) / (1 - near)))
