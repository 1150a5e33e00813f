/** Whether a point is on its curve (NIST SP 800-186): one that is not verifies nothing, and must not replace one that does. */
import { toNumber } from './base64url.ts'

interface Curve {
  /** Length of a coordinate in bytes (RFC 7518 section 6.2.1.2). */
  readonly length: number
  /** y² = x³ - 3x + b modulo p. */
  readonly p: bigint
  readonly b: bigint
  /** The one signature algorithm that is made with it (RFC 7518 section 3.4). */
  readonly algorithm: string
}

export const CURVES: ReadonlyMap<string, Curve> = new Map([
  [
    'P-256',
    {
      length: 32,
      p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
      b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
      algorithm: 'ES256',
    },
  ],
  [
    'P-384',
    {
      length: 48,
      p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
      b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
      algorithm: 'ES384',
    },
  ],
  [
    'P-521',
    {
      length: 66,
      p: 2n ** 521n - 1n,
      b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
      algorithm: 'ES512',
    },
  ],
])

/** Undefined when the point is good. */
export function flawOfPoint({ length, p, b }: Curve, x: Uint8Array, y: Uint8Array): string | undefined {
  if (x.length !== length || y.length !== length) return `its coordinates must have ${length} bytes each`
  const [px, py] = [toNumber(x), toNumber(y)]
  const isOn = px < p && py < p && (py * py - (px * px * px - 3n * px + b)) % p === 0n
  return isOn ? undefined : 'its point is not on the curve'
}
