/** Writes what a route tells endpoints of clients out as the base holds it. */
import type { ForwardedIdentity } from './forwarded-identity.ts'
import type { RouteFile } from './parse-gateway.ts'

export function compileIdentity({ xfcc, clientCert, claims, token }: NonNullable<RouteFile['identity']>): ForwardedIdentity {
  return { xfcc, clientCert, claims, ...(token === undefined ? {} : { token }) }
}
