/**
 * Whether what a token says makes it good here and now (RFC 7519 section 4.1, RFC 8725 section 3): asked before its signature, because it
 * costs less, and of a remembered token not again. Whose signature it has is found out by `worker/identity/token/`.
 */
import type { Claims } from '../../config/claim.ts'
import type { TokenIssuer } from '../../config/token-issuer.ts'
import { after, type Instant, instant } from '../../config/units.ts'
import { claimAt, claimCondition } from './claims.ts'
import type { RegexOf } from './conditions.ts'

/** Why a token is not good, for operators; undefined when it is, as far as it says. */
export type JudgeToken = (claims: Claims, type: string | undefined, now: Instant) => string | undefined

export function tokenJudge(issuer: TokenIssuer, regexOf: RegexOf): JudgeToken {
  const conditions = issuer.claims.map((match) => ({ name: match.claim.join('.'), holds: claimCondition(match, regexOf) }))
  return (claims, type, now) => {
    const flaw =
      flawOfType(type, issuer.types) ??
      flawOfAudience(claims['aud'], issuer.audiences) ??
      flawOfTimes(claims, issuer, now) ??
      flawOfScopes(claims, issuer.scopes)
    if (flaw !== undefined) return flaw
    if (claims['sub'] !== undefined && typeof claims['sub'] !== 'string') return 'its sub is no text'
    const failed = conditions.find(({ holds }) => !holds(claims))
    return failed === undefined ? undefined : `its claim ${failed.name} is not as it must be`
  }
}

/** When it ends, whatever the clocks: of claims that have been judged. */
export const endOf = (claims: Claims, { skew }: Pick<TokenIssuer, 'skew'>): Instant => after(instant(Number(claims['exp']) * 1000), skew)

/** Kinds of tokens that are never for getting in (RFC 8725 section 3.12), whoever made them. */
const OTHER_TYPES: ReadonlySet<string> = new Set([
  'dpop+jwt',
  'logout+jwt',
  'secevent+jwt',
  'oauth-authz-req+jwt',
  'token-introspection+jwt',
  'client-authentication+jwt',
  'authorization-grant+jwt',
  'kb+jwt',
])

/** `application/` may be left out (RFC 7515 section 4.1.9). */
function flawOfType(type: string | undefined, types: readonly string[]): string | undefined {
  const name = type?.toLowerCase().replace(/^application\//, '')
  if (types.length === 0)
    return name !== undefined && OTHER_TYPES.has(name) ? `its typ says that it is for something else: ${name}` : undefined
  return name !== undefined && types.includes(name) ? undefined : 'its typ is none of those that count'
}

function flawOfAudience(aud: unknown, audiences: readonly string[]): string | undefined {
  const said: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (said.length === 0 || !said.every((one) => typeof one === 'string')) return 'its aud is neither a text nor a list of texts'
  return said.some((one) => audiences.includes(one)) ? undefined : 'it was made for another audience'
}

function flawOfTimes(claims: Claims, { skew, lifetimeMax }: TokenIssuer, now: Instant): string | undefined {
  const { exp, nbf, iat } = claims
  if (!isTime(exp)) return 'its exp is missing or no time'
  if (nbf !== undefined && !isTime(nbf)) return 'its nbf is no time'
  if (iat !== undefined && !isTime(iat)) return 'its iat is no time'
  // On or after `exp` it must not be accepted (RFC 7519 section 4.1.4).
  if (now >= exp * 1000 + skew) return 'it has expired'
  if (nbf !== undefined && now + skew < nbf * 1000) return 'it is not valid yet'
  if (iat !== undefined && now + skew < iat * 1000) return 'it was issued in the future'
  if (lifetimeMax === undefined) return undefined
  if (iat === undefined) return 'its iat is missing, and how long it may live is bounded'
  return (exp - iat) * 1000 > lifetimeMax ? 'it lives longer than it may' : undefined
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** RFC 8693 section 4.2, and the list that others write. */
function flawOfScopes(claims: Claims, wanted: readonly string[]): string | undefined {
  if (wanted.length === 0) return undefined
  const granted = scopesOf(claims)
  const missing = wanted.find((scope) => !granted.includes(scope))
  return missing === undefined ? undefined : `it does not grant the scope ${missing}`
}

export const scopesOf = (claims: Claims): readonly string[] => [...listed(claimAt(claims, ['scope'])), ...listed(claimAt(claims, ['scp']))]

function listed(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(' ')
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
