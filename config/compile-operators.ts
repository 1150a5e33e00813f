/** Writes the operators' API out as the base holds it. */
import type { Digest } from './canonical.ts'
import { compileIssuer } from './compile-issuer.ts'
import { CHANGE_NOUNS, type OperatorsSettings } from './operators.ts'
import type { GatewayFile } from './parse-gateway.ts'

/** Undefined where all is as it is without it. */
export function compileOperators({ operators, issuers }: Pick<GatewayFile, 'operators' | 'issuers'>, digest: Digest) {
  if (operators.hosts.length === 0 && operators.issuers.length === 0) return undefined
  const named = operators.issuers.flatMap((name) => {
    const issuer = issuers[name]
    return issuer === undefined ? [] : [compileIssuer(name, issuer, digest)]
  })
  return { hosts: operators.hosts, issuers: named, scopes: scopesOf(operators.scopes) } satisfies OperatorsSettings
}

function scopesOf({ weights, drains, releases, revisions, ...read }: GatewayFile['operators']['scopes']): OperatorsSettings['scopes'] {
  const nouns = { weights, drains, releases, revisions }
  const changed = CHANGE_NOUNS.flatMap((noun) => [
    [`${noun}:read`, nouns[noun].read] as const,
    [`${noun}:write`, nouns[noun].write] as const,
  ])
  return { ...read, ...(Object.fromEntries(changed) as Omit<OperatorsSettings['scopes'], keyof typeof read>) }
}
