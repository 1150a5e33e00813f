/** The operators' API, as the base holds it: where it answers, and whose tokens open which of its nouns beside the secret `OPERATOR_TOKEN`. */
import type { Base } from './base.ts'
import type { TokenIssuer } from './token-issuer.ts'

export interface OperatorsSettings {
  /** Lower case, without wildcards. Empty: every host that the gateway serves. */
  readonly hosts: readonly string[]
  /** Of operators alone: no host of the gateway takes their tokens. */
  readonly issuers: readonly TokenIssuer[]
  /** What a token must grant for each right. */
  readonly scopes: Readonly<Record<OperatorsRight, string>>
}

/** Nouns that are only asked. */
export const READ_NOUNS = ['status', 'explain', 'plan', 'drift', 'audit'] as const
/** Nouns that are read and changed, each with a right of its own for both. */
export const CHANGE_NOUNS = ['weights', 'drains', 'releases', 'revisions'] as const
export type ChangeNoun = (typeof CHANGE_NOUNS)[number]

/** What stands under `/.well-known/meridian/`, but for the health of the edge, which anybody may ask. */
export const OPERATORS_NOUNS = [...READ_NOUNS, ...CHANGE_NOUNS] as const
export type OperatorsNoun = (typeof OPERATORS_NOUNS)[number]

export type OperatorsRight = (typeof READ_NOUNS)[number] | `${ChangeNoun}:${'read' | 'write'}`

const isChangeNoun = (noun: OperatorsNoun): noun is ChangeNoun => CHANGE_NOUNS.some((each) => each === noun)

/** Whatever is no plain reading is a change. */
export function rightFor(noun: OperatorsNoun, method: string): OperatorsRight {
  return isChangeNoun(noun) ? `${noun}:${method === 'GET' || method === 'HEAD' ? 'read' : 'write'}` : noun
}

/** Whoever's keys an isolate needs, each issuer once. */
export function issuersOf({ admission, operators }: Pick<Base, 'admission' | 'operators'>): readonly TokenIssuer[] {
  return [...new Map([...(admission?.issuers ?? []), ...(operators?.issuers ?? [])].map((issuer) => [issuer.id, issuer])).values()]
}
