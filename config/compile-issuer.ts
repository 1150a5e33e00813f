/** Writes an issuer of tokens out as the base holds it. */
import { issuerId } from './ids.ts'
import type { GatewayFile } from './parse-gateway.ts'
import type { TokenIssuer } from './token-issuer.ts'
import { bytes, seconds } from './units.ts'

export function compileIssuer(name: string, { issuer, audiences }: GatewayFile['issuers'][string]): TokenIssuer {
  return {
    id: issuerId(name),
    issuer,
    audiences,
    keys: { kind: 'static', keys: [] },
    algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    skew: seconds(30),
    types: [],
    claims: [],
    scopes: [],
    from: [{ kind: 'header', name: 'authorization', scheme: 'Bearer' }],
    sizeMax: bytes(8 * 1024),
    binding: 'when-said',
  }
}
