/** A part of a status document: the pools and endpoints that were asked for, and what changed last there. */
import type { Result } from '../../config/result.ts'
import type { StatusDocument, VantageStatus } from '../../config/status.ts'
import { didYouMean } from '../../config/suggest.ts'

export interface Wanted {
  /** Names; none: all. */
  readonly pools: readonly string[]
  readonly endpoints: readonly string[]
}

/** The error names what there is in place of an unknown name. */
export function narrowStatus(document: StatusDocument, { pools, endpoints }: Wanted): Result<StatusDocument, string> {
  if (pools.length === 0 && endpoints.length === 0) return { ok: true, value: document }
  const known = namesIn(document)
  const unknown = [...problemsOf('pool', pools, known.pools), ...problemsOf('endpoint', endpoints, known.endpoints)]
  if (unknown.length > 0) return { ok: false, error: unknown.join('\n') }
  const isWanted = (pool: string, id: string): boolean =>
    (pools.length === 0 || pools.includes(pool)) && (endpoints.length === 0 || endpoints.includes(id))
  const members = document.pools?.map((pool) => ({ ...pool, endpoints: pool.endpoints.filter(({ id }) => isWanted(pool.id, id)) }))
  // An address that several pools share has one health, under the name of one of them.
  const keys = new Set(members?.flatMap((pool) => pool.endpoints.map(({ key }) => key)))
  const narrowed = (status: VantageStatus): VantageStatus => {
    const held = status.endpoints.filter(({ key, pool, id }) => (members === undefined ? isWanted(pool, id) : keys.has(key)))
    const shown = new Set(held.map(({ key }) => key))
    return { ...status, endpoints: held, transitions: status.transitions.filter(({ endpoint }) => shown.has(endpoint)) }
  }
  const vantages = document.vantages.map((each) => (each.answered ? { ...each, status: narrowed(each.status) } : each))
  return {
    ok: true,
    value: { ...document, vantages, ...(members === undefined ? {} : { pools: members.filter((pool) => pool.endpoints.length > 0) }) },
  }
}

function namesIn({ pools, vantages }: StatusDocument): { readonly pools: ReadonlySet<string>; readonly endpoints: ReadonlySet<string> } {
  const judged = vantages.flatMap((each) => (each.answered ? each.status.endpoints : []))
  return {
    pools: new Set(pools?.map(({ id }) => id) ?? judged.map(({ pool }) => pool)),
    endpoints: new Set(pools?.flatMap((pool) => pool.endpoints.map(({ id }) => id)) ?? judged.map(({ id }) => id)),
  }
}

function problemsOf(what: string, names: readonly string[], known: ReadonlySet<string>): readonly string[] {
  return names
    .filter((name) => !known.has(name))
    .map((name) => `There is no ${what} "${name}"; ${didYouMean(name, known) ?? `there are ${[...known].join(', ')}`}`)
}
