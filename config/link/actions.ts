/** What the action of a route must not contradict: the pools that it names, the home among them, and what goes with none. */

import type { Path } from '../defect.ts'
import { own } from '../document.ts'
import type { LinkedAction, LinkedEndpoint, LinkedPool, LinkedWeightedPool, WeightedPoolFile } from '../link-gateway.ts'
import type { GatewayFile, ReleaseFile, RouteFile } from '../parse-gateway.ts'
import { ACTIONS } from '../schema/route/action.ts'
import { didYouMean } from '../suggest.ts'
import { refuseCors } from './cors.ts'
import { refuseFaults } from './faults.ts'
import { refuseFilters } from './filters.ts'
import { type Findings, few, isSaid, isSure, lost, refuse } from './findings.ts'
import { refuseBody, refuseForwarding, refuseRedirect, refuseReply } from './local-actions.ts'
import { refuseMirrors } from './mirrors.ts'
import { linkRelease } from './release-routes.ts'

type Pools = ReadonlyMap<string, LinkedPool>

/** Undefined when the defects say why. */
export function linkAction(route: RouteFile, pools: Pools, path: Path, findings: Findings): LinkedAction | undefined {
  refuseFilters(route, path, findings)
  refuseCors(route, path, findings)
  refuseFaults(route, path, findings)
  if (route.redirect !== undefined) {
    refuseForwarding('redirect', path, findings)
    refuseRedirect(route.redirect, route, [...path, 'redirect'], findings)
    return { kind: 'redirect', file: route.redirect }
  }
  if (route.reply !== undefined) {
    refuseReply(route.reply, path, findings)
    return { kind: 'reply', file: route.reply }
  }
  if (route.pool !== undefined || route.pools !== undefined) return linkForward(route, pools, path, findings)
  if (route.release !== undefined) return linkReleased(route, pools, path, findings)
  if (ACTIONS.every((kind) => isSure([...path, kind], findings)))
    refuse(findings, { code: 'FIELD_MISSING', path, expected: `one of ${ACTIONS.join(', ')}: what the route does` })
  return undefined
}

/** The home is on stable. */
function linkReleased(route: RouteFile, pools: Pools, path: Path, findings: Findings): LinkedAction | undefined {
  const action = linkRelease(route, pools, path, findings)
  const serving = poolsNamedBy({ ...route, mirrors: [] }, findings.parsed.file?.releases ?? {})
  refuseMirrors(route, serving, path, findings)
  if (action?.kind === 'forward')
    refuseHome(
      route,
      action.pools.map(({ pool: { name }, weight }) => ({ pool: name, weight })),
      path,
      findings,
    )
  return action
}

function linkForward(route: RouteFile, pools: Pools, path: Path, findings: Findings): LinkedAction | undefined {
  const named = weightedPools(route)
  const found: LinkedWeightedPool[] = []
  for (const [order, { pool: name, weight, file, index }] of named.entries()) {
    const at = index === undefined ? [...path, 'pool'] : [...path, 'pools', index, 'pool']
    const pool = findPool(name, pools, at, findings)
    if (named.slice(0, order).some((other) => other.pool === name))
      refuse(findings, { code: 'VALUE_REPEATED', path: at, expected: 'each pool of a route once' })
    else if (pool !== undefined) found.push({ pool, weight, ...(file === undefined ? {} : { file }) })
  }
  refuseHome(route, named, path, findings)
  refuseMirrors(
    route,
    named.map(({ pool }) => pool),
    path,
    findings,
  )
  for (const [index, share] of route.pools?.entries() ?? []) refuseShare(share, route, [...path, 'pools', index], findings)
  noteNoWeight(route, path, findings)
  const replies = (route.pools ?? []).flatMap(({ reply, weight }) => (reply === undefined ? [] : [{ weight, file: reply }]))
  if (named.length === 0 && replies.length > 0)
    refuse(findings, {
      code: 'FIELD_MISSING',
      path: [...path, 'pools'],
      expected: 'at least one pool among them, or "reply" in place of "pools"',
    })
  return found.length < named.length || found.length === 0 ? undefined : { kind: 'forward', pools: found, replies }
}

