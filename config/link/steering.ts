/** What a pool's steering must not contradict: settings of another kind, a key that is none or several, endpoints that do not exist. */
import type { Path } from '../defect.ts'
import type { PoolFile } from '../parse-gateway.ts'
import { didYouMean } from '../suggest.ts'
import { type Findings, isSure, lost, refuse } from './findings.ts'

/** Refuses what contradicts itself in the steering of one pool. `path` is the pool's. */
export function refuseSteering(pool: PoolFile, path: Path, findings: Findings): void {
  if (!isSure([...path, 'steering'], findings)) return
  refuseOtherKind(pool, path, findings)
  refuseWeights(pool, path, findings)
  if (pool.steering === 'affinity' && pool.affinity !== undefined) refuseKey(pool.affinity, [...path, 'affinity'], findings)
  if (pool.map !== undefined) refuseMap(pool, pool.map, [...path, 'map'], findings)
}

/** Settings of a kind of steering that the pool does not have say something that nobody does. */
function refuseOtherKind(pool: PoolFile, path: Path, findings: Findings): void {
  for (const kind of ['affinity', 'map'] as const) {
    const isGiven = pool[kind] !== undefined
    if (isGiven === (pool.steering === kind) || !isSure([...path, kind], findings)) continue
    if (isGiven)
      refuse(findings, {
        code: 'FIELD_WITHOUT_EFFECT',
        path: [...path, kind],
        expected: `"steering: ${kind}" beside it`,
        found: `steering ${pool.steering}`,
      })
    else
      refuse(findings, {
        code: 'FIELD_NEEDS_ANOTHER',
        path: [...path, 'steering'],
        expected: `a field "${kind}" beside it, which says how`,
      })
  }
}

const WEIGHS: readonly PoolFile['steering'][] = ['weighted', 'affinity']

/** A weight that nothing reads is meant to do something. 0 is read by every kind: it takes an endpoint out. */
function refuseWeights(pool: PoolFile, path: Path, findings: Findings): void {
  if (WEIGHS.includes(pool.steering)) return
  for (const [name, { weight }] of Object.entries(pool.endpoints)) {
    if (weight <= 1) continue
    const at = [...path, 'endpoints', name, 'weight']
    if (!lost(at, findings))
      refuse(findings, {
        code: 'FIELD_WITHOUT_EFFECT',
        path: at,
        expected: `no weight, because the pool's steering "${pool.steering}" uses none`,
      })
  }
}

const KEYS = ['header', 'cookie', 'query', 'clientAddress', 'claim', 'certificate'] as const

function refuseKey({ key, setCookie }: NonNullable<PoolFile['affinity']>, path: Path, findings: Findings): void {
  const at = [...path, 'key']
  if (lost(at, findings)) return
  const given = KEYS.filter((one) => key[one] !== undefined && key[one] !== false)
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them' : given.join(' and ')
    refuse(findings, {
      code: given.length === 0 ? 'FIELD_MISSING' : 'FIELDS_EXCLUSIVE',
      path: at,
      expected: `exactly one of ${KEYS.join(', ')}`,
      found,
    })
  }
  refuseUnproved(key, at, findings)
  if (setCookie !== undefined && key.cookie === undefined) {
    refuse(findings, {
      code: 'FIELD_NEEDS_ANOTHER',
      path: [...path, 'setCookie'],
      expected: 'a key "cookie" beside it, which names the cookie',
      found: given.join(' and ') || 'none',
    })
  }
}

/** A key that nobody can prove keeps nothing together. */
function refuseUnproved({ claim, certificate }: NonNullable<PoolFile['affinity']>['key'], at: Path, findings: Findings): void {
  const { file } = findings.parsed
  if (file === undefined || !isSure(['admission'], findings)) return
  if (claim !== undefined && file.admission.every(({ tokens }) => tokens.length === 0))
    refuse(findings, { code: 'PROOF_MISSING', path: [...at, 'claim'], expected: 'an admission with "tokens", or no request has a claim' })
  if (certificate === true && file.admission.every(({ certificates }) => certificates.length === 0))
    refuse(findings, {
      code: 'PROOF_MISSING',
      path: [...at, 'certificate'],
      expected: 'an admission with "certificates", or no request has one',
    })
}

function refuseMap(pool: PoolFile, map: NonNullable<PoolFile['map']>, path: Path, findings: Findings): void {
  const lists: (readonly [Path, readonly string[]])[] = [[[...path, 'default'], map.default]]
  for (const table of ['countries', 'continents'] as const) {
    for (const [code, names] of Object.entries(map[table])) lists.push([[...path, table, code], names])
  }
  const known = Object.keys(pool.endpoints)
  const declared = findings.parsed.names.get(String(path[1])) ?? known
  for (const [at, names] of lists) {
    for (const [index, name] of names.entries()) {
      if (declared.includes(name)) continue
      const expected = `an endpoint of this pool: ${known.slice(0, 6).join(', ')}`
      refuse(findings, { code: 'ENDPOINT_UNKNOWN', path: [...at, index], expected, suggestion: didYouMean(name, known) })
    }
  }
  if (lists.every(([, names]) => names.length === 0) && !lost(path, findings))
    refuse(findings, { code: 'FIELD_MISSING', path, expected: 'at least one country, continent or default', found: 'an empty map' })
}
