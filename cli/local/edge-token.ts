/**
 * How a sample ingress makes sure that a request came through the gateway: by the token that the edge signs for it (ADR 0018). A mesh does the
 * same by its own means.
 */
import type { IncomingMessage } from 'node:http'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'
import { err, ok, type Result } from '../../config/result.ts'

export interface EdgeTokenRules {
  /** Where the gateway publishes its keys. */
  readonly keysUrl: string
  /** Paths below these are answered to nobody else. */
  readonly paths: readonly string[]
  /** How long keys are held; absent: ten minutes, and at least half a minute when a token names another. */
  readonly keysHeldMs?: number
}

const HEADER = 'meridian-identity'
const ISSUER = 'urn:meridian:edge'
const CLOCKS_APART = '5s'

export type Seal = Result<JWTPayload | undefined, string>

/** `origin`: the ingress's own. The seal holds what the token says, or nothing for a path that is anybody's. */
export function edgeTokenReader(
  { keysUrl, paths, keysHeldMs }: EdgeTokenRules,
  origin: () => string,
): (request: IncomingMessage) => Promise<Seal> {
  const keys = createRemoteJWKSet(
    new URL(keysUrl),
    keysHeldMs === undefined ? {} : { cacheMaxAge: keysHeldMs, cooldownDuration: keysHeldMs },
  )
  return async (request) => {
    const path = (request.url ?? '/').replace(/\?.*$/s, '')
    if (!paths.some((guarded) => path === guarded || path.startsWith(`${guarded}/`))) return ok(undefined)
    const { [HEADER]: token, 'x-forwarded-proto': scheme, 'x-forwarded-host': host } = request.headers
    if (typeof token !== 'string') return err('no token of the edge')
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: ISSUER,
        audience: origin(),
        algorithms: ['ES256'],
        clockTolerance: CLOCKS_APART,
        requiredClaims: ['exp', 'htm', 'htu'],
      })
      if (payload['htm'] !== request.method) return err('a token of the edge for another method')
      return payload['htu'] === `${scheme}://${host}${path}` ? ok(payload) : err('a token of the edge for another address')
    } catch (error) {
      return err(`no good token of the edge: ${(error as Error).message}`)
    }
  }
}
