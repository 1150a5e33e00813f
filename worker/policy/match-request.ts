/** A request as routes and rules ask about it. Query and cookies are parsed, and readings of its path made, once and only when one asks. */
import type { Scheme } from '../../config/match.ts'
import type { Ambiguities } from './ambiguity.ts'
import type { Identity } from './identity.ts'
import { readingsOf } from './path-readings.ts'

/** What routes match on, beside the headers. */
export interface RequestHead {
  /** Lower case, without port. */
  readonly host: string
  /** As it came, without query; checked by the path policy. */
  readonly path: string
  /** What two servers may read differently in the path. */
  readonly ambiguities: Ambiguities
  readonly method: string
  /** With its `?`, or empty. */
  readonly query: string
  readonly scheme: Scheme
  /** With a port when the client gave one. */
  readonly authority: string
  readonly place: ClientPlace
  /** By the platform's word; undefined where it does not say. */
  readonly address?: string | undefined
  /** Names in lower case of those that end here. */
  readonly headers?: { readonly dropped: readonly string[] }
}

/** By the platform's word; undefined where it does not know. */
export interface ClientPlace {
  readonly country?: string | undefined
  readonly continent?: string | undefined
}

export interface HeaderLookup {
  readonly get: (name: string) => string | null
}

const DEFAULT_PORTS: Readonly<Record<Scheme, number>> = { http: 80, https: 443 }

export class MatchRequest {
  readonly head: RequestHead
  /** Who sent it, where its host asks. */
  readonly identity: Identity | undefined
  readonly #headers: HeaderLookup
  #query: URLSearchParams | undefined
  #cookies: ReadonlyMap<string, string> | undefined
  #readings: readonly string[] | undefined

  constructor(head: RequestHead, headers: HeaderLookup, identity?: Identity) {
    this.head = head
    this.identity = identity
    this.#headers = headers
  }

  /** The same request with its path spelt otherwise. */
  withPath(path: string): MatchRequest {
    return new MatchRequest({ ...this.head, path }, this.#headers, this.identity)
  }

  /** The ways in which its path may be read. */
  get readings(): readonly string[] {
    this.#readings ??= readingsOf(this.head.path)
    return this.#readings
  }

  /** The value; of several headers of one name all of them, joined by `, `. */
  header(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined
  }

  /** The first value of a parameter, decoded. */
  query(name: string): string | undefined {
    this.#query ??= new URLSearchParams(this.head.query)
    return this.#query.get(name) ?? undefined
  }

  cookie(name: string): string | undefined {
    this.#cookies ??= readCookies(this.#headers.get('cookie') ?? '')
    return this.#cookies.get(name)
  }

  get port(): number {
    const { authority, scheme } = this.head
    const colon = authority.lastIndexOf(':')
    return colon > authority.lastIndexOf(']') ? Number(authority.slice(colon + 1)) : DEFAULT_PORTS[scheme]
  }
}

/** RFC 6265 section 4.2.1, leniently: pairs between semicolons, the first of a name, quotes kept. */
export function readCookies(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  // Several headers arrive joined by a comma, HTTP/2's pieces by a semicolon.
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 0) continue
    const name = pair.slice(0, equals).trim()
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim())
  }
  return cookies
}
