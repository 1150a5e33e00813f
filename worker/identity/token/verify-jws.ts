/** Whose signature a token has: the key that it names among those of its issuer, fit for the algorithm, and no other. */
import type { PublicJwk } from '../../../config/key-set.ts'
import type { SignedText } from './read-jws.ts'
import type { ReadyKeys } from './ready-keys.ts'
import { fits, isSignedBy } from './verify-signature.ts'

export type SignatureFinding =
  | 'good'
  /** The key that it names did not make it. */
  | 'bad'
  /** It names a key that is not among them. */
  | 'unknown-key'
  /** It names none of them, and none that fits made it: it is bad, or its key is not known yet. */
  | 'of-no-key'

/**
 * Of a token whose algorithm is permitted. Never rejects. One that names no key costs a verification for each that fits: `KEYS_MAX` at most, and
 * with fewer the token of a key would be refused for its place in the set.
 */
export function verifyJws(
  signed: Pick<SignedText, 'token' | 'header'>,
  keys: readonly PublicJwk[],
  ready?: ReadyKeys,
): SignatureFinding | Promise<SignatureFinding> {
  const { algorithm, kid } = signed.header
  const named = kid === undefined ? [] : keys.filter((key) => key.kid === kid)
  const meant = named.length > 0 ? named : keys.filter((key) => kid === undefined || key.kid === undefined)
  if (meant.length === 0) return 'unknown-key'
  const otherwise = named.length > 0 ? 'bad' : 'of-no-key'
  const [first, ...others] = meant.filter((key) => fits(key, algorithm))
  if (first === undefined) return otherwise
  const isGood = isSignedBy(signed, first, ready)
  return isGood.then((good) => (good ? 'good' : others.length === 0 ? otherwise : ofOthers(signed, others, otherwise, ready)))
}

async function ofOthers(
  signed: Pick<SignedText, 'token' | 'header'>,
  keys: readonly PublicJwk[],
  otherwise: SignatureFinding,
  ready?: ReadyKeys,
): Promise<SignatureFinding> {
  for (const key of keys) if (await isSignedBy(signed, key, ready)) return 'good'
  return otherwise
}
