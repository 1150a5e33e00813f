/**
 * The seed of every random test, and the dice that fall by it. It is one fixed number, so that a test is green or red for everybody alike;
 * `SEED=N` takes another, and `npm run fuzz` one after the other.
 */
import { seededDraw } from '../cli/failover/seeded-draw.ts'
import type { Draw } from '../config/units.ts'

/** The day on which this became one number. */
const EVERYDAY = 20_261_126

export const SEED = readSeed(process.env['SEED'])

function readSeed(text: string | undefined): number {
  const seed = text === undefined ? EVERYDAY : Number(text)
  if (text === '' || !Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new Error(`SEED is a whole number below 2 ** 32, not "${text}"`)
  return seed
}

/** Draws that are the same for the same seed. */
export const dice = seededDraw as (seed: number) => () => Draw

/** As many seeds, this run's first. */
export const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => SEED + index)
