/** Conditions on claims of a verified token. A claim is named by its path: `tenant`, or `realm_access.roles` for a claim within a claim. */

/**
 * - `exact`: a text, number or boolean that reads the same as a text; of a list, one of its members.
 * - `regex`: the source of one of the base's expressions, which takes the whole value; of a list, that of one member.
 * - `present`: it is there, whatever it says.
 * There is no `absent`: what an unknown token says is not known either.
 */
export type ClaimMatch =
  | { readonly claim: ClaimPath; readonly kind: 'exact' | 'regex'; readonly value: string }
  | { readonly claim: ClaimPath; readonly kind: 'present' }

/** Names from the outside in; never empty. Split at dots when the configuration is read; a name with dots in it is written as a list. */
export type ClaimPath = readonly string[]

/** What a token says, as JSON. */
export type Claims = Readonly<Record<string, unknown>>
