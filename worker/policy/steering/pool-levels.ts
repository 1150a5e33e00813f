/** The priorities of a pool that spreads over them, made ready once: which endpoint is in which, and how much each can carry in all. */
import type { Pool } from '../../../config/base.ts'
import type { LevelSettings } from '../../../config/steering.ts'

export interface PoolLevels {
  readonly settings: LevelSettings
  /** For each endpoint of the pool, in order of the file: its priority's place among the pool's. */
  readonly of: readonly number[]
  /** Of each priority, drained endpoints included: what they could carry is missing. */
  readonly capacity: readonly number[]
}

/** Undefined for a pool whose priorities only stand by. */
export function poolLevels({ levels, endpoints }: Pool): PoolLevels | undefined {
  if (levels === undefined) return undefined
  const priorities = [...new Set(endpoints.map(({ priority }) => priority))].sort((a, b) => a - b)
  const capacity = priorities.map((priority) =>
    endpoints.reduce((sum, each) => sum + (each.priority === priority && each.weight > 0 ? (each.capacity ?? each.weight) : 0), 0),
  )
  return { settings: levels, of: endpoints.map(({ priority }) => priorities.indexOf(priority)), capacity }
}
