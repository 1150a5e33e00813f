/** What a pool must not contradict in how it spreads over its priorities. */
import type { Path } from '../defect.ts'
import type { PoolFile } from '../parse-gateway.ts'
import { type Findings, lost, refuse } from './findings.ts'

/** Fewer endpoints make a share of them a matter of one or two. */
const PANIC_ENDPOINTS_MIN = 5

/** Refuses thresholds without something to pass on to, panic in a small pool, capacities that are missing or read by nothing. */
export function refuseLevels(pool: PoolFile, path: Path, findings: Findings): void {
  const endpoints = Object.values(pool.endpoints)
  if (endpoints.length === 0 || lost([...path, 'endpoints'], findings)) return
  const sizes = new Map<number, number>()
  for (const { priority } of endpoints) sizes.set(priority, (sizes.get(priority) ?? 0) + 1)
  for (const field of ['spillOver', 'healthThreshold', 'minimumHealthy'] as const) {
    if (pool[field] === undefined || sizes.size > 1) continue
    refuse(findings, { path: [...path, field], expected: 'endpoints of two priorities at least, or nothing can be passed on' })
  }
  const largest = Math.max(...sizes.values())
  if (pool.minimumHealthy !== undefined && sizes.size > 1 && pool.minimumHealthy > largest)
    refuse(findings, { path: [...path, 'minimumHealthy'], expected: `at most ${largest}, the endpoints of the largest priority` })
  if (pool.panic !== undefined && endpoints.length < PANIC_ENDPOINTS_MIN) {
    const expected = `at least ${PANIC_ENDPOINTS_MIN} endpoints in the pool for a panic share, or none`
    refuse(findings, { path: [...path, 'panic'], expected, found: `${endpoints.length} endpoints` })
  }
  refuseCapacities(pool, path, findings)
}

function refuseCapacities(pool: PoolFile, path: Path, findings: Findings): void {
  const given = Object.entries(pool.endpoints).filter(([, { capacity }]) => capacity !== undefined)
  const [first] = given
  if (first === undefined) return
  const at = (name: string): Path => [...path, 'endpoints', name]
  if (pool.spillOver === undefined && pool.healthThreshold === undefined && pool.panic === undefined) {
    const expected = 'no capacity, or "spillOver", "healthThreshold" or "panic" in the pool, which read it'
    refuse(findings, { path: [...at(first[0]), 'capacity'], expected })
    return
  }
  for (const [name, { capacity }] of Object.entries(pool.endpoints)) {
    if (capacity === undefined && !lost([...at(name), 'capacity'], findings))
      refuse(findings, { path: at(name), expected: `a capacity, as ${first[0]} has one`, found: 'none' })
  }
}
