/**
 * Whether a request proves that its client holds the key that its token is bound to (RFC 9449 section 4.3). That a proof was used before is
 * remembered by this isolate alone: a proof that is stolen on the way serves once more in another one, for as long as it lives.
 */
import { base64url, calculateJwkThumbprint } from 'jose'
import { readKey } from '../../../config/keys/read-key.ts'
import { type DurationMs, type Instant, seconds } from '../../../config/units.ts'
import type { Unidentified } from '../identify.ts'
import { readJws, type UnverifiedJws } from './read-jws.ts'
import type { UsedProofs } from './used-proofs.ts'
import { isSignedBy } from './verify-signature.ts'

/** A proof has a key and a URL in it, and no more. */
const PROOF_CHARACTERS_MAX = 4096
/** How old a proof may be, beside the skew: a client makes one for each request. */
export const PROOF_AGE_MAX = seconds(60)
export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA'] as const
const ALGORITHMS: ReadonlySet<string> = new Set(PROOF_ALGORITHMS)
const BRINGS: ReadonlySet<string> = new Set(['jwk'])
const JTI_MAX = 256

export interface BoundToken {
  readonly token: string
  readonly thumbprint: string
  readonly skew: DurationMs
}

/** Why not; undefined when it does. Never rejects. */
export async function flawOfProof(asking: Unidentified, bound: BoundToken, used: UsedProofs): Promise<string | undefined> {
  const header = asking.request.headers.get('dpop')
  if (header === null) return 'it is bound to a key, and there is no DPoP header'
  if (header.includes(',')) return 'there are several DPoP headers'
  if (header.length > PROOF_CHARACTERS_MAX) return `the DPoP proof is longer than ${PROOF_CHARACTERS_MAX} characters`
  const read = readJws(header, { allowed: BRINGS })
  if (!read.ok) return `the DPoP proof: ${read.error}`
  const flaw = flawOfClaims(read.value, asking, bound.skew)
  if (flaw !== undefined) return `the DPoP proof: ${flaw}`
  const proved = await flawOfKey(read.value, bound)
  if (proved !== undefined) return `the DPoP proof: ${proved}`
  const now = asking.inbound.receivedAt
  return used.use(`${bound.thumbprint}.${String(read.value.payload['jti'])}`, now) ? undefined : 'the DPoP proof was used before'
}

function flawOfClaims(
  { header: { type, algorithm }, payload }: UnverifiedJws,
  { inbound }: Unidentified,
  skew: DurationMs,
): string | undefined {
  if (type?.toLowerCase() !== 'dpop+jwt') return 'its typ is not dpop+jwt'
  if (!ALGORITHMS.has(algorithm)) return 'its alg does not count'
  const { jti, htm, htu, iat, ath } = payload
  if (typeof jti !== 'string' || jti === '' || jti.length > JTI_MAX) return `its jti is no text of at most ${JTI_MAX} characters`
  if (htm !== inbound.method) return 'its htm is another method'
  if (typeof htu !== 'string' || !isSamePlace(htu, `${inbound.scheme}://${inbound.authority}${inbound.path}`))
    return 'its htu is another URL'
  if (typeof ath !== 'string') return 'its ath is missing'
  return flawOfAge(iat, inbound.receivedAt, skew)
}

function flawOfAge(iat: unknown, now: Instant, skew: DurationMs): string | undefined {
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return 'its iat is missing or no time'
  if (iat * 1000 > now + skew) return 'it was made in the future'
  return now - iat * 1000 > PROOF_AGE_MAX + skew ? 'it is too old' : undefined
}

/** Query and fragment do not count (RFC 9449 section 4.3, item 9). */
function isSamePlace(said: string, asked: string): boolean {
  const [a, b] = [URL.parse(said), URL.parse(asked)]
  return a !== null && b !== null && a.origin === b.origin && a.pathname === b.pathname && a.username === '' && a.password === ''
}

async function flawOfKey(proof: UnverifiedJws, bound: BoundToken): Promise<string | undefined> {
  const { header, payload } = proof
  const key = readKey(header.members['jwk'], 'endpoint')
  if (!key.ok) return `its key: ${key.error}`
  if ((await calculateJwkThumbprint(key.value)) !== bound.thumbprint) return 'its key is not the one that the token is bound to'
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(bound.token))
  if (base64url.encode(new Uint8Array(digest)) !== payload['ath']) return 'it was made for another token'
  return (await isSignedBy(proof, key.value)) ? undefined : 'its signature is bad'
}
