/** Dice that fall the same for the same seed. */
import { type Draw, draw } from '../../../config/units.ts'

/** A small deterministic generator. */
export function mulberry(seed: number): () => Draw {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return draw(((value ^ (value >>> 14)) >>> 0) / 4_294_967_296)
  }
}
