/** Dice for random documents and requests: the same rolls make the same ones. */
import type { Draw } from '../../../config/units.ts'

export type Roll = () => Draw

export const below = (roll: Roll, bound: number): number => Math.floor(roll() * bound)
export const chance = (roll: Roll, share: number): boolean => roll() < share
export function oneOf<Of>(roll: Roll, list: readonly Of[]): Of {
  const found = list[below(roll, list.length)]
  if (found === undefined) throw new Error('one of nothing')
  return found
}
export const maybe = <Fields extends object>(roll: Roll, share: number, fields: () => Fields): Fields | Record<string, never> =>
  chance(roll, share) ? fields() : {}
