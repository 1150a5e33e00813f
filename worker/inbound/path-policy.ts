/**
 * Which paths are served. A path that two servers may read differently is refused unless its route takes it so, and never repaired: what
 * was matched must be what is forwarded and what the endpoint understands. The query is not looked at. `docs/paths.md` has the table.
 */

import type { Route } from '../../config/base.ts'
import { PATH_AMBIGUITIES } from '../../config/match.ts'
import { AMBIGUITY_SHOWS } from '../../config/path-ambiguity.ts'
import { type Ambiguities, bitsOf } from '../policy/ambiguity.ts'

/** Longer than any path that a route table tells apart, short enough to look at on every request. */
const PATH_MAX = 8192

/** Cheap and enough for almost all: characters that need a closer look or are refused at once. */
const SUSPICIOUS = /[%;\\#?"<>^`{}]|[^\x21-\x7e]|\/\/|\/\.{1,2}(?:\/|$)/
/** Among them what the runtime encodes on the way out (URL Standard, "path percent-encode set"): what is matched would not be what is forwarded. */
const REFUSED_RAW = /[\\#?"<>^`{}]|[^\x21-\x7e]|\/\.{1,2}(?:\/|$)/
/** Encoded control characters and backslash, and what decodes to another encoding. */
const REFUSED_ENCODED = /%(?:[01][0-9a-f]|7f|5c|25[0-9a-f]{2})/i

/** What is ambiguous in a path, 0 in almost all; undefined when it is refused whatever a route says. */
export function ambiguitiesOf(path: string): Ambiguities | undefined {
  if (path.length > PATH_MAX || !path.startsWith('/')) return undefined
  if (!SUSPICIOUS.test(path)) return 0
  if (REFUSED_RAW.test(path) || REFUSED_ENCODED.test(path) || !decodes(path)) return undefined
  const found = bitsOf(PATH_AMBIGUITIES.filter((each) => AMBIGUITY_SHOWS[each].test(path)))
  return (found !== 0 || MAY_HIDE_DOTS.test(path)) && hidesDots(path) ? undefined : found
}

/** Dots beside an encoded space, which some servers trim off a segment, or before what ends a path once it is decoded. */
const MAY_HIDE_DOTS = /\.%(?:20|23|3f)|%20\./i

/** Whether a path that was made of a request's goes to endpoints: as if a client had asked for it. */
export function isServed(path: string, { ambiguous }: Pick<Route, 'ambiguous'>): boolean {
  const found = ambiguitiesOf(path)
  return found !== undefined && (found & ~bitsOf(ambiguous)) === 0
}

/** Dot segments that show once slashes and dots are decoded, spaces trimmed and path parameters cut off: `/..%2fadmin`, `/%2e%2e/`, `/..;/`, `/..%20/`. */
function hidesDots(path: string): boolean {
  const plain = path
    .replace(/%2e/gi, '.')
    .replace(/%(?:2f|3f|23)/gi, '/')
    .replace(/%3b/gi, ';')
    .replaceAll('%20', ' ')
  return /(?:^|\/) *\.{1,2} *(?:[/;]|$)/.test(plain)
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
