/**
 * Whether wrangler.toml binds the platform's counters that a gateway's limits need, each with the rate that its name says. A limit whose counter is
 * missing would let everybody in, or nobody.
 */
import { parse, TomlError } from 'smol-toml'
import type { LocatedDefect } from '../config/defect.ts'
import { show } from '../config/document.ts'
import { COLO_PERIODS, type ColoCounter, type CountedLimit, coloCounter } from '../config/rate-limit.ts'
import type { LocatedLimit } from './load-gateway.ts'
import type { Place } from './read-yaml.ts'

interface File {
  readonly file: string
  readonly text: string
}

/** https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/ */
interface Bound {
  readonly name: unknown
  readonly namespace: unknown
  readonly limit: unknown
  readonly period: unknown
  readonly steps: readonly (string | number)[]
}

/** The defects in both files, those of the gateway first. A wrangler.toml that is no TOML is for `compareHosts` to refuse. */
export function compareCounters(gateway: string, limits: readonly LocatedLimit[], wrangler: File): readonly LocatedDefect[] {
  const toml = readToml(wrangler.text)
  if (toml === undefined) return []
  const bound = boundBy(toml)
  const needed = new Map<string, LocatedLimit>()
  for (const each of limits) {
    const { binding } = coloCounter(each.limit)
    if (each.limit.scope === 'colo' && isCountable(each.limit) && !needed.has(binding)) needed.set(binding, each)
  }
  return [...needed.values()]
    .flatMap(({ limit, path, line, column }): LocatedDefect[] => {
      const counter = coloCounter(limit)
      if (bound.some(({ name }) => name === counter.binding)) return []
      const expected = `a limit whose counter ${wrangler.file} binds`
      return [
        {
          code: 'BINDING_MISSING',
          file: gateway,
          path,
          line,
          column,
          expected,
          found: limit.id,
          suggestion: `add ${counterEntry(counter)} to its ratelimits`,
        },
      ]
    })
    .concat(bound.flatMap((each) => contradictions(each, { bound, needed, wrangler })))
    .concat(bindsObjects(toml) ? [] : uncountedGlobally(gateway, limits, wrangler.file))
}

/** Limits for all colos are counted by objects of the control Worker. */
function uncountedGlobally(gateway: string, limits: readonly LocatedLimit[], file: string): readonly LocatedDefect[] {
  const first = limits.find(({ limit }) => limit.scope === 'global')
  if (first === undefined) return []
  const suggestion = 'add { name = "LIMITER", class_name = "Limiter", script_name = "meridian-control" } to its durable_objects.bindings'
  const { path, line, column, limit } = first
  return [
    {
      code: 'BINDING_MISSING',
      file: gateway,
      path,
      line,
      column,
      expected: `a limit whose objects ${file} binds`,
      found: limit.id,
      suggestion,
    },
  ]
}

type Toml = Readonly<Record<string, unknown>>

function readToml(text: string): Toml | undefined {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof TomlError) return undefined
    throw error
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const boundBy = ({ ratelimits }: Toml): readonly Bound[] =>
  listOf(ratelimits).map((entry, index) => {
    const { name, namespace_id: namespace, simple } = recordOf(entry)
    const { limit, period } = recordOf(simple)
    return { name, namespace, limit, period, steps: ['ratelimits', index] }
  })

const bindsObjects = ({ durable_objects: objects }: Toml): boolean =>
  listOf(recordOf(objects)['bindings']).some((binding) => recordOf(binding)['name'] === 'LIMITER')

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {})

interface Context {
  readonly bound: readonly Bound[]
  readonly needed: ReadonlyMap<string, LocatedLimit>
  readonly wrangler: File
}

/** Of a counter that some limit uses. Others are somebody else's. */
function contradictions(each: Bound, { bound, needed, wrangler }: Context): readonly LocatedDefect[] {
  const user = needed.get(String(each.name))
  if (user === undefined) return []
  const counter = coloCounter(user.limit)
  const place = placeOf(counter.binding, wrangler.text)
  const refuse = (step: string, expected: string, found: unknown): LocatedDefect => {
    const path = [...each.steps, ...step.split('.')]
    return { code: 'COUNTER_MISMATCH', file: wrangler.file, path, ...place, expected, found: found === undefined ? 'nothing' : show(found) }
  }
  const others = bound.filter((other) => other !== each)
  return [
    ...(others.some((other) => other.name === each.name && bound.indexOf(other) < bound.indexOf(each))
      ? [refuse('name', 'each counter once', each.name)]
      : []),
    ...(each.limit === counter.limit ? [] : [refuse('simple.limit', `${counter.limit}, as its name says`, each.limit)]),
    ...(each.period === counter.period ? [] : [refuse('simple.period', `${counter.period}, as its name says`, each.period)]),
    ...(isNamespace(each.namespace) ? [] : [refuse('namespace_id', 'a whole number as a text, unique in the account', each.namespace)]),
    ...(others.some((other) => other.namespace === each.namespace && other.name !== each.name)
      ? [refuse('namespace_id', 'a number that no other counter has: two with one number count together', each.namespace)]
      : []),
  ]
}

/** Others are refused by themselves. */
const isCountable = ({ window }: Pick<CountedLimit, 'window'>): boolean => COLO_PERIODS.some((period) => window === period * 1000)

const isNamespace = (value: unknown): boolean => typeof value === 'string' && /^[1-9]\d{0,9}$/.test(value)

/** Where a counter is named. */
function placeOf(name: string, text: string): Place {
  const before = text.slice(0, Math.max(0, text.indexOf(`"${name}"`))).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** What wrangler.toml must say. The number only has to be one that nothing else of the account has. */
const counterEntry = ({ binding, limit, period }: ColoCounter): string =>
  `{ name = "${binding}", namespace_id = "${namespaceOf(limit, period)}", simple = { limit = ${limit}, period = ${period} } }`

const namespaceOf = (limit: number, period: number): number => limit * 100 + period

/** The same as a table of its own, for each counter that some limits need. */
export function counterTables(limits: readonly CountedLimit[]): string {
  const counters = new Map(limits.filter(({ scope }) => scope === 'colo').map((limit) => [coloCounter(limit).binding, coloCounter(limit)]))
  return [...counters.values()]
    .map(
      ({ binding, limit, period }) =>
        `[[ratelimits]]\nname = "${binding}"\nnamespace_id = "${namespaceOf(limit, period)}"\nsimple = { limit = ${limit}, period = ${period} }\n`,
    )
    .join('\n')
}
