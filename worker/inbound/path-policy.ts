/**
 * Which paths are served. A path that two servers may read differently is refused, never repaired: what was matched must be what is
 * forwarded and what the endpoint understands. The query is not looked at.
 */

/** Longer than any path that a route table tells apart, short enough to look at on every request. */
const PATH_MAX = 8192

/** Cheap and enough for almost all: characters that need a closer look or are refused at once. */
const SUSPICIOUS = /[%;\\#?]|[^\x21-\x7e]|\/\/|\/\.{1,2}(?:\/|$)/
const PERCENT = /%/
const REFUSED_RAW = /[;\\#?]|[^\x21-\x7e]|\/\/|\/\.{1,2}(?:\/|$)/
/**
 * Encoded control characters, slash, backslash, semicolon; letters, digits and `-._~`, which need no encoding (RFC 3986 section
 * 6.2.2.2: both spellings mean the same, so one of them could slip past a rule for the other); and what decodes to another encoding.
 */
const REFUSED_ENCODED = /%(?:[01][0-9a-f]|7f|2f|5c|3b|2[de]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae]|25[0-9a-f]{2})/i

export function isPathServed(path: string): boolean {
  if (path.length > PATH_MAX || !path.startsWith('/')) return false
  if (!SUSPICIOUS.test(path)) return true
  if (REFUSED_RAW.test(path) || REFUSED_ENCODED.test(path)) return false
  return !PERCENT.test(path) || decodes(path)
}

/** Refuses lone and truncated percent signs, and byte sequences that are no UTF-8, over-long ones among them. */
function decodes(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
