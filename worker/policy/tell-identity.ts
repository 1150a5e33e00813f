/**
 * What an endpoint is told of who sent a request: only what was verified, and only where the route or its host demands proof. With nothing to
 * tell its headers are absent, and a client's own have been stripped.
 */
import type { HeaderPair } from '../../config/action.ts'
import type { Route } from '../../config/base.ts'
import type { ForwardedIdentity } from '../../config/forwarded-identity.ts'
import { claimAt, claimText } from './claims.ts'
import { writeClientCert } from './client-cert.ts'
import { type Verified, writeClientClaims } from './edge-token.ts'
import type { Identity } from './identity.ts'
import { writeXfcc } from './xfcc.ts'

export interface ToldIdentity {
  /** The same for every attempt. */
  readonly headers: readonly HeaderPair[]
  /** Absent: the edge signs nothing. */
  readonly token?: {
    readonly header: string
    /** Of the client, as the inside of a JSON object. */
    readonly client: string
  }
}

/** `edge`: what the edge calls itself. Undefined when the route tells nothing of anybody. */
export function tellIdentity(route: Route, identity: Identity | undefined, edge: string): ToldIdentity | undefined {
  const settings = route.admission?.identity
  if (settings === undefined) return undefined
  const verified = verifiedOf(route, identity)
  const headers = writeHeaders(settings, verified, edge)
  const { token } = settings
  return token === undefined ? { headers } : { headers, token: { header: token.header, client: writeClientClaims(token, verified) } }
}

const NOBODY: Verified = { token: undefined, certificate: undefined }

/** With `require: none` what is presented proves nothing, verified or not. */
function verifiedOf({ admission }: Route, identity: Identity | undefined): Verified {
  if (identity === undefined) return NOBODY
  if ((admission?.authentication?.require ?? identity.host.authentication.require) === 'none') return NOBODY
  const { token, certificate } = identity
  return {
    token: token.kind === 'verified' ? token : undefined,
    certificate: certificate.kind === 'verified' ? certificate : undefined,
  }
}

function writeHeaders({ xfcc, clientCert, claims }: ForwardedIdentity, { token, certificate }: Verified, edge: string): HeaderPair[] {
  const headers: HeaderPair[] = []
  if (xfcc && certificate !== undefined) headers.push(['x-forwarded-client-cert', writeXfcc(certificate, edge)])
  if (clientCert && certificate !== undefined) headers.push(...writeClientCert(certificate))
  if (token === undefined) return headers
  for (const { header, claim } of claims) {
    const value = headerOf(claimAt(token.claims, claim))
    if (value !== undefined) headers.push([header, value])
  }
  return headers
}

/** In characters, as it is sent. A longer claim sets nothing: endpoints refuse long lines, often from 8 KiB on. */
const CLAIM_HEADER_MAX = 4096

/** What could be read as two values or not at all; and the sign that encodes it, so that no two texts read the same. */
const UNSAFE = /[%,]|[^\x20-\x7e]/gu

/** A claim as the value of a header; undefined when it cannot be one. `decodeURIComponent` undoes it. */
export function headerOf(claim: unknown): string | undefined {
  const text = claimText(claim)
  // Encoded it is no shorter.
  if (text === undefined || text === '' || text.length > CLAIM_HEADER_MAX || !text.isWellFormed()) return undefined
  const value = withoutOuterSpaces(text.replace(UNSAFE, encodeSign))
  return value.length > CLAIM_HEADER_MAX ? undefined : value
}

/** Counted, because an expression for the last spaces of a text begins anew at each space within it. */
function withoutOuterSpaces(text: string): string {
  let [from, to] = [0, text.length]
  while (text[from] === ' ') from += 1
  while (to > from && text[to - 1] === ' ') to -= 1
  return '%20'.repeat(from) + text.slice(from, to) + '%20'.repeat(text.length - to)
}

/** `encodeURIComponent` leaves none of them as they are. */
const encodeSign = (signs: string): string => encodeURIComponent(signs)

/** Names of the headers in which the routes of a gateway tell of clients: nobody but the gateway sets them, on whichever route. */
export function ownHeaders(routes: readonly Route[]): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  for (const { admission } of routes) {
    if (admission?.identity === undefined) continue
    for (const { header } of admission.identity.claims) names.add(header)
    if (admission.identity.token !== undefined) names.add(admission.identity.token.header)
  }
  return names.size === 0 ? undefined : names
}
