/**
 * Where a vantage can stand: the location hints at which the platform hosts Durable Objects, with a point near the middle of
 * each (degrees). A vantage is named after its hint. `sam`, `afr` and `me` are hints too, but host no objects: they are not here.
 */
import type { Coordinates } from './base.ts'
import type { VantageId } from './ids.ts'

const PLACES: ReadonlyMap<string, Coordinates> = new Map([
  ['wnam', { latitude: 37.4, longitude: -122.1 }],
  ['enam', { latitude: 39.0, longitude: -77.5 }],
  ['weur', { latitude: 50.1, longitude: 4.4 }],
  ['eeur', { latitude: 52.2, longitude: 21.0 }],
  ['apac', { latitude: 1.35, longitude: 103.8 }],
  ['apac-ne', { latitude: 35.7, longitude: 139.7 }],
  ['apac-se', { latitude: 1.35, longitude: 103.8 }],
  ['oc', { latitude: -33.9, longitude: 151.2 }],
])

/** The place of a vantage; undefined when the name is no location hint that hosts objects. */
export const placeOf = (vantage: VantageId): Coordinates | undefined => PLACES.get(vantage)

/** Whether the platform can place a vantage of this name. */
export const isVantage = (name: string): name is VantageId => PLACES.has(name)
