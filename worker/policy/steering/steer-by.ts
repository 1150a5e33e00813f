/** What of a request steers it, looked up once before its first attempt and only as far as the pool's steering asks. */
import { type UnitVector, unitVector } from '../distance.ts'
import { affinityKey, type KeyedRequest } from './affinity-key.ts'
import { hashText } from './by-hash.ts'
import type { PoolSteering, Ranks } from './pool-steering.ts'

export interface SteeredRequest extends KeyedRequest {
  readonly place: ClientPlace
}

/** By the platform's word; each is looked up when asked for. */
export interface ClientPlace {
  readonly latitude?: number | undefined
  readonly longitude?: number | undefined
  readonly country?: string | undefined
  readonly continent?: string | undefined
}

export type SteerBy =
  | { readonly kind: 'client'; readonly at: UnitVector }
  /** `cookie`: the key is new, and the client is to be given it under this name. */
  | { readonly kind: 'key'; readonly hash: number; readonly newKey?: string }
  | { readonly kind: 'ranks'; readonly ranks: Ranks; readonly by: 'country' | 'continent' | 'otherwise' }

/** Undefined where nothing of the request matters, or what would is not known. `newKey` is for clients that are to be given a cookie. */
export function steerBy(steering: PoolSteering, request: SteeredRequest, newKey: () => string): SteerBy | undefined {
  switch (steering.kind) {
    case 'listed':
    case 'weighted':
    case 'latency':
      return undefined
    case 'nearest':
      return clientPlace(steering, request.place)
    case 'affinity': {
      const key = affinityKey(steering.key, request)
      if (key !== undefined) return { kind: 'key', hash: hashText(key) }
      if (steering.key.kind !== 'cookie' || steering.key.set === undefined) return undefined
      const made = newKey()
      return { kind: 'key', hash: hashText(made), newKey: made }
    }
    case 'map':
      return ranksFor(steering, request.place)
    default:
      return steering satisfies never
  }
}

function clientPlace({ countries }: Extract<PoolSteering, { kind: 'nearest' }>, place: ClientPlace): SteerBy | undefined {
  const { latitude, longitude } = place
  if (latitude !== undefined && longitude !== undefined) return { kind: 'client', at: unitVector({ latitude, longitude }) }
  const { country } = place
  const at = country === undefined ? undefined : countries.get(country)
  return at === undefined ? undefined : { kind: 'client', at }
}

function ranksFor(map: Extract<PoolSteering, { kind: 'map' }>, { country, continent }: ClientPlace): SteerBy {
  const ofCountry = country === undefined ? undefined : map.countries.get(country)
  if (ofCountry !== undefined) return { kind: 'ranks', ranks: ofCountry, by: 'country' }
  const ofContinent = continent === undefined ? undefined : map.continents.get(continent)
  if (ofContinent !== undefined) return { kind: 'ranks', ranks: ofContinent, by: 'continent' }
  return { kind: 'ranks', ranks: map.otherwise, by: 'otherwise' }
}
