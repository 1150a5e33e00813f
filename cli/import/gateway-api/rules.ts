/** One rule of an HTTPRoute: what it does with a request, and one route for each of its matches. */
import type { FilterEntries, MirrorEntry, RouteEntry, WeightedEntry } from '../document.ts'
import type { Locate, Severity } from '../finding.ts'
import type { Backends } from './backends.ts'
import { type MirrorSpec, readFilters } from './filters.ts'
import { ANY_MATCH, readMatch } from './matches.ts'
import { readResilience } from './resilience.ts'
import type { BackendRefSpec, MatchSpec, RuleSpec } from './schema.ts'

/** A route but for its name and where it listens. */
export type RouteBody = Omit<RouteEntry, 'name' | 'hosts' | 'schemes' | 'ports'>

export interface RuleContext {
  readonly backends: Backends
  readonly namespace: string
  readonly locate: Locate
  readonly say: (severity: Severity, path: readonly (string | number)[], text: string) => void
  /** How many endpoints a pool has. */
  readonly endpointsOf: (pool: string) => number
}

/** In order of the matches. Those that no request can have are left out. */
export function readRule(rule: RuleSpec, context: RuleContext): readonly RouteBody[] {
  const specs = rule.matches.length === 0 ? [ANY_MATCH] : rule.matches
  const action = readAction(rule, specs, context)
  return specs.flatMap((spec, index) => {
    const match = readMatch(spec)
    if (typeof match === 'string') {
      context.say('refused', ['matches', index], `takes no request: ${match}`)
      return []
    }
    for (const remark of match.remarks) context.say('approximate', ['matches', index], remark)
    return [{ ...match.entries, ...action }]
  })
}

type Action = Omit<RouteBody, 'paths' | 'methods' | 'headers' | 'query'>

function readAction(rule: RuleSpec, specs: readonly MatchSpec[], context: RuleContext): Action {
  const paths = specs.map(({ path }) => path)
  const filters = readFilters(rule.filters, paths)
  for (const refusal of filters.refusals) context.say('refused', ['filters'], `${refusal}: requests are answered 500`)
  if (filters.refusals.length > 0) return INVALID
  const { redirect, rewrite, ...headers } = filters.entries
  const shared = { ...headers, ...(filters.cors === undefined ? {} : { cors: filters.cors }) }
  if (redirect !== undefined) return { ...shared, redirect }
  const shares = rule.backendRefs.map((ref, index) => readBackend(ref, paths, ['backendRefs', index], { rule, context }))
  const mirrors = readMirrors(filters.mirrors, context)
  const forward = forwardTo(shares, context.backends)
  if ('reply' in forward) return { ...shared, ...forward }
  const pools = shares.flatMap(({ pool }) => (pool === undefined ? [] : [pool]))
  const resilience = readResilience(
    rule,
    pools.every((pool) => context.endpointsOf(pool) === 1),
  )
  for (const remark of resilience.remarks) context.say('approximate', [], remark)
  return {
    ...shared,
    ...(rewrite === undefined ? {} : { rewrite }),
    ...(mirrors.length === 0 ? {} : { mirrors }),
    ...resilience.entries,
    ...forward,
  }
}

/** `mirrors` of `gateway.yaml`. */
const MIRRORS_MAX = 4

function readMirrors(specs: readonly MirrorSpec[], context: RuleContext): readonly MirrorEntry[] {
  const found = specs.flatMap(({ ref, share }) => {
    const backend = context.backends.resolve(ref, { ...place(context, ['filters']), retried: false, mirrors: true })
    return backend.kind === 'pool' ? [{ pool: backend.pool, ...(share === undefined ? {} : { share }) }] : []
  })
  if (found.length > 0) {
    const text =
      'copies are sent of safe methods only and without credentials, unless the mirror says `methods: all` and `credentials: keep`'
    context.say('approximate', ['filters'], text)
  }
  if (found.length > MIRRORS_MAX) context.say('refused', ['filters'], `${found.length} mirrors become ${MIRRORS_MAX}, the first`)
  return found.slice(0, MIRRORS_MAX)
}

/** Gateway API: a rule without a backend that may be sent to. */
const INVALID = { reply: { status: 500 } } as const

const place = ({ namespace, locate }: RuleContext, path: readonly (string | number)[]) => ({ namespace, place: locate(path) })

interface Whole {
  readonly rule: RuleSpec
  readonly context: RuleContext
}

function readBackend(
  ref: BackendRefSpec,
  paths: readonly MatchSpec['path'][],
  path: readonly (string | number)[],
  { rule, context }: Whole,
): WeightedEntry {
  const found = context.backends.resolve(ref, { ...place(context, path), retried: rule.retry !== undefined })
  if (found.kind === 'none') return { reply: { status: found.status }, weight: ref.weight }
  const { entries, cors, mirrors, refusals } = readFilters(ref.filters, paths)
  const unheld = [
    ...(cors === undefined ? [] : ['CORS is of a rule, not of a backend']),
    ...(mirrors.length > 0 ? ['mirrors are of a rule, not of a backend'] : []),
  ]
  for (const refusal of [...refusals, ...unheld]) context.say('refused', path, `${refusal}: its share is answered 500`)
  if (refusals.length + unheld.length > 0) return { ...INVALID, weight: ref.weight }
  return { pool: found.pool, weight: ref.weight, ...entries }
}

/** One plain backend is a pool; several are drawn by weight; nobody with a weight is a 500. */
function forwardTo(shares: readonly WeightedEntry[], backends: Backends): Pick<RouteBody, 'pool' | 'pools' | 'reply'> {
  const drawn = shares.filter(({ weight }) => weight > 0)
  if (drawn.length === 0) return INVALID
  const statuses = new Set(drawn.map(({ reply }) => reply?.status))
  if (statuses.size === 1 && drawn[0]?.reply !== undefined) return { reply: drawn[0].reply }
  const [only, ...others] = shares
  if (only?.pool !== undefined && others.length === 0 && isPlain(only)) return { pool: only.pool }
  return {
    pools: eachOnce(
      shares.filter(({ pool, weight }) => pool !== undefined || weight > 0),
      backends,
    ),
  }
}

/** References that mean the same are one share; of a pool that is meant twice, with other filters, there is a twin. */
function eachOnce(shares: readonly WeightedEntry[], backends: Backends): readonly WeightedEntry[] {
  const merged = new Map<string, WeightedEntry>()
  for (const { weight, ...entry } of shares) {
    const key = JSON.stringify(entry)
    merged.set(key, { ...entry, weight: weight + (merged.get(key)?.weight ?? 0) })
  }
  const named = new Set<string>()
  return [...merged.values()].map((entry) => {
    if (entry.pool === undefined) return entry
    const pool = named.has(entry.pool) ? backends.twin(entry.pool) : entry.pool
    named.add(entry.pool)
    return { ...entry, pool }
  })
}

const isPlain = ({ requestHeaders, responseHeaders, rewrite, redirect }: FilterEntries): boolean =>
  requestHeaders === undefined && responseHeaders === undefined && rewrite === undefined && redirect === undefined
