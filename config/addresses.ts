/**
 * How hosts, paths, URLs and header names may be written. Syntax only: whether a host may be used here and now (an IP address,
 * `localhost`, the gateway's own) is for `link/deployable.ts` to say.
 */
import type { Reading } from './fields.ts'
import { ANY_HOST } from './hosts.ts'
import { type HeaderUse, isReserved } from './reserved-headers.ts'

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`)
const IPV6_HOST = /^\[[0-9a-f:.]+\]$/

/** `shop.example.com`, `*.example.com`, `*` for any, or an address such as `127.0.0.1` and `[::1]`, which only a local configuration may use. */
export function readHost(raw: string): Reading<string> {
  if (raw === ANY_HOST || (raw.length <= 253 && (HOST.test(raw) || IPV6_HOST.test(raw)))) return { value: raw }
  const expected = 'a host in lower case without scheme, port or path, such as shop.example.com or *.example.com'
  const suggestion = respellHost(raw)
  return suggestion === undefined ? { expected } : { expected, suggestion: `write ${suggestion}` }
}

function respellHost(raw: string): string | undefined {
  const starred = /^(?:[a-z]+:\/\/)?\*\./i.test(raw)
  const bare = raw
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/^\*\./, '')
    .replace(/\.(?=$|[:/])/, '')
  try {
    const host = new URL(`https://${bare}`).hostname
    const written = starred ? `*.${host}` : host
    return HOST.test(written) && written !== raw ? written : undefined
  } catch {
    return undefined
  }
}

const PATH = /^\/(?:[A-Za-z0-9._~!$&'()+,=:@/-]|%[0-9A-Fa-f]{2})*$/
/** Encodings of what needs none (RFC 3986 section 6.2.2.2), of separators and of controls: the gateway refuses requests that use them. */
const AMBIGUOUS_ENCODING = /%(?:[01][0-9a-f]|2[def5]|3[0-9b]|[46][1-9a-f]|[57][0-9a]|5[cf]|7[ef])/i

/** A path as a request shows it: from the root, in one spelling, without query and wildcards. */
export function readPath(raw: string): Reading<string> {
  const expected = 'a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments'
  if (PATH.test(raw) && raw.length <= 1024 && hasOneSpelling(raw)) return { value: raw }
  if (/\/\*{1,2}$/.test(raw)) return { expected, suggestion: `a prefix takes all below it: write ${raw.replace(/\/\*+$/, '') || '/'}` }
  return raw.startsWith('/') ? { expected } : { expected, suggestion: `write /${raw}` }
}

function hasOneSpelling(path: string): boolean {
  if (path.includes('//') || /\/\.{1,2}(?:\/|$)/.test(path) || AMBIGUOUS_ENCODING.test(path)) return false
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** An address that can be sent to, taken apart. `base` is its path: empty, or `/base` without a trailing slash. */
export interface Address {
  readonly origin: string
  readonly scheme: 'http' | 'https'
  /** Without the port; an IPv6 address keeps its brackets. */
  readonly host: string
  readonly port: string
  readonly base: string
}

/** Empty, or from the first slash on. None behind a backslash, which `URL` reads as a slash. */
const WRITTEN_PATH = /^https?:\/\/[^/\\]*(|\/[^\\]*)$/i

/** `https://ingress.example.com`, with port and base path if need be. */
export function readAddress(raw: string): Reading<Address> {
  const expected = 'a URL such as https://ingress.example.com, with port and base path if need be'
  const url = URL.parse(raw)
  if (url === null || !/^https?:\/\//i.test(raw)) {
    return /^[a-z0-9.-]+\.[a-z]{2,}(?:[:/]|$)/i.test(raw) ? { expected, suggestion: `write https://${raw}` } : { expected }
  }
  if (url.username !== '' || url.password !== '') {
    return { expected: 'a URL without user name and password', suggestion: 'a header of the endpoint can carry them' }
  }
  if (raw.includes('?') || raw.includes('#')) return { expected: 'a URL without query and fragment' }
  // As it is written: `URL` would resolve and encode what clients may not send either.
  const base = WRITTEN_PATH.exec(raw)?.[1]?.replace(/\/$/, '')
  if (base === undefined) return { expected }
  const path = readPath(base === '' ? '/' : base)
  if (!('value' in path)) return { expected: `a URL whose path is ${path.expected}` }
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  return { value: { origin: url.origin, scheme, host: url.hostname, port: url.port, base } }
}

/** The URL of a monitor, as it will be asked for: unlike an endpoint's it may carry a query. */
export function readProbeUrl(raw: string): Reading<string> {
  const expected = 'a URL such as https://ingress.example.com:15021/healthz/ready'
  const url = URL.parse(raw)
  if (url === null || !/^https?:\/\//i.test(raw)) return { expected }
  if (url.username !== '' || url.password !== '') return { expected: 'a URL without user name and password' }
  if (raw.includes('#')) return { expected: 'a URL without a fragment' }
  return { value: url.href }
}

/** RFC 9110 section 5.6.2, without `_`, which Kuma, nginx and hardened Istio gateways drop or refuse. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^`|~-]{1,128}$/

/** A header name, in lower case. */
export function readHeaderName(raw: string, use: HeaderUse): Reading<string> {
  if (!HEADER_NAME.test(raw)) {
    const expected = 'a header name of letters, digits and hyphens'
    return raw.includes('_') ? { expected, suggestion: `write ${raw.replaceAll('_', '-')}` } : { expected }
  }
  if (isReserved(raw, use)) return { expected: 'a header that Meridian does not set or remove by itself' }
  return { value: raw.toLowerCase() }
}

/** A header value: visible characters, spaces only within (RFC 9110 section 5.5, without obs-text). */
export const HEADER_VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/
