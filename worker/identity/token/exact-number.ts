/**
 * Whether a number of JSON can be told from all others once it is read: a double holds 53 bits, and what has more becomes another number. Two
 * tenants would be one.
 */

/** Decimal digits that a double keeps, whatever they are (IEEE 754 binary64). */
const DIGITS_KEPT = 15
/** Smaller ones lose digits. */
const SMALLEST = 2 ** -1022

/** `text`: a number as JSON writes it. */
export function isExact(text: string): boolean {
  const value = Number(text)
  if (!/[.eE]/.test(text)) return Number.isSafeInteger(value)
  if (!Number.isFinite(value)) return false
  const digits = (/^-?([0-9.]*)/.exec(text)?.[1] ?? '').replace('.', '').replace(/^0+/, '')
  if (digits === '') return true
  if (Math.abs(value) < SMALLEST) return false
  // With more digits it is the double's own text, and nobody else's.
  return digits.length <= DIGITS_KEPT || (String(value) === text && Math.abs(value) <= Number.MAX_SAFE_INTEGER)
}
