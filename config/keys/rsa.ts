/** Why an RSA key is too weak to be believed, or none that anybody can verify with. */
import { toNumber } from './base64url.ts'

/** RFC 7518 section 3.3. */
const BITS_MIN = 2048
/** Verification costs more with each bit, and whoever publishes the key chooses them. */
const BITS_MAX = 8192
/** FIPS 186-5 section 5.1: smaller ones have been broken where padding is read carelessly. */
const EXPONENT_MIN = 65_537n
/** What the platform's BoringSSL takes. */
const EXPONENT_BITS_MAX = 33

/**
 * Keys of a certain chip (CVE-2017-15361, ROCA) have primes of the form k * M + 65537^a mod M, so that modulo each small prime of M the
 * modulus is a power of 65537. Of other keys one in 2^27 is.
 */
const ROCA_PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157]
const ROCA_GENERATOR = 65_537

/** Undefined when it is good. Of modulus and exponent, as bytes. */
export function weaknessOfRsa(modulus: Uint8Array, exponent: Uint8Array): string | undefined {
  const bits = bitsOf(modulus)
  if (bits < BITS_MIN) return `its modulus has ${bits} bits, at least ${BITS_MIN} are needed`
  if (bits > BITS_MAX) return `its modulus has ${bits} bits, at most ${BITS_MAX} are taken`
  if (bitsOf(exponent) > EXPONENT_BITS_MAX) return `its exponent has more than ${EXPONENT_BITS_MAX} bits`
  const e = toNumber(exponent)
  if (e % 2n === 0n) return 'its exponent is even'
  if (e < EXPONENT_MIN) return `its exponent is ${e}, at least ${EXPONENT_MIN} is needed`
  if (remainder(modulus, 2) === 0 || ROCA_PRIMES.some((prime) => remainder(modulus, prime) === 0)) return 'its modulus has a small factor'
  return isRoca(modulus) ? 'it is of a generator whose keys can be factored (CVE-2017-15361)' : undefined
}

const isRoca = (modulus: Uint8Array): boolean => ROCA_PRIMES.every((prime) => powersModulo(prime).has(remainder(modulus, prime)))

function powersModulo(prime: number): ReadonlySet<number> {
  const powers = new Set<number>()
  for (let power = 1; !powers.has(power); power = (power * ROCA_GENERATOR) % prime) powers.add(power)
  return powers
}

const remainder = (bytes: Uint8Array, divisor: number): number => bytes.reduce((rest, byte) => (rest * 256 + byte) % divisor, 0)

function bitsOf(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24
}
