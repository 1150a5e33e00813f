/**
 * In which other spellings a path may be read: with what needs no encoding decoded, as most endpoints do before they look, and without what
 * ends a path, or is trimmed off a segment, once it is decoded. A request and a path of the configuration are looked at alike.
 */

/** Unreserved characters, sub-delims, `:` and `@` (RFC 3986 section 3.3), and `[]` and the pipe, which some clients send as they are. */
const NEEDLESS = /%(?:2[146-9a-e]|3[0-9abd]|4[0-9a-f]|5[0-9abdf]|6[1-9a-f]|7[0-9ace])/gi
const ENCODED = /%[0-9a-f]{2}/gi
const upper = (encoded: string): string => encoded.toUpperCase()
const decoded = (encoded: string): string => decodeURIComponent(encoded)

/** Nothing encoded that needs none, and upper-case hex digits (RFC 3986 section 6.2.2.1). */
export const usualSpelling = (path: string): string => path.replace(NEEDLESS, decoded).replace(ENCODED, upper)

/** The usual one first, each once, without the path itself: most paths have none. */
export function otherSpellings(path: string): readonly string[] {
  if (!path.includes('%')) return []
  const usual = usualSpelling(path)
  const forgiven = forgivenSpelling(usual)
  return [...new Set([usual, forgiven])].filter((spelling) => spelling !== path)
}

/** As a server reads it that decodes before it looks for a query or a fragment, and forgives spaces around segments. */
function forgivenSpelling(usual: string): string {
  const whole = usual.replace(/%(?:3F|23).*$/, '')
  return whole.includes(SPACE) ? whole.split('/').flatMap(forgiven).join('/') : whole
}

/** A segment of spaces alone is none, unless it ends the path. */
function forgiven(segment: string, index: number, segments: readonly string[]): readonly string[] {
  const rest = trimmed(segment)
  return rest === '' && segment !== '' && index < segments.length - 1 ? [] : [rest]
}

const SPACE = '%20'

function trimmed(segment: string): string {
  let [from, to] = [0, segment.length]
  while (segment.startsWith(SPACE, from)) from += SPACE.length
  while (to - SPACE.length >= from && segment.startsWith(SPACE, to - SPACE.length)) to -= SPACE.length
  return segment.slice(from, to)
}
