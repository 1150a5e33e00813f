/** What releases must not contradict in themselves: their tracks, key, override, steps, regions, and when they are judged and taken. */

import type { Path } from '../defect.ts'
import { own } from '../document.ts'
import { showDuration } from '../fields.ts'
import type { GatewayFile, PoolFile, ReleaseFile } from '../parse-gateway.ts'
import { TRACKS } from '../release.ts'
import { didYouMean } from '../suggest.ts'
import { refuseEdits } from './filters.ts'
import { type Findings, few, isSaid, isSure, lost, lostFields, refuse } from './findings.ts'

/** Where they are used is for `release-routes.ts`. */
const STEP: ReadonlySet<string> = new Set(['weight', 'mirror'])
const USES: ReadonlySet<string> = new Set(['release'])
const REGION: ReadonlySet<string> = new Set(['region'])

export function linkReleases(file: GatewayFile, findings: Findings): void {
  const used = new Set(file.routes.map(({ release }) => release))
  for (const [name, release] of Object.entries(file.releases)) {
    const path = ['releases', name]
    refuseTracks(release, file, path, findings)
    refuseKey(release, [...path, 'key'], findings)
    refuseOverride(release, [...path, 'override'], findings)
    refuseAffinityCookies(release, file, path, findings)
    refuseSteps(release, [...path, 'steps'], findings)
    refuseRegions(release, file, [...path, 'regions'], findings)
    refuseJudgement(release, path, findings)
    if (!used.has(name) && isSaid('routes', findings) && !lostFields(['routes'], USES, findings, 'list'))
      refuse(findings, {
        code: 'RELEASE_UNUSED',
        path,
        expected: `a route with "release: ${name}", or no release that none uses`,
        atKey: true,
      })
  }
}

function refuseTracks(release: ReleaseFile, file: GatewayFile, path: Path, findings: Findings): void {
  const { names } = findings.parsed
  for (const track of TRACKS) {
    const { pool, requestHeaders } = release[track]
    const at = [...path, track]
    if (!names.has(pool) && !lost([...at, 'pool'], findings) && isSaid('pools', findings)) {
      const expected = `a pool of this file: ${few([...names.keys()])}`
      refuse(findings, { code: 'POOL_UNKNOWN', path: [...at, 'pool'], expected, suggestion: didYouMean(pool, names.keys()) })
    }
    refuseEdits({ requestHeaders }, at, findings)
  }
  const { stable, canary } = release
  const sure = TRACKS.every((track) => isSure([...path, track, 'requestHeaders'], findings))
  if (stable.pool === canary.pool && JSON.stringify(stable.requestHeaders) === JSON.stringify(canary.requestHeaders) && sure) {
    const expected = `another pool than that of stable, or other "requestHeaders": nobody could tell the tracks apart`
    refuse(findings, { code: 'TRACKS_ALIKE', path: [...path, 'canary'], expected, found: `the pool ${canary.pool} for both` })
  }
  const drained = own(file.pools, canary.pool)
  if (drained !== undefined && Object.values(drained.endpoints).every(({ drain }) => drain) && Object.keys(drained.endpoints).length > 0)
    findings.notes.push({
      code: 'CANARY_DRAINED',
      path: [...path, 'canary'],
      text: 'every endpoint of the canary is drained: everybody stays on stable',
    })
  const ofStable = regionsOf(own(file.pools, stable.pool))
  const ofCanary = regionsOf(own(file.pools, canary.pool))
  if (ofStable.size > 0 && ofCanary.size > 0 && ![...ofCanary].some((region) => ofStable.has(region)))
    findings.notes.push({
      code: 'TRACKS_APART',
      path: [...path, 'canary'],
      text: `the tracks share no region (${few([...ofStable])}; ${few([...ofCanary])}): they are compared within a region, so nothing promotes it by itself and the hard limit alone watches it`,
    })
}

const KEYS = ['claim', 'certificate', 'cookie', 'header', 'clientAddress'] as const

function refuseKey({ key }: ReleaseFile, path: Path, findings: Findings): void {
  if (lost(path, findings)) return
  const given = KEYS.filter((one) => key[one] !== undefined && key[one] !== false)
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them' : given.join(' and ')
    refuse(findings, {
      code: given.length === 0 ? 'FIELD_MISSING' : 'FIELDS_EXCLUSIVE',
      path,
      expected: `exactly one of ${KEYS.join(', ')}`,
      found,
    })
  }
  if (key.ttl !== undefined && key.cookie === undefined)
    refuse(findings, { code: 'FIELD_NEEDS_ANOTHER', path: [...path, 'ttl'], expected: 'a key "cookie" beside it, which it is for' })
}

function refuseOverride({ key, override }: ReleaseFile, path: Path, findings: Findings): void {
  if (override === undefined) return
  const { header, cookie, claim } = override
  const isKnown = ['header', 'cookie', 'claim'].every((field) => isSure([...path, field], findings))
  if (header === undefined && cookie === undefined && claim === undefined && isKnown)
    refuse(findings, { code: 'FIELD_MISSING', path, expected: 'at least one of header, cookie, claim' })
  const expected = 'another one than that of "key", which says who somebody is and not which track they want'
  if (header !== undefined && header === key.header) refuse(findings, { code: 'OVERRIDE_IS_KEY', path: [...path, 'header'], expected })
  if (cookie !== undefined && cookie === key.cookie) refuse(findings, { code: 'OVERRIDE_IS_KEY', path: [...path, 'cookie'], expected })
  if (claim !== undefined && JSON.stringify(claim) === JSON.stringify(key.claim))
    refuse(findings, { code: 'OVERRIDE_IS_KEY', path: [...path, 'claim'], expected })
}

