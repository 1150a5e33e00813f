/**
 * The keys of issuers, as this isolate holds them: asked for each token that must be verified, answered at once. Where they come from is
 * no concern of whoever asks.
 */
import type { PublicJwk } from '../../config/key-set.ts'
import type { TokenIssuer } from '../../config/token-issuer.ts'
import type { Instant } from '../../config/units.ts'
import type { Platform } from '../ports.ts'

export type HeldKeys =
  /** The same list as long as its keys are the same: what is made of them can be kept by it. Never empty. */
  | { readonly kind: 'held'; readonly keys: readonly PublicJwk[] }
  /** Never known, or too old to be believed. */
  | { readonly kind: 'none' }

export interface KeyRing {
  held(issuer: TokenIssuer, now: Instant): HeldKeys
  /** A token names a key of the issuer that is not held: it may have been published just now. */
  noteUnknownKey(issuer: TokenIssuer, platform: Platform): void
}

const NONE: HeldKeys = { kind: 'none' }

/** Of keys that stand in the configuration and nowhere else. */
export function staticKeyRing(issuers: readonly TokenIssuer[]): KeyRing {
  const held = new Map<string, HeldKeys>()
  for (const { id, keys } of issuers) if (keys.kind === 'static' && keys.keys.length > 0) held.set(id, { kind: 'held', keys: keys.keys })
  return { held: ({ id }) => held.get(id) ?? NONE, noteUnknownKey: () => {} }
}
