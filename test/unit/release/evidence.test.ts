import { describe, expect, test } from 'vitest'
import { type Block, blockEvidence } from '../../../durable-objects/policy/block-evidence.ts'
import { dice, SEED } from '../../seed.ts'

describe('the e-value of a window', () => {
  test(`is at most 1 on average wherever the claim holds, and 1 at its nearest member, seed ${SEED}`, () => {
    const roll = dice(SEED)
    for (let round = 0; round < 300; round += 1) {
      const blocks = Array.from({ length: 1 + Math.floor(roll() * 2) }, () => ({
        stable: { attempts: 1 + Math.floor(roll() * 6), hits: 0 },
        canary: { attempts: 1 + Math.floor(roll() * 3), hits: 0 },
        guess: roll() < 0.5 ? roll() ** 8 : roll(),
      }))
      const margin = roll() < 0.3 ? 0 : 0.3 * roll()
      const apart = 0.8 * roll() - 0.3
      const side = apart > margin ? 1 : -1
      for (let tries = 0; tries < 20; tries += 1) {
        const truth = blocks.map((block) => ({ ...block, stableShare: roll(), canaryShare: roll() }))
        if (side * (differenceOf(truth) - margin) > 0) continue
        expect(meanOver(truth, apart, margin), `round ${round}`).toBeLessThanOrEqual(1 + 1e-9)
      }
    }
  })

  test('is found wherever the guesses lie', () => {
    for (let guess = 1e-5; guess < 1; guess *= 1.05) {
      for (const apart of [0.065, 0.2, 0.45, 0.9]) {
        const [stable, canary] = [
          { attempts: 25, hits: 0 },
          { attempts: 20, hits: 0 },
        ]
        // Nothing failed anywhere: that speaks for no guess that the canary is worse.
        expect(blockEvidence([{ stable, canary, guess }], apart, 0.05), `${guess}, ${apart}`).toBeLessThan(1e-6)
      }
    }
  })

  test('says nothing without both tracks', () => {
    const block: Block = { stable: { attempts: 0, hits: 0 }, canary: { attempts: 9, hits: 9 }, guess: 0.01 }
    expect(blockEvidence([block], 0.5, 0.005)).toBe(0)
    expect(blockEvidence([{ ...block, stable: block.canary, canary: block.stable }], 0.5, 0.005)).toBe(0)
    expect(blockEvidence([], 0.5, 0.005)).toBe(0)
  })
})

interface Truth extends Block {
  readonly stableShare: number
  readonly canaryShare: number
}

function differenceOf(blocks: readonly Truth[]): number {
  const requests = blocks.reduce((sum, { canary }) => sum + canary.attempts, 0)
  return blocks.reduce((sum, { canary, stableShare, canaryShare }) => sum + (canary.attempts / requests) * (canaryShare - stableShare), 0)
}

/** Exact: over all outcomes. */
function meanOver(truth: readonly Truth[], apart: number, margin: number, from = 0): number {
  const block = truth[from]
  if (block === undefined) return Math.exp(blockEvidence(truth, apart, margin))
  let mean = 0
  for (let stable = 0; stable <= block.stable.attempts; stable += 1) {
    for (let canary = 0; canary <= block.canary.attempts; canary += 1) {
      const chance = chanceOf(stable, block.stable.attempts, block.stableShare) * chanceOf(canary, block.canary.attempts, block.canaryShare)
      const seen = {
        ...block,
        stable: { attempts: block.stable.attempts, hits: stable },
        canary: { attempts: block.canary.attempts, hits: canary },
      }
      mean += chance * meanOver(truth.with(from, seen), apart, margin, from + 1)
    }
  }
  return mean
}

function chanceOf(hits: number, n: number, p: number): number {
  let ways = 1
  for (let i = 0; i < hits; i += 1) ways = (ways * (n - i)) / (i + 1)
  return ways * p ** hits * (1 - p) ** (n - hits)
}
