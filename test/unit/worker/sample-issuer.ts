/** An issuer of tokens for tests, and a host that takes them: keys are made anew for each run. */
import { base64url, CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWTPayload } from 'jose'
import type { HostAdmission } from '../../../config/admission.ts'
import { issuerId } from '../../../config/ids.ts'
import type { PublicJwk } from '../../../config/key-set.ts'
import type { TokenIssuer } from '../../../config/token-issuer.ts'
import { bytes, type Instant, instant, seconds } from '../../../config/units.ts'
import { tokenFinder } from '../../../worker/identity/find-token.ts'
import type { Unidentified } from '../../../worker/identity/identify.ts'
import { type KeyRing, staticKeyRing } from '../../../worker/identity/key-ring.ts'
import { type CertificateFinding, NO_CERTIFICATE, type TokenFinding } from '../../../worker/policy/identity.ts'
import type { Platform } from '../../../worker/ports.ts'

export const NOW: Instant = instant(1_800_000_000_000)
export const NOW_SECONDS = NOW / 1000

export interface KeyPair {
  readonly sign: CryptoKey
  readonly jwk: PublicJwk
}

export async function keyPair(alg: string, kid?: string): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const { kty, crv, x, y, n, e } = await exportJWK(publicKey)
  const members = Object.entries({ kty, crv, x, y, n, e, kid }).filter(([, value]) => value !== undefined)
  return { sign: privateKey, jwk: Object.fromEntries(members) as unknown as PublicJwk }
}

export const GOOD = { iss: 'https://id.example.com', aud: 'shop', sub: 'ann', iat: NOW_SECONDS - 10, exp: NOW_SECONDS + 300 }

export function issuerOf(keys: readonly PublicJwk[], given: Partial<TokenIssuer> = {}): TokenIssuer {
  return {
    id: issuerId('idp'),
    issuer: GOOD.iss,
    audiences: ['shop', 'admin'],
    keys: { kind: 'static', keys },
    algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    skew: seconds(30),
    types: [],
    claims: [],
    scopes: [],
    from: [{ kind: 'header', name: 'authorization', scheme: 'Bearer' }],
    sizeMax: bytes(8 * 1024),
    binding: 'when-said',
    ...given,
  }
}

/** A signed text of exactly these bytes. */
export const signed = (payload: string, key: CryptoKey | Uint8Array, header: { readonly alg: string } & Record<string, unknown>) =>
  new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(header).sign(key)

export const token = (claims: JWTPayload | object, { sign, jwk }: KeyPair, header: Record<string, unknown> = {}) =>
  signed(JSON.stringify(claims), sign, { alg: 'ES256', typ: 'JWT', ...(jwk.kid === undefined ? {} : { kid: jwk.kid }), ...header })

export const encoded = (text: string): string => base64url.encode(text)

export interface Asked {
  readonly headers?: Record<string, string> | [string, string][]
  readonly query?: string
  readonly method?: string
  readonly path?: string
  readonly now?: Instant
  readonly certificate?: CertificateFinding
}

export interface Finder {
  readonly find: (asked: Asked) => Promise<TokenFinding>
  readonly bearer: (token: string, asked?: Asked) => Promise<TokenFinding>
  /** Whether it was answered at once. */
  readonly isSync: (token: string, now?: Instant) => boolean
}

export function finderOf(issuers: readonly TokenIssuer[], keys: KeyRing = staticKeyRing(issuers)): Finder {
  const host = { pattern: '*', tokens: issuers.map(({ id }) => id), certificates: [], authentication: { require: 'all', mode: 'strict' } }
  const admission = { issuers, trusts: [], hosts: [host as HostAdmission] }
  const finder = tokenFinder(admission, {
    keys,
    regexOf: () => {
      throw new Error('no expressions here')
    },
  })
  const ask = ({ headers = {}, query = '', method = 'GET', path = '/orders', now = NOW, certificate = NO_CERTIFICATE }: Asked) => {
    const request = { method, url: `https://shop.example.com${path}${query}`, headers: new Headers(headers) }
    const inbound = { receivedAt: now, method, scheme: 'https', authority: 'shop.example.com', host: 'shop.example.com', path, query }
    const asking = { request, inbound, host: admission.hosts[0] } as unknown as Unidentified
    return finder(asking, certificate, {} as Platform)
  }
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
  return {
    find: async (asked) => ask(asked),
    bearer: async (text, asked = {}) => ask({ ...asked, headers: { ...bearer(text), ...(asked.headers as Record<string, string>) } }),
    isSync: (text, now = NOW) => !(ask({ headers: bearer(text), now }) instanceof Promise),
  }
}

export const kindOf = async (finding: Promise<TokenFinding>): Promise<string> => {
  const found = await finding
  return found.kind === 'refused' ? `refused: ${found.reason}` : found.kind
}
