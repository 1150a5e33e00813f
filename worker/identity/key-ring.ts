/**
 * The keys of issuers, as this isolate holds them: asked for each token that must be verified, answered at once. Where they come from is
 * no concern of whoever asks.
 */
import type { PublicJwk } from '../../config/key-set.ts'
import type { TokenIssuer } from '../../config/token-issuer.ts'
import type { Instant } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import type { KeySets } from '../snapshot-port.ts'

export type HeldKeys =
  /** The same list as long as its keys are the same: what is made of them can be kept by it. Never empty. */
  | { readonly kind: 'held'; readonly keys: readonly PublicJwk[] }
  /** Never known, or too old to be believed. */
  | { readonly kind: 'none' }

export interface KeyRing {
  held(issuer: TokenIssuer, now: Instant): HeldKeys
  /** No key of the issuer that is held can have made a token: its key may have been published just now. */
  noteUnknownKey(issuer: TokenIssuer, platform: Platform): void
}

/** Of issuers whose keys are fetched, and of those whose keys stand in the configuration. */
export function keyRing(issuers: readonly TokenIssuer[], sets: KeySets): KeyRing {
  const ofConfiguration = staticKeyRing(issuers)
  const answers = new Map<string, Extract<HeldKeys, { kind: 'held' }>>()
  return {
    held: (issuer, now) => {
      if (issuer.keys.kind === 'static') return ofConfiguration.held(issuer, now)
      const keys = sets.keysOf(issuer.keys.key, now)
      if (keys === undefined) return NONE
      const last = answers.get(issuer.id)
      if (last?.keys === keys) return last
      const answer = { kind: 'held', keys } as const
      answers.set(issuer.id, answer)
      return answer
    },
    noteUnknownKey: ({ keys }, platform) => {
      if (keys.kind !== 'static') sets.wantKeys(keys.key, platform)
    },
  }
}

const NONE: HeldKeys = { kind: 'none' }

/** Of keys that stand in the configuration and nowhere else. */
export function staticKeyRing(issuers: readonly TokenIssuer[]): KeyRing {
  const held = new Map<string, HeldKeys>()
  for (const { id, keys } of issuers) if (keys.kind === 'static' && keys.keys.length > 0) held.set(id, { kind: 'held', keys: keys.keys })
  return { held: ({ id }) => held.get(id) ?? NONE, noteUnknownKey: () => {} }
}
