/**
 * The ways in which a path that is served may still be read: as it came, with the hex digits of its encodings in one case or the other, and
 * decoded, as most servers do before they look, or even before they look for a query, or without spaces around segments and segments of
 * nothing else. What could be read as other segments is ambiguous, and none of this.
 */

/** The path itself first; alone where nothing in it is encoded. */
export function readingsOf(path: string): readonly string[] {
  if (!path.includes('%')) return [path]
  // The path policy has refused what does not decode.
  const decoded = decodeURIComponent(path)
  const forgiven = forgive(decoded)
  const readings = [path, path.replace(ENCODED, upper), path.replace(ENCODED, lower), decoded]
  return forgiven === decoded ? readings : [...readings, forgiven]
}

/** As a server reads it that looks for a query when it has decoded, trims segments, and takes those that are empty for none. */
function forgive(decoded: string): string {
  const [path = ''] = decoded.split(/[?#]/, 1)
  // In one pass: an expression for what is before a slash would begin anew at each space.
  const segments = path.split('/').map((segment) => segment.trim())
  return segments.filter((segment, index) => segment !== '' || index === 0 || index === segments.length - 1).join('/')
}

const ENCODED = /%[0-9a-f]{2}/gi
const upper = (encoded: string): string => encoded.toUpperCase()
const lower = (encoded: string): string => encoded.toLowerCase()