/** Allowed, because the Gateway API wants it, and hardly ever meant. */
function noteNoWeight({ pools = [], writes }: RouteFile, path: Path, findings: Findings): void {
  const at = [...path, 'pools']
  if (pools.length === 0 || pools.some(({ weight }) => weight > 0) || lost(at, findings)) return
  const who = writes === 'home' ? 'all requests but writes' : 'all requests'
  findings.notes.push({ code: 'POOLS_WITHOUT_WEIGHT', path: at, text: `every weight is 0: ${who} are answered 500 (ERR_NO_WEIGHT)` })
}

/** Of what asks no endpoint, nothing else is said. */
function refuseShare(share: WeightedPoolFile, route: RouteFile, path: Path, findings: Findings): void {
  const kind = share.reply === undefined ? 'redirect' : 'reply'
  if (share[kind] === undefined) return
  if (share.redirect !== undefined) refuseRedirect(share.redirect, route, [...path, 'redirect'], findings)
  if (share.reply !== undefined) refuseBody(share.reply, [...path, 'reply'], findings)
  for (const field of ['requestHeaders', 'responseHeaders', 'rewrite'] as const) {
    if (share[field] !== undefined)
      refuse(findings, {
        code: 'FIELD_WITHOUT_EFFECT',
        path: [...path, field],
        expected: `nothing beside "${kind}", which asks no endpoint`,
        atKey: true,
      })
  }
  if (share.reply !== undefined && share.redirect !== undefined)
    refuse(findings, { code: 'FIELDS_EXCLUSIVE', path: [...path, 'redirect'], expected: 'nothing beside "reply"', atKey: true })
}

function findPool(name: string, pools: Pools, path: Path, findings: Findings): LinkedPool | undefined {
  const { names } = findings.parsed
  if (!names.has(name) && isSaid('pools', findings)) {
    const expected = `a pool of this file: ${few([...names.keys()])}`
    refuse(findings, { code: 'POOL_UNKNOWN', path, expected, suggestion: didYouMean(name, names.keys()) })
  }
  return pools.get(name)
}

/** The home is an endpoint of one of the pools, and that pool takes requests. */
function refuseHome({ home }: RouteFile, named: readonly Named[], path: Path, findings: Findings): void {
  if (home === undefined) return
  const { names } = findings.parsed
  const known = named.filter(({ pool }) => names.has(pool))
  if (known.length < named.length || known.some(({ pool }) => (names.get(pool)?.length ?? 0) === 0)) return
  const ofHome = known.find(({ pool }) => names.get(pool)?.includes(home))
  const endpoints = known.flatMap(({ pool }) => names.get(pool) ?? [])
  if (ofHome === undefined) {
    const of = known.length === 1 ? `the pool ${known[0]?.pool}` : `the pools ${few(known.map(({ pool }) => pool))}`
    const expected = `an endpoint of ${of}: ${few(endpoints)}`
    refuse(findings, { code: 'ENDPOINT_UNKNOWN', path: [...path, 'home'], expected, suggestion: didYouMean(home, endpoints) })
  } else if (ofHome.weight === 0 && known.length > 1) {
    const expected = `an endpoint of a pool with a weight above 0, because writes go home whatever is drawn (${ofHome.pool} has weight 0)`
    refuse(findings, { code: 'HOME_WITHOUT_WEIGHT', path: [...path, 'home'], expected })
  }
}

export const homeOf = (route: RouteFile, action: LinkedAction): LinkedEndpoint | undefined =>
  action.kind === 'forward' ? action.pools.flatMap(({ pool }) => pool.endpoints).find(({ name }) => name === route.home) : undefined

interface Named {
  readonly pool: string
  readonly weight: number
  readonly file?: WeightedPoolFile
  /** In `pools`; absent in the short form. */
  readonly index?: number
}

function weightedPools({ pool, pools = [] }: RouteFile): readonly Named[] {
  if (pool !== undefined) return [{ pool, weight: 1 }]
  return pools.flatMap((file, index) => (file.pool === undefined ? [] : [{ pool: file.pool, weight: file.weight, file, index }]))
}

/** The pools that a route may send to. */
export const poolsNamedBy = (route: RouteFile, releases: GatewayFile['releases']): readonly string[] =>
  [...weightedPools(route), ...tracksOf(route, releases), ...(route.mirrors ?? [])].map(({ pool }) => pool)

/** Of the release that it names, stable first. */
export function tracksOf({ release }: RouteFile, releases: GatewayFile['releases']): readonly TrackFile[] {
  const named = release === undefined ? undefined : own(releases, release)
  return named === undefined ? [] : [named.stable, named.canary]
}

type TrackFile = ReleaseFile['stable']
