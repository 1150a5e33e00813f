/** How far apart two places on the globe are. Kept as unit vectors, so that comparing costs three multiplications. */
import type { Coordinates } from '../../config/base.ts'

export interface UnitVector {
  readonly x: number
  readonly y: number
  readonly z: number
}

export function unitVector({ latitude, longitude }: Coordinates): UnitVector {
  const phi = (latitude * Math.PI) / 180
  const lambda = (longitude * Math.PI) / 180
  return { x: Math.cos(phi) * Math.cos(lambda), y: Math.cos(phi) * Math.sin(lambda), z: Math.sin(phi) }
}

/** From 1 (the same place) to −1 (the other side): the cosine of the angle between the two, which falls with the great-circle distance. */
export const nearness = (a: UnitVector, b: UnitVector): number => a.x * b.x + a.y * b.y + a.z * b.z
