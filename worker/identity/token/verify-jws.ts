/** Whose signature a token has: the key that it names among those of its issuer, fit for the algorithm, and no other. */
import { compactVerify } from 'jose'
import type { PublicJwk } from '../../../config/key-set.ts'
import type { SignedText } from './read-jws.ts'

export type SignatureFinding = 'good' | 'bad' | 'unknown-key'

/** Of a token that names no key, as many are tried: sets have few, and each costs a verification. */
const TRIED_MAX = 4

/** Of a token whose algorithm is permitted. Never rejects. */
export async function verifyJws(
  { token, algorithm, kid }: Pick<SignedText, 'token' | 'algorithm' | 'kid'>,
  keys: readonly PublicJwk[],
): Promise<SignatureFinding> {
  const named = kid === undefined ? keys : keysNamed(kid, keys)
  if (named.length === 0) return 'unknown-key'
  const fitting = named.filter((key) => fits(key, algorithm))
  for (const key of fitting.slice(0, TRIED_MAX)) if (await isSignedBy(token, algorithm, key)) return 'good'
  return 'bad'
}

/** Where no key has that name, those that have none could be meant. */
function keysNamed(kid: string, keys: readonly PublicJwk[]): readonly PublicJwk[] {
  const named = keys.filter((key) => key.kid === kid)
  return named.length > 0 ? named : keys.filter((key) => key.kid === undefined)
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', EdDSA: 'Ed25519' }

/** RFC 8725 section 3.1: each key for its algorithm alone, whatever a token asks for. */
function fits({ kty, crv, alg }: PublicJwk, algorithm: string): boolean {
  if (alg !== undefined && alg !== algorithm) return false
  switch (kty) {
    case 'oct':
      return algorithm.startsWith('HS')
    case 'RSA':
      return /^[RP]S/.test(algorithm)
    case 'EC':
    case 'OKP':
      return CURVES[algorithm] === crv
    default:
      return kty satisfies never
  }
}

/** The library keeps what it imports by the key's identity: a key that stays the same is imported once. */
export async function isSignedBy(token: string, algorithm: string, key: PublicJwk): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
    return true
  } catch {
    return false
  }
}
