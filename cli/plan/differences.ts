/** Field by field, what two bases have otherwise: every value by its name. What the file computes from others (keys, hashes, tables) is left out. */
import type { Pool } from '../../config/base.ts'
import type { Difference } from '../../config/director.ts'
import type { PlanBase } from '../../config/operator-documents.ts'

type Value = string | number | undefined

/** Fields that say nothing of their own. */
const DERIVED = new Set(['format', 'hash', 'key', 'regexes', 'countries', 'targets', 'pools'])
/** Values of headers that are sent to endpoints may be keys of somebody. */
const HIDDEN = 'hidden'

export function baseDifferences(before: PlanBase, after: PlanBase): readonly Difference[] {
  const [from, to] = [fieldsOf(before), fieldsOf(after)]
  const names = new Set([...from.keys(), ...to.keys()])
  return [...names].flatMap((field) => {
    const [old, now] = [from.get(field), to.get(field)]
    return old === now ? [] : [{ field, before: shown(field, old), after: shown(field, now) }]
  })
}

/** By name: `pools.shop.aws-use1.weight`, `routes.cart.timeouts.request`. */
export function fieldsOf(base: PlanBase): ReadonlyMap<string, string | number> {
  const fields = new Map<string, string | number>()
  for (const pool of base.pools) poolFields(base, pool, fields)
  walk('', base, fields)
  return fields
}

function poolFields(base: PlanBase, { endpoints, ...pool }: Pool, fields: Map<string, string | number>): void {
  walk(`pools.${pool.id}`, pool, fields)
  for (const endpoint of endpoints) {
    const path = `pools.${pool.id}.${endpoint.id}`
    walk(path, endpoint, fields)
    walk(`${path}.monitor`, base.targets.find(({ key }) => key === endpoint.key)?.monitor, fields)
  }
}

function walk(path: string, value: unknown, fields: Map<string, string | number>): void {
  if (value === undefined || value === null) return
  if (typeof value !== 'object') {
    fields.set(path, typeof value === 'number' ? value : String(value))
    return
  }
  if (Array.isArray(value) && !value.some(isNamed)) {
    if (value.length > 0) fields.set(path, JSON.stringify(value))
    return
  }
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((each, index) => [isNamed(each) ? each.id : String(index), each])
    : Object.entries(value)
  for (const [name, held] of entries) {
    if (name === 'id' || (DERIVED.has(name) && (path === '' || name === 'key'))) continue
    walk(path === '' ? name : `${path}.${name}`, held, fields)
  }
}

const isNamed = (each: unknown): each is { readonly id: string } =>
  typeof each === 'object' && each !== null && typeof (each as { id?: unknown }).id === 'string'

const shown = (field: string, value: Value): Value => (value !== undefined && /^pools\..*\.headers$/.test(field) ? HIDDEN : value)
