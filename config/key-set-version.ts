/**
 * Names the content of a key set, the same on every machine. FNV-1a in two lanes: it tells versions apart that follow each other, and protects
 * nothing. Whoever could choose keys with the same name owns them all.
 */
import { canonical } from './canonical.ts'
import type { PublicJwk } from './key-set.ts'

const PRIME = 0x01000193
const LANES = [0x811c9dc5, 0x050c5d1f]

export function versionOf(keys: readonly PublicJwk[]): string {
  const text = canonical(keys)
  return LANES.map((start) => {
    let value = start
    for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), PRIME)
    return (value >>> 0).toString(16).padStart(8, '0')
  }).join('')
}
