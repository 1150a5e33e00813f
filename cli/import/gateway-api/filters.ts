/** Filters of a rule or of one of its backends, as fields of a route. What cannot be done is said, and the caller answers 500 in its place. */
import type { CorsEntry, FilterEntries, HeaderChanges, RedirectEntry, RewriteEntry } from '../document.ts'
import { writeDuration } from './duration.ts'
import type { BackendSpec, FilterSpec, MatchSpec } from './schema.ts'

export interface ReadFilters {
  readonly entries: FilterEntries
  readonly cors?: CorsEntry
  readonly mirrors: readonly MirrorSpec[]
  /** Why the requests must not be served without the filter. */
  readonly refusals: readonly string[]
}

export interface MirrorSpec {
  readonly ref: BackendSpec
  readonly share: string | undefined
}

/** `paths`: how the rule matches paths; a prefix can only be replaced where one is matched. */
export function readFilters(filters: readonly FilterSpec[], paths: readonly MatchSpec['path'][]): ReadFilters {
  let entries: FilterEntries = {}
  let cors: CorsEntry | undefined
  const mirrors: MirrorSpec[] = []
  const refusals: string[] = []
  for (const filter of filters) {
    switch (filter.type) {
      case 'RequestHeaderModifier':
        entries = { ...entries, requestHeaders: headerChanges(filter.requestHeaderModifier) }
        break
      case 'ResponseHeaderModifier':
        entries = { ...entries, responseHeaders: headerChanges(filter.responseHeaderModifier) }
        break
      case 'RequestRedirect':
        entries = { ...entries, redirect: redirectEntry(filter.requestRedirect) }
        refusals.push(...refusePrefix(filter.requestRedirect.path, paths))
        break
      case 'URLRewrite':
        entries = { ...entries, rewrite: rewriteEntry(filter.urlRewrite) }
        refusals.push(...refusePrefix(filter.urlRewrite.path, paths))
        break
      case 'RequestMirror':
        mirrors.push({ ref: filter.requestMirror.backendRef, share: shareOf(filter.requestMirror) })
        break
      case 'CORS':
        cors = corsEntry(filter.cors)
        break
      case 'ExtensionRef':
        refusals.push(`the filter ${filter.extensionRef.kind} ${filter.extensionRef.name} is not known`)
        break
      case 'ExternalAuth':
        refusals.push('external authorization is not read, and requests must not pass without it')
        break
      default:
        filter satisfies never
    }
  }
  return { entries, ...(cors === undefined ? {} : { cors }), mirrors, refusals }
}

type Of<Type extends FilterSpec['type']> = Extract<FilterSpec, { type: Type }>
type Modifier = Of<'URLRewrite'>['urlRewrite']['path']

function headerChanges({ set, add, remove }: Of<'RequestHeaderModifier'>['requestHeaderModifier']): HeaderChanges {
  const mapping = (pairs: typeof set) => Object.fromEntries(pairs.map(({ name, value }) => [name.toLowerCase(), value]))
  return {
    ...(set.length === 0 ? {} : { set: mapping(set) }),
    ...(add.length === 0 ? {} : { add: mapping(add) }),
    ...(remove.length === 0 ? {} : { remove: remove.map((name) => name.toLowerCase()) }),
  }
}

/** Scheme and port that are absent are those of the request. */
function redirectEntry({ scheme, hostname, path, port, statusCode }: Of<'RequestRedirect'>['requestRedirect']): RedirectEntry {
  return {
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname === undefined ? {} : { host: hostname }),
    ...(port === undefined ? {} : { port }),
    ...pathChange(path),
    status: statusCode,
  }
}

const rewriteEntry = ({ hostname, path }: Of<'URLRewrite'>['urlRewrite']): RewriteEntry => ({
  ...(hostname === undefined ? {} : { host: hostname }),
  ...pathChange(path),
})

function pathChange(path: Modifier): { readonly path?: string; readonly prefix?: string } {
  if (path === undefined) return {}
  if (path.type === 'ReplaceFullPath') return { path: path.replaceFullPath === '' ? '/' : path.replaceFullPath }
  return { prefix: path.replacePrefixMatch === '' ? '/' : path.replacePrefixMatch }
}

function refusePrefix(path: Modifier, paths: readonly MatchSpec['path'][]): readonly string[] {
  const fits = path?.type !== 'ReplacePrefixMatch' || paths.every(({ type }) => type === 'PathPrefix')
  return fits ? [] : ['ReplacePrefixMatch needs a match of type PathPrefix']
}

/** In hundredths of a percent, which is as fine as `gateway.yaml` tells them. */
function shareOf({ percent, fraction }: Of<'RequestMirror'>['requestMirror']): string | undefined {
  if (percent !== undefined) return `${percent}%`
  return fraction === undefined ? undefined : `${Math.round((fraction.numerator / fraction.denominator) * 10_000) / 100}%`
}

function corsEntry(cors: Of<'CORS'>['cors']): CorsEntry {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge } = cors
  return {
    origins: allowOrigins,
    ...(allowMethods.length === 0 ? {} : { methods: allowMethods }),
    ...(allowHeaders.length === 0 ? {} : { headers: allowHeaders }),
    ...(exposeHeaders.length === 0 ? {} : { expose: exposeHeaders }),
    ...(allowCredentials ? { credentials: true } : {}),
    maxAge: writeDuration(Math.min(maxAge, DAY) * 1000),
  }
}

/** The longest that `gateway.yaml` takes; no browser remembers for longer. */
const DAY = 86_400
