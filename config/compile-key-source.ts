/** Writes the place that an issuer's keys are fetched from out as the base holds it. One place is one key set, whoever names it. */
import { canonical, type Digest, HASH_DIGITS } from './canonical.ts'
import { keySetKey } from './ids.ts'
import type { KeySetSource } from './key-set.ts'
import type { KeySource, TokenIssuer } from './token-issuer.ts'

/** `issuer`: what its tokens say in `iss`, and a discovery document must say too. */
export function compileKeySource(
  kind: 'jwks' | 'discovery',
  { url, issuer }: Pick<KeySetSource, 'url' | 'issuer'>,
  digest: Digest,
): KeySource {
  const identity = kind === 'discovery' ? { kind, url, issuer } : { kind, url }
  return { kind, key: keySetKey(digest(canonical(identity)).slice(0, HASH_DIGITS)), url }
}

/** What vantages must fetch for these issuers, each source once. */
export function keySetSources(issuers: readonly TokenIssuer[]): readonly KeySetSource[] {
  const sources = new Map<string, KeySetSource>()
  for (const { issuer, keys } of issuers) {
    if (keys.kind === 'static') continue
    const { key, kind, url } = keys
    sources.set(key, kind === 'discovery' ? { key, kind, url, issuer } : { key, kind, url })
  }
  return [...sources.values()]
}
