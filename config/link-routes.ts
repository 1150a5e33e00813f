/** What a route must not contradict: the pool that it names, its own settings, and the routes before it. */
import type { Path } from './defect.ts'
import { showPath } from './defect.ts'
import { defect } from './document.ts'
import type { Findings, LinkedPool, LinkedRoute } from './link-gateway.ts'
import type { GatewayFile, RouteFile } from './schema.ts'
import { didYouMean } from './suggest.ts'

/** The routes with their pools. Those whose pool is unknown are left out; the defects say which. */
export function linkRoutes(file: GatewayFile, pools: ReadonlyMap<string, LinkedPool>, findings: Findings): readonly LinkedRoute[] {
  const linked: LinkedRoute[] = []
  const taken = new Map<string, string>()
  const names = new Map<string, string>()
  for (const [index, route] of file.routes.entries()) {
    const path: Path = ['routes', index]
    const place = showPath(findings.parsed.place(path))
    const id = route.name ?? place
    refuseSharedName(route, path, { names, place }, findings)
    refuseContradictions(route, path, findings)
    refuseUnreachable(route, path, { taken, id }, findings)
    const pool = findPool(route, pools, path, findings)
    if (pool === undefined) continue
    const home = pool.endpoints.find(({ name }) => name === route.home)
    linked.push({ id, file: route, pool, ...(home === undefined ? {} : { home }) })
  }
  return linked
}

function findPool(route: RouteFile, pools: ReadonlyMap<string, LinkedPool>, path: Path, findings: Findings): LinkedPool | undefined {
  const { names } = findings.parsed
  const endpoints = names.get(route.pool)
  if (endpoints === undefined) {
    const suggestion = didYouMean(route.pool, names.keys())
    findings.defects.push(
      defect({ path: [...path, 'pool'], expected: `a pool of this file: ${few([...names.keys()])}`, found: route.pool, suggestion }),
    )
  } else if (route.home !== undefined && !endpoints.includes(route.home)) {
    const suggestion = didYouMean(route.home, endpoints)
    const expected = `an endpoint of the pool ${route.pool}: ${few(endpoints)}`
    findings.defects.push(defect({ path: [...path, 'home'], expected, found: route.home, suggestion }))
  }
  return pools.get(route.pool)
}

const NAMES_SHOWN = 6

const few = (names: readonly string[]): string =>
  names.length <= NAMES_SHOWN ? names.join(', ') : `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more`

function refuseSharedName(
  route: RouteFile,
  path: Path,
  { names, place }: { names: Map<string, string>; place: string },
  findings: Findings,
): void {
  if (route.name === undefined) return
  const owner = names.get(route.name)
  names.set(route.name, owner ?? place)
  if (owner === undefined) return
  findings.defects.push(
    defect({ path: [...path, 'name'], expected: `a name that no other route has (${owner} has it)`, found: route.name }),
  )
}

function refuseContradictions(route: RouteFile, path: Path, findings: Findings): void {
  const { timeouts, retry, writes, home } = route
  const refuse = (field: readonly string[], expected: string, found: string) => {
    findings.defects.push(defect({ path: [...path, ...field], expected, found }))
  }
  if (timeouts.attempt !== undefined && timeouts.attempt > timeouts.request) {
    refuse(['timeouts', 'attempt'], `at most the request's ${timeouts.request}ms`, `${timeouts.attempt}ms`)
  }
  if (retry.backoff.base > retry.backoff.max)
    refuse(['retry', 'backoff', 'base'], `at most the back-off's max of ${retry.backoff.max}ms`, `${retry.backoff.base}ms`)
  if (writes === 'home' && home === undefined && !wasCut(path, 'home', findings))
    refuse(['writes'], 'a field "home" beside it, which names the endpoint that takes writes', 'home')
  if (writes !== 'home' && home !== undefined && !wasCut(path, 'writes', findings)) refuse(['home'], 'only with "writes: home"', home)
}

const wasCut = (path: Path, field: string, { parsed }: Findings): boolean => {
  const place = [...parsed.place(path), field].join()
  return parsed.left.some((cut) => cut.join() === place)
}

/**
 * A route is unreachable when each of its hosts, paths and methods, with the same headers, is taken by a route before it. A
 * route that demands more is more specific and goes first (Gateway API, HTTPRouteRule precedence), so only equals can hide it.
 */
function refuseUnreachable(
  route: RouteFile,
  path: Path,
  { taken, id }: { taken: Map<string, string>; id: string },
  findings: Findings,
): void {
  const headers = JSON.stringify([...route.headers].sort())
  const methods = route.methods.length === 0 ? ['any'] : route.methods
  const matches = route.hosts.flatMap((host) =>
    route.paths.flatMap((one) => methods.map((method) => `${host} ${one.kind} ${one.value} ${method} ${headers}`)),
  )
  const owners = matches.map((match) => taken.get(match))
  for (const match of matches) if (!taken.has(match)) taken.set(match, id)
  if (owners.includes(undefined)) return
  const expected = `a match that ${[...new Set(owners)].join(', ')} does not take already: this route can never be reached`
  findings.defects.push(defect({ path, expected, found: `the hosts ${few(route.hosts)}` }))
}
