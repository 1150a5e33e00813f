/** Whether one route takes all that another would. Only what is plainly so: two expressions are compared by what is written. */
import type { CertificateMatch } from '../certificate-trust.ts'
import type { ClaimMatch } from '../claim.ts'
import type { ValueMatch } from '../match.ts'
import type { PathFile, RouteFile } from '../parse-gateway.ts'

/** The prefix `/`, and the usual ways to write it as an expression. */
export const takesEveryPath = ({ kind, value }: PathFile): boolean =>
  kind === 'prefix' ? value === '/' : kind === 'regex' && ['.*', '.+', '/.*', '^.*$', '^/.*$', '^/.*', '.*$'].includes(value)

/** Whether every path that the second takes is taken by the first. */
export function coversPath(first: PathFile, second: PathFile): boolean {
  if (takesEveryPath(first) || (first.kind === second.kind && first.value === second.value)) return true
  const text = second.program?.literal ?? second.value
  if (first.kind === 'prefix-string') return text.startsWith(first.value)
  if (first.kind !== 'prefix') return false
  const whole = second.kind === 'exact' || second.kind === 'prefix'
  return text.startsWith(`${first.value}/`) || (whole && text === first.value)
}

/** How a route ranks beside host and path, kind by kind: what is demanded of the sender, methods, headers, query, cookies, others. */
export const rankOf = ({ methods, headers, query, cookies, claims, certificate, ...others }: RouteFile): readonly number[] => [
  claims.length + Number(certificate !== undefined),
  Number(methods.length > 0),
  headers.length,
  query.length,
  cookies.length,
  [others.countries, others.continents, others.schemes, others.ports].filter((list) => list.length > 0).length,
]

/** Whether the first asks for nothing, beside host and path, that the second does not; `method` is one of the second's, or any. */
export function coversRest(first: RouteFile, second: RouteFile, method: string | undefined): boolean {
  if (first.methods.length > 0 && (method === undefined || !first.methods.includes(method))) return false
  return (
    impliesClaims(second.claims, first.claims) && impliesCertificate(second.certificate, first.certificate) && coversWritten(first, second)
  )
}

/** The same for what a client writes or is where it is: all but who it is. */
export function coversWritten(first: RouteFile, second: RouteFile): boolean {
  return (
    impliesAll(second.headers, first.headers) &&
    impliesAll(second.query, first.query) &&
    impliesAll(second.cookies, first.cookies) &&
    isWithin(second.countries, first.countries) &&
    isWithin(second.continents, first.continents) &&
    isWithin(second.schemes, first.schemes) &&
    isWithin(second.ports, first.ports)
  )
}

export const impliesAll = (given: readonly ValueMatch[], wanted: readonly ValueMatch[]): boolean =>
  wanted.every((want) => given.some((have) => have.name === want.name && implies(have, want)))

function implies(have: ValueMatch, want: ValueMatch): boolean {
  if (want.kind === 'absent' || have.kind === 'absent') return want.kind === have.kind
  if (want.kind === 'present' || have.kind === 'present') return want.kind === 'present'
  return have.kind === want.kind && have.value === want.value
}

export const impliesClaims = (given: readonly ClaimMatch[], wanted: readonly ClaimMatch[]): boolean =>
  wanted.every((want) => given.some((have) => have.claim.join('\n') === want.claim.join('\n') && impliesClaim(have, want)))

const impliesClaim = (have: ClaimMatch, want: ClaimMatch): boolean =>
  want.kind === 'present' || (have.kind === want.kind && have.value === want.value)

/** Undefined: whoever, with a certificate or without. */
export function impliesCertificate(given: CertificateMatch | undefined, wanted: CertificateMatch | undefined): boolean {
  if (wanted === undefined) return true
  if (given === undefined) return false
  const implies = (have: readonly string[] | undefined, want: readonly string[] | undefined) =>
    want === undefined || (have?.every((one) => want.includes(one)) ?? false)
  if (wanted.trust !== undefined && wanted.trust !== given.trust) return false
  return implies(given.spiffe, wanted.spiffe) && implies(given.dns, wanted.dns) && implies(given.fingerprints, wanted.fingerprints)
}

/** An empty list takes all. */
const isWithin = <Item>(given: readonly Item[], wanted: readonly Item[]): boolean =>
  wanted.length === 0 || (given.length > 0 && given.every((item) => wanted.includes(item)))
