/** The path that a redirect or a rewrite makes of a request's. It looks at whole segments, and the query is others' business. */
import type { PathChange } from '../../config/action.ts'
import type { PathMatch } from '../../config/match.ts'
import { CAPTURE_SUBJECT_MAX } from '../../config/regex/replacement.ts'
import { replaceWhole } from './regex-groups.ts'

/** `paths`: of the route that took the request. */
export function changePath(change: PathChange, path: string, paths: readonly PathMatch[]): string {
  switch (change.kind) {
    case 'full':
      return change.value
    case 'prefix':
      // Neither has a trailing slash, so what is left of the path is empty or begins with one. The prefix `/` is the empty text.
      return change.value + path.slice(matchedPrefix(path, paths).length) || '/'
    case 'regex':
      // Passed on as it came, a long path would reach endpoints around the rewrite: no path at all is served to nobody.
      return path.length > CAPTURE_SUBJECT_MAX ? '' : (replaceWhole(change.program, path, change.replacement) ?? path)
    default:
      return change satisfies never
  }
}

/** The longest prefix of the route that the path has: the one by which it was taken. Empty when there is none. */
function matchedPrefix(path: string, paths: readonly PathMatch[]): string {
  let longest = ''
  for (const { kind, value } of paths) {
    const prefix = value.endsWith('/') ? value.slice(0, -1) : value
    if (kind === 'prefix' && prefix.length > longest.length && (path === prefix || path.startsWith(`${prefix}/`))) longest = prefix
  }
  return longest
}
