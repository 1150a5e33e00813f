/** Writes an issuer of tokens out as the base holds it. */
import type { Digest } from './canonical.ts'
import { compileKeySource } from './compile-key-source.ts'
import { withoutProgram } from './compile-match.ts'
import { issuerId } from './ids.ts'
import type { GatewayFile } from './parse-gateway.ts'
import type { KeySource, TokenIssuer } from './token-issuer.ts'

export type IssuerFile = GatewayFile['issuers'][string]

export function compileIssuer(name: string, file: IssuerFile, digest: Digest): TokenIssuer {
  const { issuer, audiences, algorithms, skew, types, claims, scopes, from, sizeMax, lifetimeMax, binding } = file
  return {
    id: issuerId(name),
    issuer,
    audiences,
    keys: keySource(file, digest),
    algorithms,
    skew,
    types: types.map(typeName),
    claims: claims.map(withoutProgram),
    scopes,
    from,
    sizeMax,
    ...(lifetimeMax === undefined ? {} : { lifetimeMax }),
    binding,
  }
}

function keySource(file: IssuerFile, digest: Digest): KeySource {
  if (file.jwks !== undefined) return compileKeySource('jwks', { url: file.jwks }, digest)
  const url = discoveryUrl(file)
  return url === undefined ? { kind: 'static', keys: file.keys ?? [] } : compileKeySource('discovery', { url, issuer: file.issuer }, digest)
}

/** OpenID Connect Discovery 1.0 section 4: a slash at the end of the issuer is removed first. */
export function discoveryUrl({ discovery, issuer }: Pick<IssuerFile, 'discovery' | 'issuer'>): string | undefined {
  return discovery === true ? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration` : discovery
}

/** RFC 7515 section 4.1.9: `application/` may be left out. */
const typeName = (type: string): string => type.toLowerCase().replace(/^application\//, '')
