/**
 * Whether one key made a signature. Public-key algorithms are asked of the platform itself, with the parameters that JWA fixes for each (RFC 7518
 * section 3, RFC 8037 section 3.1): a token has been read by then, and a library would read it a second time. Secrets are left to the library.
 */
import { base64url, compactVerify } from 'jose'
import type { PublicJwk } from '../../../config/key-set.ts'
import type { SigningAlgorithm } from '../../../config/token-issuer.ts'
import type { SignedText } from './read-jws.ts'
import { type Ready, ReadyKeys, UNFIT, type VerifyingKey } from './ready-keys.ts'

type AsymmetricAlgorithm = Exclude<SigningAlgorithm, `HS${string}`>

interface Scheme {
  readonly kty: PublicJwk['kty']
  /** Of `EC` and `OKP`. */
  readonly crv?: string
  readonly parameters: { readonly name: string; readonly hash?: string; readonly saltLength?: number }
  /** Octets of a signature; absent: as many as the modulus has (RFC 8017 sections 8.1.2 and 8.2.2). */
  readonly octets?: number
}

const pkcs1 = (bits: number): Scheme => ({ kty: 'RSA', parameters: { name: 'RSASSA-PKCS1-v1_5', hash: `SHA-${bits}` } })
/** The salt is as long as the hash (RFC 7518 section 3.5). */
const pss = (bits: number): Scheme => ({ kty: 'RSA', parameters: { name: 'RSA-PSS', hash: `SHA-${bits}`, saltLength: bits / 8 } })
/** R and S, each as long as a coordinate, and no DER (RFC 7518 section 3.4). */
const ecdsa = (crv: string, bits: number, octets: number): Scheme => ({
  kty: 'EC',
  crv,
  parameters: { name: 'ECDSA', hash: `SHA-${bits}` },
  octets,
})

const SCHEMES: Readonly<Record<AsymmetricAlgorithm, Scheme>> = {
  ES256: ecdsa('P-256', 256, 64),
  ES384: ecdsa('P-384', 384, 96),
  ES512: ecdsa('P-521', 512, 132),
  RS256: pkcs1(256),
  RS384: pkcs1(384),
  RS512: pkcs1(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  EdDSA: { kty: 'OKP', crv: 'Ed25519', parameters: { name: 'Ed25519' }, octets: 64 },
}

const schemeOf = (algorithm: string): Scheme | undefined =>
  Object.hasOwn(SCHEMES, algorithm) ? SCHEMES[algorithm as AsymmetricAlgorithm] : undefined

/** RFC 8725 section 3.1: each key for its algorithm alone, whatever a token asks for. */
export function fits({ kty, crv, alg, use }: PublicJwk, algorithm: string): boolean {
  if ((alg !== undefined && alg !== algorithm) || (use !== undefined && use !== 'sig')) return false
  if (kty === 'oct') return algorithm.startsWith('HS')
  const scheme = schemeOf(algorithm)
  return scheme !== undefined && scheme.kty === kty && scheme.crv === crv
}

/** False where the key is for another algorithm, or none. `ready`: absent for a key that is seen once. Never rejects. */
export function isSignedBy(signed: Pick<SignedText, 'token' | 'header'>, key: PublicJwk, ready = new ReadyKeys()): Promise<boolean> {
  const { token, header } = signed
  const { algorithm } = header
  if (!fits(key, algorithm)) return Promise.resolve(false)
  const scheme = schemeOf(algorithm)
  if (scheme === undefined) return isSignedWith(token, algorithm, key)
  const verifying = ready.get(key, algorithm)
  return verifying === undefined ? ready.make(key, algorithm).then((made) => verify(token, scheme, made)) : verify(token, scheme, verifying)
}

async function verify(token: string, { parameters, octets }: Scheme, key: Ready): Promise<boolean> {
  if (key === UNFIT) return false
  try {
    const end = token.lastIndexOf('.')
    const signature = base64url.decode(token.slice(end + 1))
    if (signature.length !== (octets ?? octetsOfModulus(key))) return false
    return await crypto.subtle.verify(parameters, key, signature, ASCII.encode(token.slice(0, end)))
  } catch {
    return false
  }
}

/** Of letters that have been looked at, all of them ASCII. */
const ASCII = new TextEncoder()

/** With a secret that both sides know. */
const isSignedWith = (token: string, algorithm: string, secret: PublicJwk): Promise<boolean> =>
  compactVerify(token, secret, { algorithms: [algorithm] }).then(
    () => true,
    () => false,
  )

function octetsOfModulus({ algorithm }: VerifyingKey): number | undefined {
  return 'modulusLength' in algorithm ? Math.ceil(Number(algorithm.modulusLength) / 8) : undefined
}
