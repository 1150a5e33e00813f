/** One text for equal data, and what a hash of it is made with: the same configuration has the same hash, whoever compiles it. */

/** SHA-256 of a text in hex digits. An argument, because this folder knows no platform. */
export type Digest = (text: string) => string

/** Of a hash, kept: two things of one gateway never share 64 bits by chance. */
export const HASH_DIGITS = 16

/** JSON with the keys of every object in order, so that equal data is equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, held]) => held !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`).join(',')}}`
}
