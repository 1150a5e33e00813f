/** Tokens for measurements: of one issuer, whose key is nobody's. */
import { createPrivateKey, sign } from 'node:crypto'

const KEY = { kty: 'EC', crv: 'P-256', x: '0RcesCoaAVMaDXHBKflay16h3zES9RGBccQ6mz9spHk', y: 'vrNn05S7yRME_McIbFZE4xGpT1CV7adx_sKLw5a-ohg' }
const PRIVATE = { ...KEY, d: 'BG1L1sfGIYl0BwJ8uBQ9cnGHEv7qDwX0N4E2GynzLh0' }
const SIGNING = createPrivateKey({ key: PRIVATE, format: 'jwk' })

/** With which a measured gateway signs tokens of the edge. */
export const MEASURED_EDGE_KEY = JSON.stringify(PRIVATE)

/** Whose tokens count in a measurement. `jwk`: its public key. */
export const MEASURED_ISSUER = {
  issuer: 'https://id.bench.test',
  audience: 'bench',
  jwk: { ...KEY, kid: 'measured', alg: 'ES256' },
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const HEADER = encoded({ alg: 'ES256', typ: 'at+jwt', kid: 'measured' })
const LIFE_S = 3600

function bearer(id: number, exp: number): string {
  const { issuer: iss, audience: aud } = MEASURED_ISSUER
  const claims = {
    iss,
    aud,
    sub: 'somebody',
    jti: String(id),
    iat: exp - LIFE_S,
    exp,
    tenant: 'blue',
    roles: ['writer', 'reader'],
    scope: 'orders:read',
  }
  const text = `${HEADER}.${encoded(claims)}`
  return `Bearer ${text}.${sign('sha256', Buffer.from(text), { key: SIGNING, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const EXPIRES = Math.floor(Date.now() / 1000) + LIFE_S
const SAME = bearer(0, EXPIRES)
let made = 0

/** A value of `Authorization` for each of some requests; empty where they bear nothing. */
export function bearers(token: 'same' | 'new' | undefined, count: number): readonly string[] {
  if (token === undefined) return []
  return Array.from({ length: count }, () => {
    if (token === 'same') return SAME
    made += 1
    return bearer(made, EXPIRES)
  })
}
