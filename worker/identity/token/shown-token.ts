/**
 * The token that a request shows: in a header, a cookie or the query, wherever issuers of its host say. A request that shows two different
 * ones is refused (RFC 6750 section 2: one method in each request): whoever stands behind could look at the other.
 */
import type { TokenPlace } from '../../../config/token-issuer.ts'
import type { Unidentified } from '../identify.ts'

export type ShownToken<Place extends TokenPlace> =
  | { readonly kind: 'none' }
  /** `places`: those that hold it. `scheme`: as which it came, in lower case; absent where places have none. */
  | { readonly kind: 'token'; readonly token: string; readonly places: readonly Place[]; readonly scheme?: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** What one place holds. */
type Held = { readonly token: string; readonly scheme?: string } | { readonly flaw: string } | undefined

const NONE = { kind: 'none' } as const

export function shownToken<Place extends TokenPlace>(asking: Unidentified, places: readonly Place[]): ShownToken<Place> {
  let shown: { readonly token: string; readonly scheme?: string } | undefined
  const holding: Place[] = []
  for (const place of places) {
    const held = heldAt(place, asking)
    if (held === undefined) continue
    if ('flaw' in held) return { kind: 'refused', reason: held.flaw }
    if (shown !== undefined && shown.token !== held.token) return { kind: 'refused', reason: 'it shows different tokens in several places' }
    shown = shown?.scheme === undefined ? held : shown
    holding.push(place)
  }
  return shown === undefined ? NONE : { kind: 'token', places: holding, ...shown }
}

function heldAt(place: TokenPlace, { request, inbound }: Unidentified): Held {
  switch (place.kind) {
    case 'header': {
      const value = request.headers.get(place.name)
      return value === null ? undefined : inHeader(value, place)
    }
    case 'cookie': {
      const header = request.headers.get('cookie')
      return header === null ? undefined : only(cookiesNamed(place.name, header), 'a cookie')
    }
    case 'query':
      return inbound.query === '' ? undefined : only(new URLSearchParams(inbound.query).getAll(place.name), 'a parameter')
    default:
      return place satisfies never
  }
}

function inHeader(value: string, { name, scheme: wanted }: Extract<TokenPlace, { kind: 'header' }>): Held {
  if (wanted === undefined) return value === '' ? undefined : { token: value }
  const lower = wanted.toLowerCase()
  const space = value.indexOf(' ')
  const scheme = (space < 0 ? value : value.slice(0, space)).toLowerCase()
  // RFC 9449 section 7.1: what may come as a bearer may come with a proof.
  if (scheme !== lower && !(scheme === 'dpop' && lower === 'bearer' && name === 'authorization')) {
    // Two headers of one name arrive as one, joined by a comma: the second may be what somebody behind reads.
    return value.includes(',') && new RegExp(`,\\s*(?:${lower}|dpop)\\s`, 'i').test(value)
      ? { flaw: `it has several headers ${name}` }
      : undefined
  }
  if (value.includes(',')) return { flaw: `it has several headers ${name}` }
  const token = space < 0 ? '' : value.slice(space + 1).trim()
  return token === '' ? { flaw: `its header ${name} holds no token` } : { token, scheme }
}

function only(values: readonly string[], what: string): Held {
  const [token] = values
  if (token === undefined || (token === '' && values.length === 1)) return undefined
  return values.every((value) => value === token) ? { token } : { flaw: `it has ${what} of one name with different values` }
}

function cookiesNamed(name: string, header: string): readonly string[] {
  const found: string[] = []
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals >= 0 && pair.slice(0, equals).trim() === name) found.push(pair.slice(equals + 1).trim())
  }
  return found
}

/** The query without the parameters that hold tokens, all else as it came; undefined when it has none of them. */
export function withoutTokens(query: string, names: readonly string[]): string | undefined {
  if (query === '' || names.length === 0) return undefined
  const pairs = query.slice(1).split('&')
  const kept = pairs.filter((pair) => !names.some((name) => new URLSearchParams(pair).has(name)))
  if (kept.length === pairs.length) return undefined
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}
