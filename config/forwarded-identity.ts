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

/** A token that the edge signs for one endpoint, ES256, bound to method, host and path. */
export interface EdgeTokenSettings {
  /** Lower case. Default `meridian-identity`. */
  readonly header: string
  /** Claims of the client's token that are repeated in it. */
  readonly claims: readonly ClaimPath[]
}
