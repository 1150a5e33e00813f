/** Whose signature a token has: the key that it names among those of its issuer, fit for the algorithm, and no other. */
import type { PublicJwk } from '../../../config/key-set.ts'
import type { SignedText } from './read-jws.ts'
import type { ReadyKeys } from './ready-keys.ts'
import { fits, isSignedBy } from './verify-signature.ts'

export type SignatureFinding = 'good' | 'bad' | 'unknown-key'

/** Of a token that names no key, as many are tried: sets have few, and each costs a verification. */
const TRIED_MAX = 4

/** Of a token whose algorithm is permitted. Never rejects. */
export async function verifyJws(
  signed: Pick<SignedText, 'token' | 'algorithm' | 'kid'>,
  keys: readonly PublicJwk[],
  ready?: ReadyKeys,
): Promise<SignatureFinding> {
  const { algorithm, kid } = signed
  const named = kid === undefined ? keys : keysNamed(kid, keys)
  if (named.length === 0) return 'unknown-key'
  const fitting = named.filter((key) => fits(key, algorithm))
  for (const key of fitting.slice(0, TRIED_MAX)) if (await isSignedBy(signed, key, ready)) return 'good'
  return 'bad'
}

/** Where no key has that name, those that have none could be meant. */
function keysNamed(kid: string, keys: readonly PublicJwk[]): readonly PublicJwk[] {
  const named = keys.filter((key) => key.kid === kid)
  return named.length > 0 ? named : keys.filter((key) => key.kid === undefined)
}
