/** Makes a token of the local issuer, good or bad in one way. */
import { generateKeyPair, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import type { IssuerKey } from './issuer-keys.ts'

/** What is wrong with a token: it has expired, another key signed it, it is for somebody else, nobody signed it. */
export const BADNESSES = ['expired', 'signature', 'audience', 'none'] as const
export type Badness = (typeof BADNESSES)[number]

export interface TestToken {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  readonly scope?: string
  readonly claims: Readonly<Record<string, unknown>>
  /** In seconds. */
  readonly lifetime: number
  readonly bad?: Badness
}

/** A bit more than any skew that a configuration may allow. */
const LONG_AGO_S = 600

/** Seconds of the machine's clock in `now`. */
export async function signTestToken(
  token: TestToken,
  key: IssuerKey,
  now: number,
): Promise<{ readonly token: string; readonly claims: JWTPayload }> {
  const issuedAt = token.bad === 'expired' ? now - LONG_AGO_S - token.lifetime : now
  const claims: JWTPayload = {
    iss: token.issuer,
    sub: token.subject,
    aud: token.bad === 'audience' ? `not-${token.audience}` : token.audience,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + token.lifetime,
    ...(token.scope === undefined ? {} : { scope: token.scope }),
    ...token.claims,
  }
  if (token.bad === 'none') return { token: new UnsecuredJWT(claims).encode(), claims }
  const signWith = token.bad === 'signature' ? (await generateKeyPair('ES256')).privateKey : await importJWK(key.jwk, 'ES256')
  const signed = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'at+jwt' }).sign(signWith)
  return { token: signed, claims }
}
