/** Writes the operators' API out as the base holds it. */
import type { Digest } from './canonical.ts'
import { compileIssuer } from './compile-issuer.ts'
import type { OperatorsSettings } from './operators.ts'
import type { GatewayFile } from './parse-gateway.ts'

/** Undefined where all is as it is without it. */
export function compileOperators({ operators, issuers }: Pick<GatewayFile, 'operators' | 'issuers'>, digest: Digest) {
  if (operators.hosts.length === 0 && operators.issuers.length === 0) return undefined
  const named = operators.issuers.flatMap((name) => {
    const issuer = issuers[name]
    return issuer === undefined ? [] : [compileIssuer(name, issuer, digest)]
  })
  return { hosts: operators.hosts, issuers: named, scopes: operators.scopes } satisfies OperatorsSettings
}
