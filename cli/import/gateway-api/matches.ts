/** One HTTPRouteMatch as the match of one route. All of it must hold; several matches of a rule become several routes. */
import { usualSpelling } from '../../../config/path-spelling.ts'
import type { MatchEntries, PathEntry, ValueMatch } from '../document.ts'
import type { MatchSpec } from './schema.ts'

export const ANY_MATCH: MatchSpec = { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] }

export interface ReadMatch {
  readonly entries: MatchEntries
  /** What of it does not mean quite the same. */
  readonly remarks: readonly string[]
}

/** A string says why the match can take no request. */
export function readMatch({ path, headers, queryParams, method }: MatchSpec): ReadMatch | string {
  if (method === 'CONNECT' || method === 'TRACE') return `${method} is refused before any route is looked up`
  const expressions = [path, ...headers, ...queryParams].filter(({ type }) => type === 'RegularExpression')
  return {
    entries: {
      ...(path.type === 'PathPrefix' && path.value === '/' ? {} : { paths: pathEntries(path) }),
      ...(method === undefined ? {} : { methods: [method] }),
      ...(headers.length === 0 ? {} : { headers: mapping(headers.map((one) => ({ ...one, name: one.name.toLowerCase() }))) }),
      ...(queryParams.length === 0 ? {} : { query: mapping(queryParams) }),
    },
    remarks:
      expressions.length === 0
        ? []
        : ['a regular expression is read as RE2 and must match the whole value; the Gateway API leaves that open'],
  }
}

/** The usual spelling beside one with needless encodings: `check` wants a route to take both. */
function pathEntries(path: MatchSpec['path']): readonly PathEntry[] {
  const usual = path.type === 'RegularExpression' ? path.value : usualSpelling(path.value)
  return [path.value, ...(usual === path.value ? [] : [usual])].map((value) => pathEntry({ ...path, value }))
}

function pathEntry({ type, value }: MatchSpec['path']): PathEntry {
  switch (type) {
    case 'Exact':
      return { exact: value }
    case 'RegularExpression':
      return { regex: value }
    case 'PathPrefix':
      return value === '/' ? value : value.replace(/\/$/, '')
    default:
      return type satisfies never
  }
}

/** The first of equal names counts. */
function mapping(matches: MatchSpec['headers']): Readonly<Record<string, ValueMatch>> {
  const values = new Map<string, ValueMatch>()
  for (const { name, type, value } of matches) if (!values.has(name)) values.set(name, type === 'Exact' ? value : { regex: value })
  return Object.fromEntries(values)
}
