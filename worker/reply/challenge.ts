/** What a refused client is told to come back with (RFC 9110 section 11.6.1): that a token was not good, never why. */
import { PROOF_ALGORITHMS } from '../identity/token/prove-key.ts'
import type { Refused } from '../policy/admit.ts'

const DPOP = `DPoP algs="${PROOF_ALGORITHMS.join(' ')}"`
/** Seconds until the news of a key can be here: a sync of the isolate. */
const KEY_RETRY_AFTER = '1'

export function challenge(headers: Headers, { code, presented, challenge: proof }: Refused): void {
  if (code === 'ERR_TOKEN_KEY_UNKNOWN') headers.set('retry-after', KEY_RETRY_AFTER)
  if (presented === undefined) return
  // RFC 6750 section 3.1: who showed no token is told of no error.
  const bearer = presented ? 'Bearer error="invalid_token"' : 'Bearer'
  headers.set(
    'www-authenticate',
    proof === undefined ? bearer : `${bearer}, ${proof === 'dpop' ? DPOP : `${DPOP}, error="invalid_dpop_proof"`}`,
  )
}
