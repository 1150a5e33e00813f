/** The gateway configuration that importers write, in the words of `config/gateway.yaml`. What it may say is checked by `loadText` afterwards. */

export interface GatewayDocument {
  readonly pools: Readonly<Record<string, PoolEntry>>
  readonly routes: readonly RouteEntry[]
}

export interface PoolEntry {
  readonly endpoints: Readonly<Record<string, EndpointEntry>>
  readonly retryBudget?: { readonly share: string; readonly perSecond: number }
}

export interface EndpointEntry {
  readonly url: string
  readonly cloud: string
  readonly region: string
}

export type ValueMatch = string | { readonly regex: string }

export type PathEntry = string | { readonly exact: string } | { readonly regex: string }

export interface HeaderChanges {
  readonly set?: Readonly<Record<string, string>>
  readonly add?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}

export interface RedirectEntry {
  readonly scheme?: string
  readonly host?: string
  readonly port?: number
  readonly path?: string
  readonly prefix?: string
  readonly status: number
}

export interface RewriteEntry {
  readonly host?: string
  readonly path?: string
  readonly prefix?: string
}

export interface CorsEntry {
  readonly origins: readonly string[]
  readonly methods?: readonly string[]
  readonly headers?: readonly string[]
  readonly expose?: readonly string[]
  readonly credentials?: boolean
  readonly maxAge?: string
}

export interface MirrorEntry {
  readonly pool: string
  readonly share?: string
}

export interface ReplyEntry {
  readonly status: number
}

/** What may be said of a route as of one of its weighted pools. */
export interface FilterEntries {
  readonly requestHeaders?: HeaderChanges
  readonly responseHeaders?: HeaderChanges
  readonly rewrite?: RewriteEntry
  readonly redirect?: RedirectEntry
}

export interface WeightedEntry extends FilterEntries {
  readonly pool?: string
  /** Instead of a pool: this share is answered here. */
  readonly reply?: ReplyEntry
  readonly weight: number
}

export interface MatchEntries {
  readonly paths?: readonly PathEntry[]
  readonly methods?: readonly string[]
  readonly headers?: Readonly<Record<string, ValueMatch>>
  readonly query?: Readonly<Record<string, ValueMatch>>
}

export interface RouteEntry extends MatchEntries, FilterEntries {
  readonly name: string
  readonly hosts: readonly string[]
  readonly schemes?: readonly string[]
  readonly ports?: readonly number[]
  readonly pool?: string
  readonly pools?: readonly WeightedEntry[]
  readonly reply?: ReplyEntry
  readonly cors?: CorsEntry
  readonly mirrors?: readonly MirrorEntry[]
  readonly timeouts?: { readonly request?: string; readonly attempt?: string; readonly slow?: 'abort' }
  readonly retry?: {
    readonly attemptsMax?: number
    readonly statuses?: readonly number[]
    readonly on?: readonly string[]
    readonly backoff?: { readonly base: string; readonly max: string; readonly min: string }
  }
}
