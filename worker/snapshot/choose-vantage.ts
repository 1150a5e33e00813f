/** Decides in which order an isolate asks vantages: the nearest first; without coordinates any one, but always the same. */
import type { Coordinates } from '../../config/base.ts'
import type { IsolateId, VantageId } from '../../config/ids.ts'
import { placeOf } from '../../config/vantages.ts'
import { nearness, unitVector } from '../policy/distance.ts'

export function orderVantages(vantages: readonly VantageId[], from: Coordinates | undefined, isolate: IsolateId): readonly VantageId[] {
  if (from === undefined) {
    const first = hash(isolate) % Math.max(1, vantages.length)
    return [...vantages.slice(first), ...vantages.slice(0, first)]
  }
  const here = unitVector(from)
  const near = (vantage: VantageId): number => {
    const place = placeOf(vantage)
    return place === undefined ? Number.NEGATIVE_INFINITY : nearness(here, unitVector(place))
  }
  return [...vantages].sort((a, b) => near(b) - near(a))
}

/** FNV-1a, 32 bits: spreads isolates evenly, and needs no more. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}
