/** What a pool must not contradict in how it spreads over its priorities. */
import type { Path } from '../defect.ts'
import type { PoolFile } from '../parse-gateway.ts'
import { type Findings, isSure, refuse } from './findings.ts'

/** Fewer endpoints make a share of them a matter of one or two. */
const PANIC_ENDPOINTS_MIN = 5

/** Refuses thresholds without something to pass on to, panic in a small pool, capacities that are missing or read by nothing. */
export function refuseLevels(pool: PoolFile, path: Path, findings: Findings): void {
  const declared = findings.parsed.names.get(String(path.at(-1)))?.length ?? 0
  if (declared === 0) return
  const { sizes, unknown } = prioritiesOf(pool, declared, path, findings)
  for (const field of ['spillOver', 'healthThreshold', 'minimumHealthy'] as const) {
    if (pool[field] === undefined || sizes.size > 1 || unknown > 0) continue
    refuse(findings, {
      code: 'PRIORITIES_TOO_FEW',
      path: [...path, field],
      expected: 'endpoints of two priorities at least, or nothing can be passed on',
    })
  }
  const largest = Math.max(0, ...sizes.values()) + unknown
  if (pool.minimumHealthy !== undefined && sizes.size + unknown > 1 && pool.minimumHealthy > largest)
    refuse(findings, {
      code: 'BOUNDS_REVERSED',
      path: [...path, 'minimumHealthy'],
      expected: `at most ${largest}, the endpoints of the largest priority`,
    })
  if (pool.panic !== undefined && declared < PANIC_ENDPOINTS_MIN) {
    const expected = `at least ${PANIC_ENDPOINTS_MIN} endpoints in the pool for a panic share, or none`
    refuse(findings, { code: 'POOL_TOO_SMALL', path: [...path, 'panic'], expected, found: `${declared} endpoints` })
  }
  refuseCapacities(pool, path, findings)
}

interface Priorities {
  /** How many endpoints each has. */
  readonly sizes: ReadonlyMap<number, number>
  /** Endpoints whose own could not be read. */
  readonly unknown: number
}

function prioritiesOf(pool: PoolFile, declared: number, path: Path, findings: Findings): Priorities {
  const sizes = new Map<number, number>()
  let known = 0
  for (const [name, { priority }] of Object.entries(pool.endpoints)) {
    if (!isSure([...path, 'endpoints', name, 'priority'], findings)) continue
    known += 1
    sizes.set(priority, (sizes.get(priority) ?? 0) + 1)
  }
  return { sizes, unknown: declared - known }
}

/** What reads capacities. */
const READERS = ['spillOver', 'healthThreshold', 'panic'] as const

function refuseCapacities(pool: PoolFile, path: Path, findings: Findings): void {
  const given = Object.entries(pool.endpoints).filter(([, { capacity }]) => capacity !== undefined)
  const [first] = given
  if (first === undefined) return
  const at = (name: string): Path => [...path, 'endpoints', name]
  if (READERS.every((reader) => pool[reader] === undefined)) {
    if (!READERS.every((reader) => isSure([...path, reader], findings))) return
    const expected = 'no capacity, or "spillOver", "healthThreshold" or "panic" in the pool, which read it'
    refuse(findings, { code: 'FIELD_WITHOUT_EFFECT', path: [...at(first[0]), 'capacity'], expected })
    return
  }
  for (const [name, { capacity }] of Object.entries(pool.endpoints)) {
    if (capacity === undefined && isSure([...at(name), 'capacity'], findings))
      refuse(findings, { code: 'CAPACITY_INCOMPLETE', path: at(name), expected: `a capacity, as ${first[0]} has one`, found: 'none' })
  }
}
