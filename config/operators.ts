/** The operators' API, as the base holds it: where it answers, and whose tokens open which of its nouns beside the secret `OPERATOR_TOKEN`. */
import type { Base } from './base.ts'
import type { TokenIssuer } from './token-issuer.ts'

export interface OperatorsSettings {
  /** Lower case, without wildcards. Empty: every host that the gateway serves. */
  readonly hosts: readonly string[]
  /** Of operators alone: no host of the gateway takes their tokens. */
  readonly issuers: readonly TokenIssuer[]
  /** What a token must grant for each noun. */
  readonly scopes: Readonly<Record<OperatorsNoun, string>>
}

/** What stands under `/.well-known/meridian/`, but for the health of the edge, which anybody may ask. */
export const OPERATORS_NOUNS = ['status', 'explain'] as const
export type OperatorsNoun = (typeof OPERATORS_NOUNS)[number]

/** Whoever's keys an isolate needs, each issuer once. */
export function issuersOf({ admission, operators }: Pick<Base, 'admission' | 'operators'>): readonly TokenIssuer[] {
  return [...new Map([...(admission?.issuers ?? []), ...(operators?.issuers ?? [])].map((issuer) => [issuer.id, issuer])).values()]
}
