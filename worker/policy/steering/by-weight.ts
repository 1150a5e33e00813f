import type { Draw, Instant } from '../../../config/units.ts'
import { inFlight } from '../endpoint-load.ts'
import type { Candidate } from '../route-state.ts'

/**
 * Drawn by `weights`, which stand beside the candidates; those of the drawn one's weight then stand for each other, and of two the one with fewer attempts waiting takes it. The
 * drawn one takes it when they are equal, so that an idle pool keeps its weights; latency is not asked, for the nearest would take all.
 */
export function byWeight(equals: readonly Candidate[], weights: readonly number[], now: Instant, draw: Draw): Candidate | undefined {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  let rest = draw * sum
  for (const [index, candidate] of equals.entries()) {
    const weight = weights[index] ?? 0
    if (rest >= weight) {
      rest -= weight
      continue
    }
    const alike = equals.filter((_, other) => other !== index && weights[other] === weight)
    // What is left of the draw within this weight is uniform again.
    const rival = alike[Math.floor((rest / weight) * alike.length)]
    return rival !== undefined && inFlight(rival.state.load, now) < inFlight(candidate.state.load, now) ? rival : candidate
  }
  return equals[equals.length - 1]
}
