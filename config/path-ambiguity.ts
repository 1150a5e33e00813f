/** How each ambiguity shows in a path. The path policy looks for them in requests, the link checks in what only such a path could match. */
import type { PathAmbiguity } from './match.ts'

export const AMBIGUITY_SHOWS: Readonly<Record<PathAmbiguity, RegExp>> = {
  encodedSlash: /%2f/i,
  doubleSlash: /\/\//,
  /** Letters, digits and `-._~`, which need no encoding (RFC 3986 section 6.2.2.2): both spellings mean the same. */
  encodedUnreserved: /%(?:2[de]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/i,
  semicolon: /;|%3b/i,
}
