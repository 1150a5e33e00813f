/** What endpoints are told of who sent a request, as the base holds it. Whatever a client says of itself in these headers is removed first. */
import type { ClaimPath } from './claim.ts'

export interface ForwardedIdentity {
  /** `X-Forwarded-Client-Cert`, made anew (Envoy, "x-forwarded-client-cert"). */
  readonly xfcc: boolean
  /** `Client-Cert` and `Client-Cert-Chain` (RFC 9440). */
  readonly clientCert: boolean
  /** Claims as headers; names in lower case. A claim that is not there, or is no text, number or boolean, sets nothing. */
  readonly claims: readonly { readonly header: string; readonly claim: ClaimPath }[]
  /** Absent: no token of the edge. */
  readonly token?: EdgeTokenSettings
}

export interface EdgeSettings {
  /** `iss` of its tokens and `By` of its XFCC: a URI. Default `urn:meridian:edge`. */
  readonly issuer: string
}

/** What an edge calls itself that was given no name. */
export const EDGE_ISSUER = 'urn:meridian:edge'

/** Where the keys stand by which tokens of the edge are verified. */
export const KEYS_PATH = '/.well-known/meridian/jwks.json'

/** The header of a token, unless the route says another. */
export const EDGE_TOKEN_HEADER = 'meridian-identity'

/** A token that the edge signs for one endpoint, ES256, bound to method, host and path. */
export interface EdgeTokenSettings {
  /** Lower case. Default `meridian-identity`. */
  readonly header: string
  /** Claims of the client's token that are repeated in it. */
  readonly claims: readonly ClaimPath[]
}
