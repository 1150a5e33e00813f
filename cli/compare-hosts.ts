/**
 * Whether the routes and custom domains of wrangler.toml send a gateway's hosts to it, and nothing else. A host that none
 * covers gets no request; a pattern that no host uses sends requests to a gateway that answers 421.
 */
import { parse, TomlError } from 'smol-toml'
import type { LocatedDefect } from '../config/defect.ts'
import { showPath } from '../config/defect.ts'
import { show } from '../config/document.ts'
import { ANY_HOST } from '../config/hosts.ts'
import type { PathFile } from '../config/parse-gateway.ts'
import type { LocatedHost } from './load-gateway.ts'

/** What Cloudflare matches: https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior. */
interface Pattern {
  readonly written: string
  /** Begins with `*` when any text may stand before the rest. */
  readonly host: string
  /** What a path must begin with. */
  readonly path: string
  /** True when the path must be exactly that. */
  readonly exact: boolean
  readonly place: { readonly line: number; readonly column: number }
  readonly steps: readonly (string | number)[]
}

interface GatewayHosts {
  readonly file: string
  readonly hosts: readonly LocatedHost[]
}

interface WranglerFile {
  readonly file: string
  readonly text: string
}

/** The defects in both files, those of the gateway first. */
export function compareHosts(gateway: GatewayHosts, wrangler: WranglerFile): readonly LocatedDefect[] {
  const read = readPatterns(wrangler)
  if (!read.ok) return read.defects
  return [...uncovered(gateway, read, wrangler.file), ...unused(gateway, read.patterns, wrangler.file)]
}

type Patterns =
  | { readonly ok: true; readonly patterns: readonly Pattern[]; readonly workersDev: boolean }
  | { readonly ok: false; readonly defects: readonly LocatedDefect[] }

function readPatterns({ file, text }: WranglerFile): Patterns {
  let document: Record<string, unknown>
  try {
    document = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const found = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? ''
    return {
      ok: false,
      defects: [{ code: 'FILE_MALFORMED', file, path: [], line: error.line, column: error.column, expected: 'well-formed TOML', found }],
    }
  }
  const routes = Array.isArray(document['routes']) ? document['routes'] : []
  const all = [
    ...routes.map((route: unknown, index) => ({ route, steps: ['routes', index] })),
    ...(document['route'] === undefined ? [] : [{ route: document['route'], steps: ['route'] }]),
  ]
  const read = all.map(({ route, steps }) => readPattern(route, steps, { file, text }))
  const defects = read.flatMap((one) => ('expected' in one ? [one] : []))
  if (defects.length > 0) return { ok: false, defects }
  return { ok: true, patterns: read.flatMap((one) => ('expected' in one ? [] : [one])), workersDev: document['workers_dev'] !== false }
}

function readPattern(route: unknown, steps: readonly (string | number)[], { file, text }: WranglerFile): Pattern | LocatedDefect {
  const record = typeof route === 'object' && route !== null ? (route as Record<string, unknown>) : { pattern: route }
  const written = record['pattern']
  const place = placeOf(String(written), text)
  if (typeof written !== 'string')
    return {
      code: 'VALUE_MALFORMED',
      file,
      path: steps,
      ...place,
      expected: 'a route pattern such as "example.com/*"',
      found: show(written),
    }
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/]*)(\/.*)?$/.exec(written) ?? []
  if (record['custom_domain'] === true) {
    if (path !== '' || host.includes('*'))
      return {
        code: 'VALUE_MALFORMED',
        file,
        path: steps,
        ...place,
        expected: 'a custom domain: a host without path and wildcard',
        found: show(written),
      }
    return { written, host, path: '/', exact: false, place, steps }
  }
  return { written, host, path: path.replace(/\*$/, '') || '/', exact: !path.endsWith('*'), place, steps }
}

/** Where a pattern stands: the parser does not say, and patterns are seldom written twice. */
function placeOf(pattern: string, text: string): { readonly line: number; readonly column: number } {
  const offset = Math.max(0, ...['"', "'"].map((quote) => text.indexOf(`${quote}${pattern}${quote}`)))
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

function uncovered(gateway: GatewayHosts, wrangler: Extract<Patterns, { ok: true }>, wranglerFile: string): readonly LocatedDefect[] {
  const told = new Set<string>()
  return gateway.hosts.flatMap(({ host, paths, path, line, column }) => {
    const fits = wrangler.patterns.filter((pattern) => coversHost(pattern.host, host))
    const missing = paths.find((one) => !fits.some((pattern) => coversPath(pattern, one)))
    // Whatever reaches the Worker: there is nothing to cover.
    if (host === ANY_HOST) return []
    const onWorkersDev = wrangler.workersDev && host.endsWith('.workers.dev')
    if (missing === undefined || onWorkersDev || told.has(host)) return []
    told.add(host)
    const whole = fits.length === 0
    const expected = `a host that a route or custom domain of ${wranglerFile} covers${whole ? '' : ` with the path ${missing.value}`}`
    const entry =
      whole && !host.startsWith('*') ? `{ pattern = "${host}", custom_domain = true }` : `{ pattern = "${host}/*", zone_name = "…" }`
    return [
      { code: 'HOST_UNCOVERED', file: gateway.file, path, line, column, expected, found: host, suggestion: `add ${entry} to its routes` },
    ]
  })
}

function unused(gateway: GatewayHosts, patterns: readonly Pattern[], file: string): readonly LocatedDefect[] {
  const hosts = [...new Set(gateway.hosts.map(({ host }) => host))]
  return patterns.flatMap(({ written, host, place, steps }) => {
    if (hosts.some((own) => overlap(own, host))) return []
    return [
      {
        code: 'PATTERN_UNUSED',
        file,
        path: steps,
        ...place,
        expected: `a pattern that a host of ${gateway.file} uses`,
        found: show(written),
        suggestion: `remove ${showPath(steps)}`,
      },
    ]
  })
}

/** Whether everything that our host takes is taken by a pattern's host. */
const coversHost = (pattern: string, host: string): boolean =>
  pattern.startsWith('*') ? host.replace(/^\*/, '').endsWith(pattern.slice(1)) : pattern === host

/** Of an expression, what its paths begin with. */
const coversPath = (pattern: Pattern, { kind, value, program }: PathFile): boolean =>
  pattern.exact ? kind === 'exact' && value === pattern.path : (program?.literal ?? value).startsWith(pattern.path)

/** Whether one request could be for both. */
const overlap = (host: string, pattern: string): boolean =>
  host === ANY_HOST || coversHost(pattern, host) || (host.startsWith('*') && pattern.replace(/^\*/, '').endsWith(host.slice(1)))