/** Both would be set under one name. */
function refuseAffinityCookies({ key, override, ...tracks }: ReleaseFile, file: GatewayFile, path: Path, findings: Findings): void {
  for (const name of new Set(TRACKS.map((track) => tracks[track].pool))) {
    const taken = own(file.pools, name)?.affinity?.key.cookie
    if (taken === undefined) continue
    const expected = `another cookie than that of pools.${name}.affinity`
    if (key.cookie === taken) refuse(findings, { code: 'COOKIE_TAKEN', path: [...path, 'key', 'cookie'], expected })
    if (override?.cookie === taken) refuse(findings, { code: 'COOKIE_TAKEN', path: [...path, 'override', 'cookie'], expected })
  }
}

const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`

function refuseSteps({ steps, rollback }: ReleaseFile, path: Path, findings: Findings): void {
  if (lostFields(path, STEP, findings, 'list')) return
  if (steps.length === 0) refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path, expected: 'at least one step' })
  for (const [index, { weight, mirror }] of steps.entries()) {
    const before = steps[index - 1]
    if (before !== undefined && weight <= before.weight)
      refuse(findings, {
        code: 'STEPS_NOT_RISING',
        path: [...path, index, 'weight'],
        expected: `more than the ${percent(before.weight)} of the step before it`,
      })
    if (mirror !== undefined && weight > 0)
      refuse(findings, {
        code: 'FIELDS_EXCLUSIVE',
        path: [...path, index, 'mirror'],
        expected: 'no mirror, or "weight: 0%" beside it: users see this step',
      })
    if (mirror === undefined && weight === 0)
      refuse(findings, {
        code: 'FIELD_NEEDS_ANOTHER',
        path: [...path, index, 'weight'],
        expected: 'more than 0%, or a "mirror" beside it: nothing would be learnt',
      })
  }
  if (rollback === 'step-down' && steps.filter(({ weight }) => weight > 0).length < 2)
    refuse(findings, {
      code: 'FIELD_WITHOUT_EFFECT',
      path: [...path.slice(0, -1), 'rollback'],
      expected: '"instant", or at least two steps above 0% to go down',
    })
}

function refuseRegions({ regions, stable, canary }: ReleaseFile, file: GatewayFile, path: Path, findings: Findings): void {
  if (regions === undefined || lost(path, findings)) return
  if (regions.length === 0)
    refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path, expected: 'at least one group of regions, or no field "regions" for all at once' })
  const [ofStable, ofCanary] = [regionsOf(own(file.pools, stable.pool)), regionsOf(own(file.pools, canary.pool))]
  const areSure = [stable.pool, canary.pool].every(
    (pool) => own(file.pools, pool) !== undefined && !lostFields(['pools', pool, 'endpoints'], REGION, findings, 'list'),
  )
  const seen = new Map<string, string>()
  for (const [index, group] of regions.entries()) {
    if (group.length === 0) refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path: [...path, index], expected: 'at least one region' })
    for (const [place, region] of group.entries()) {
      const at = [...path, index, place]
      const owner = seen.get(region)
      seen.set(region, owner ?? `regions[${index}]`)
      if (owner !== undefined) refuse(findings, { code: 'VALUE_REPEATED', path: at, expected: `each region once (${owner} has it)` })
      else if (areSure && !ofStable.has(region))
        refuse(findings, {
          code: 'RELEASE_REGION_UNKNOWN',
          path: at,
          expected: `a region of an endpoint of stable: ${few([...ofStable])}`,
          suggestion: didYouMean(region, ofStable),
        })
      else if (areSure && !ofCanary.has(region))
        refuse(findings, {
          code: 'RELEASE_REGION_UNKNOWN',
          path: at,
          expected: `a region in which the canary has an endpoint: ${few([...ofCanary])}`,
        })
    }
  }
  const left = [...ofStable].filter((region) => !seen.has(region))
  if (areSure && left.length > 0 && regions.length > 0)
    findings.notes.push({
      code: 'REGIONS_WITHOUT_CANARY',
      path,
      text: `${few(left)} of stable ${left.length === 1 ? 'is' : 'are'} in no group: nobody there gets the canary`,
    })
}

const regionsOf = (pool: PoolFile | undefined): ReadonlySet<string> =>
  new Set(Object.values(pool?.endpoints ?? {}).map(({ region }) => region))

function refuseJudgement({ analysis, steps, schedule }: ReleaseFile, path: Path, findings: Findings): void {
  const { errorMargin, hardErrorShare, patience } = analysis
  if (errorMargin >= hardErrorShare && !lost([...path, 'analysis'], findings))
    refuse(findings, {
      code: 'BOUNDS_REVERSED',
      path: [...path, 'analysis', 'errorMargin'],
      expected: `less than the hard limit of ${percent(hardErrorShare)}, which ends the release at once`,
      found: percent(errorMargin),
    })
  for (const [index, { pause }] of steps.entries()) {
    if (pause < patience || lost([...path, 'steps', index], findings) || lost([...path, 'analysis'], findings)) continue
    const expected = `less than the patience of ${showDuration(patience)}, after which the step is inconclusive`
    refuse(findings, { code: 'BOUNDS_REVERSED', path: [...path, 'steps', index, 'pause'], expected, found: showDuration(pause) })
  }
  if (schedule === undefined || lost([...path, 'schedule'], findings)) return
  const at = [...path, 'schedule']
  if (schedule.days.length === 0) refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path: [...at, 'days'], expected: 'at least one day' })
  if (schedule.from >= schedule.to)
    refuse(findings, {
      code: 'BOUNDS_REVERSED',
      path: [...at, 'to'],
      expected: `an hour later than "from" (${schedule.from}) on the same day`,
      found: `${schedule.to}`,
    })
}
