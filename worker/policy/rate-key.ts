/**
 * Whom a limit counts a request for, as a text that is the same for the same person. What a client can write freely never makes a key of another kind.
 */
import type { RateLimitKey } from '../../config/rate-limit.ts'
import { claimAt, claimText } from './claims.ts'
import { holderOf, type Identity } from './identity.ts'
import type { HeaderLookup } from './match-request.ts'
import { household } from './steering/affinity-key.ts'

export interface CountedRequest {
  readonly route: string
  readonly address: string | undefined
  readonly identity: Identity | undefined
  readonly headers: HeaderLookup
}

/** Undefined where it is not known: all such requests are counted together. */
export function rateKey(by: RateLimitKey, request: CountedRequest): string | undefined {
  switch (by.kind) {
    case 'client':
      return request.address === undefined ? undefined : clientOf(request.address)
    case 'claim': {
      const token = request.identity?.token
      return token?.kind === 'verified' ? claimKey(claimAt(token.claims, by.claim), token.issuer) : undefined
    }
    case 'identity':
      return request.identity === undefined ? undefined : identityKey(request.identity)
    case 'header':
      return request.headers.get(by.name) ?? undefined
    case 'route':
      return request.route
    default:
      return by satisfies never
  }
}

/** An IPv4 address that is written within an IPv6 one is the IPv4 address. */
function clientOf(address: string): string {
  return address.includes(':') && address.includes('.') ? address.slice(address.lastIndexOf(':') + 1) : household(address)
}

/** Two issuers may call different people the same. Lists and mappings are no key. */
function claimKey(value: unknown, issuer: string): string | undefined {
  const text = claimText(value)
  return text === undefined ? undefined : `${issuer} ${text}`
}

function identityKey({ certificate, token }: Identity): string | undefined {
  if (certificate.kind === 'verified') return holderOf(certificate)
  return token.kind === 'verified' ? claimKey(claimAt(token.claims, SUBJECT), token.issuer) : undefined
}

const SUBJECT = ['sub']
