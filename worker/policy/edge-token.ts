/**
 * What the token of the edge says: of whom, to which endpoint, about which request (ADR 0018). Signing is `identity/edge-signer.ts`'s; two
 * attempts whose `about` is the same may have the same token for a while.
 */
import type { ClaimPath, Claims } from '../../config/claim.ts'
import type { EdgeTokenSettings } from '../../config/forwarded-identity.ts'
import { type Instant, ms } from '../../config/units.ts'
import { claimAt } from './claims.ts'
import type { VerifiedCertificate, VerifiedToken } from './identity.ts'

/** What was verified of whoever sent a request. */
export interface Verified {
  readonly token: VerifiedToken | undefined
  readonly certificate: VerifiedCertificate | undefined
}

/** From `iat` to `exp`. */
export const EDGE_TOKEN_LIFE = ms(30_000)
/** For how long a token is used again. Two thirds of its life are left when it is sent last. */
export const EDGE_TOKEN_REUSED = ms(10_000)

/** The claims about the client, as the inside of a JSON object: `"sub":"alice"`, or empty. The same for every attempt of a request. */
export function writeClientClaims({ claims: chosen }: Pick<EdgeTokenSettings, 'claims'>, { token, certificate }: Verified): string {
  if (token === undefined && certificate === undefined) return ''
  const said: Record<string, unknown> = {}
  const sub = subjectOf(token, certificate)
  if (sub !== undefined) said['sub'] = sub
  if (token !== undefined) said['client'] = { ...chosenClaims(token.claims, chosen), iss: token.claims['iss'] }
  if (certificate !== undefined) {
    if (certificate.spiffe !== undefined) said['spiffe'] = certificate.spiffe
    said['x5t#S256'] = base64Url(certificate.fingerprint)
  }
  return ascii(JSON.stringify(said)).slice(1, -1)
}

function subjectOf(token: VerifiedToken | undefined, certificate: VerifiedCertificate | undefined): string | undefined {
  // A token without a `sub` names nobody, and then the certificate beside it is not its owner either.
  if (token !== undefined) return typeof token.claims['sub'] === 'string' ? token.claims['sub'] : undefined
  return certificate === undefined ? undefined : (certificate.spiffe ?? `x5t#S256:${base64Url(certificate.fingerprint)}`)
}

type Said = Record<string, unknown>

/** At their own paths; what is not there is left out. */
function chosenClaims(claims: Claims, paths: readonly ClaimPath[]): Said {
  const chosen = newSaid()
  for (const path of paths) {
    const value = claimAt(claims, path)
    if (value !== undefined) put(chosen, path, value)
  }
  return chosen
}

/** Has no prototype that a claim's name could reach, which tells it from what is the token's own. */
const newSaid = (): Said => Object.create(null)
const isOurs = (held: unknown): held is Said => typeof held === 'object' && held !== null && Object.getPrototypeOf(held) === null

function put(into: Said, [name = '', ...rest]: ClaimPath, value: unknown): void {
  if (rest.length === 0) {
    into[name] = value
    return
  }
  into[name] ??= newSaid()
  const inner = into[name]
  // Another path has chosen it whole: it is within already.
  if (isOurs(inner)) put(inner, rest, value)
}

/** Whose token it is to be. */
export interface TokenParts {
  readonly issuer: string
  /** The endpoint's. */
  readonly origin: string
  readonly method: string
  /** Scheme, authority and path as the endpoint is told of them. */
  readonly target: string
  /** By `writeClientClaims`. */
  readonly client: string
}

/** Everything but the times and the name of one token. The same text: the same token may be used again. */
export function writeAbout({ issuer, origin, method, target, client }: TokenParts): string {
  const about = ascii(
    `"iss":${JSON.stringify(issuer)},"aud":${JSON.stringify(origin)},"htm":${JSON.stringify(method)},"htu":${JSON.stringify(target)}`,
  )
  return client === '' ? about : `${about},${client}`
}

/** The payload, as JSON. `id`: random. */
export function writePayload(about: string, now: Instant, id: string): string {
  const iat = Math.floor(now / 1000)
  return `{${about},"iat":${iat},"exp":${iat + EDGE_TOKEN_LIFE / 1000},"jti":${JSON.stringify(id)}}`
}

const BEYOND_ASCII = /[\x7f-\uffff]/g

/** The same JSON in ASCII: then its characters are its bytes. */
const ascii = (json: string): string => json.replace(BEYOND_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** 64 hex digits, as tokens write a digest (RFC 8705 section 3.1). */
function base64Url(hex: string): string {
  const bytes = Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
