/**
 * Affinity: which endpoint a key belongs to. Rendezvous hashing (highest random weight): every endpoint draws a number from the key and its own
 * name, and the best draw takes it. When one leaves, its keys go to their second best and no other key moves; when it comes back they return.
 * Weights and ramps scale the draws, so that a change of one weight moves keys from or to that endpoint only.
 */
import type { Candidate } from '../route-state.ts'

/** 32 bits of a text: FNV-1a, then mixed, because its last characters barely reach the high bits. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mix(hash)
}

/** Each bit of the result depends on each bit of the input (MurmurHash3's finalizer). */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** How far an endpoint is from a key: exponentially distributed with its weight as the rate, so that the lowest of all falls by weight. */
export function hashDistance(key: number, candidate: Candidate, weight: number): number {
  const uniform = (mix(key ^ candidate.seed) + 0.5) / 2 ** 32
  return -Math.log(uniform) / weight
}

/** The one to which `key` belongs among `equals`; `weights` stand beside them. */
export function byHash(key: number, equals: readonly Candidate[], weights: readonly number[]): Candidate | undefined {
  let best: Candidate | undefined
  let least = Number.POSITIVE_INFINITY
  for (const [index, candidate] of equals.entries()) {
    const distance = hashDistance(key, candidate, weights[index] ?? 1)
    if (distance >= least && best !== undefined) continue
    least = distance
    best = candidate
  }
  return best
}
