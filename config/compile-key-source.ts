/** Writes the place that an issuer's keys are fetched from out as the base holds it. One place is one key set, whoever names it. */
import { canonical, type Digest, HASH_DIGITS } from './canonical.ts'
import { keySetKey } from './ids.ts'
import type { KeySource } from './token-issuer.ts'

export function compileKeySource(kind: 'jwks' | 'discovery', url: string, digest: Digest): KeySource {
  return { kind, key: keySetKey(digest(canonical({ kind, url })).slice(0, HASH_DIGITS)), url }
}
