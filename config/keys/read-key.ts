/**
 * Reads one public key (RFC 7517 section 4): with the members that verification needs and no others, or why it is not used. What an issuer's
 * endpoint serves and what an operator writes pass here; reasons are for people, and repeat nothing of a key.
 */
import type { PublicJwk } from '../key-set.ts'
import { isRecord } from '../parse-snapshot.ts'
import { err, ok, type Result } from '../result.ts'
import { readBase64Url } from './base64url.ts'
import { CURVES, flawOfPoint } from './curves.ts'
import { weaknessOfRsa } from './rsa.ts'

/**
 * Where a key comes from. A secret that is shared is one that an operator wrote; from an endpoint it would be known to everybody, and a
 * token's issuer would be whoever can read.
 */
export type KeyOrigin = 'endpoint' | 'operator'

/** Longest `kid`: longer ones are of nobody, and each unknown one is looked at. */
const KID_MAX = 256
/** RFC 7518 sections 6.2.2, 6.3.2 and RFC 8037 section 2. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth']
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const ED25519_BYTES = 32
/** Characters of one member: a modulus of 8192 bits has 1,366, and a secret no reason for more. */
const MEMBER_MAX = 2048
/** RFC 7518 section 3.2: as long as the hash, in bytes. */
const SECRET_BYTES: ReadonlyMap<string, number> = new Map([
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
])

type Fields = Readonly<Record<string, unknown>>

export function readKey(raw: unknown, from: KeyOrigin): Result<PublicJwk, string> {
  if (!isRecord(raw)) return err('it is no object')
  const { kid, use, alg } = raw
  if (kid !== undefined && (typeof kid !== 'string' || kid.length === 0 || kid.length > KID_MAX))
    return err(`its kid must be a text of 1 to ${KID_MAX} characters`)
  if (alg !== undefined && typeof alg !== 'string') return err('its alg must be a text')
  const unfit = notForVerifying(raw)
  if (unfit !== undefined) return err(unfit)
  const material = readMaterial(raw, from)
  if (!material.ok) return material
  const { algorithms, members } = material.value
  if (alg !== undefined && !algorithms.includes(alg)) return err(`its alg must be ${algorithms.join(', ')} or absent`)
  const named = typeof kid === 'string' ? { kid } : {}
  const said = alg === undefined ? {} : { alg }
  return ok({ ...members, ...named, ...said, ...(use === undefined ? {} : { use: 'sig' }) })
}

/** RFC 7517 sections 4.2 and 4.3: what it is for, where it says so. */
function notForVerifying({ use, key_ops: operations }: Fields): string | undefined {
  if (use !== undefined && use !== 'sig') return 'its use is not "sig"'
  if (operations === undefined) return undefined
  return Array.isArray(operations) && operations.includes('verify') ? undefined : 'its key_ops do not name "verify"'
}

interface Material {
  /** Algorithms that it can verify. */
  readonly algorithms: readonly string[]
  readonly members: PublicJwk
}

function readMaterial(raw: Fields, from: KeyOrigin): Result<Material, string> {
  const isPrivate = PRIVATE_MEMBERS.some((member) => member in raw) || ('k' in raw && raw['kty'] !== 'oct')
  if (isPrivate) return err('it is private: whoever has read it can sign with it')
  switch (raw['kty']) {
    case 'RSA':
      return readRsa(raw)
    case 'EC':
      return readEc(raw)
    case 'OKP':
      return readOkp(raw)
    case 'oct':
      return from === 'operator' ? readSecret(raw) : err('it is a secret, and an endpoint is no place for one')
    default:
      return err('its kty must be RSA, EC or OKP')
  }
}

function readRsa({ n, e }: Fields): Result<Material, string> {
  const [modulus, exponent] = [bytesOf(n), bytesOf(e)]
  if (modulus === undefined || exponent === undefined) return err(NOT_CANONICAL)
  const weakness = weaknessOfRsa(modulus, exponent)
  return weakness === undefined
    ? ok({ algorithms: RSA_ALGORITHMS, members: { kty: 'RSA', n: n as string, e: e as string } })
    : err(weakness)
}

function readEc({ crv, x, y }: Fields): Result<Material, string> {
  const curve = typeof crv === 'string' ? CURVES.get(crv) : undefined
  if (curve === undefined) return err(`its crv must be ${[...CURVES.keys()].join(', ')}`)
  const [px, py] = [bytesOf(x), bytesOf(y)]
  if (px === undefined || py === undefined) return err(NOT_CANONICAL)
  const flaw = flawOfPoint(curve, px, py)
  const members: PublicJwk = { kty: 'EC', crv: crv as string, x: x as string, y: y as string }
  return flaw === undefined ? ok({ algorithms: [curve.algorithm], members }) : err(flaw)
}

function readOkp({ crv, x }: Fields): Result<Material, string> {
  if (crv !== 'Ed25519') return err('its crv must be Ed25519')
  const point = bytesOf(x)
  if (point === undefined) return err(NOT_CANONICAL)
  if (point.length !== ED25519_BYTES) return err(`its x must have ${ED25519_BYTES} bytes`)
  return ok({ algorithms: ['EdDSA'], members: { kty: 'OKP', crv, x: x as string } })
}

function readSecret({ k, alg }: Fields): Result<Material, string> {
  const least = typeof alg === 'string' ? SECRET_BYTES.get(alg) : undefined
  if (least === undefined) return err(`a secret must say its alg: ${[...SECRET_BYTES.keys()].join(', ')}`)
  const secret = bytesOf(k)
  if (secret === undefined) return err(NOT_CANONICAL)
  if (secret.length < least) return err(`a secret for ${String(alg)} must have at least ${least} bytes`)
  return ok({ algorithms: [alg as string], members: { kty: 'oct', k: k as string } })
}

const NOT_CANONICAL = 'its numbers must be base64url without padding'

const bytesOf = (raw: unknown): Uint8Array | undefined =>
  typeof raw === 'string' && raw.length > 0 && raw.length <= MEMBER_MAX ? readBase64Url(raw) : undefined
