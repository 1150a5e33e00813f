/** The key of a request for affinity, as the pool's settings name it. It only chooses among endpoints that any client may reach: nothing is trusted by it. */
import type { AffinityKey } from '../../../config/steering.ts'
import { claimAt, claimText } from '../claims.ts'
import { holderOf, type Identity } from '../identity.ts'
import type { HeaderLookup } from '../match-request.ts'

export interface KeyedRequest {
  readonly headers: HeaderLookup
  /** With its `?`, or empty. */
  readonly query: string
  readonly address: string | undefined
  /** Who sent it, where its host asks. */
  readonly identity?: Identity | undefined
}

/** Longer keys are cut: the cost of hashing has a bound, and nobody's key needs more. */
const KEY_MAX = 1024

/** The key as text; undefined when the request has none, or an empty one. */
export function affinityKey(settings: AffinityKey, request: KeyedRequest): string | undefined {
  const key = read(settings, request)
  return key === undefined || key === '' ? undefined : key.slice(0, KEY_MAX)
}

function read(settings: AffinityKey, { headers, query, address, identity }: KeyedRequest): string | undefined {
  switch (settings.kind) {
    case 'header':
      return headers.get(settings.name) ?? undefined
    case 'cookie':
      return cookieValue(headers, settings.name)
    case 'query':
      return pairValue(query.slice(1), '&', settings.name)
    case 'client-address':
      return address === undefined ? undefined : household(address)
    case 'claim':
      return identity?.token.kind === 'verified' ? claimText(claimAt(identity.token.claims, settings.claim)) : undefined
    case 'certificate':
      return identity?.certificate.kind === 'verified' ? holderOf(identity.certificate) : undefined
    default:
      return settings satisfies never
  }
}

/** Of the first cookie of that name, as it is written. */
export const cookieValue = (headers: HeaderLookup, name: string): string | undefined => pairValue(headers.get('cookie') ?? '', ';', name)

/** The value of the first `name=value`, as it is written: two spellings of a query are two keys. */
function pairValue(text: string, separator: string, name: string): string | undefined {
  let start = 0
  while (start < text.length) {
    const found = text.indexOf(separator, start)
    const end = found < 0 ? text.length : found
    while (text[start] === ' ') start += 1
    if (text.startsWith(name, start) && text[start + name.length] === '=') return text.slice(start + name.length + 1, end).trim()
    start = end + 1
  }
  return undefined
}

/** The first four groups of an IPv6 address: privacy addresses of one household change within them. */
export function household(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail === undefined) return groups.slice(0, 4).map(withoutZeros).join(':')
  const last = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => '0')
  return [...groups, ...zeros, ...last].slice(0, 4).map(withoutZeros).join(':')
}

const withoutZeros = (group: string): string => group.replace(/^0+(?=.)/, '')
