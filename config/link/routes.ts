/** What a route must not contradict: its own settings, and the routes before it. What it does is for `actions.ts`. */
import type { Path } from '../defect.ts'
import { showPath } from '../defect.ts'
import type { LinkedPool, LinkedRoute } from '../link-gateway.ts'
import type { GatewayFile, RouteFile } from '../parse-gateway.ts'
import { homeOf, linkAction } from './actions.ts'
import { type Findings, few, lost, refuse } from './findings.ts'
import { refuseImpatience, refuseLoneHedge } from './resilience.ts'

/** The routes with their pools. Those without a sound action are left out; the defects say which. */
export function linkRoutes(file: GatewayFile, pools: ReadonlyMap<string, LinkedPool>, findings: Findings): readonly LinkedRoute[] {
  const linked: LinkedRoute[] = []
  const reach: Reach = { owners: new Map(), matches: 0 }
  const names = new Map<string, string>()
  for (const [index, route] of file.routes.entries()) {
    const path: Path = ['routes', index]
    const place = showPath(findings.parsed.place(path))
    const id = route.name ?? place
    refuseSharedName(route, path, { names, place }, findings)
    refuseContradictions(route, path, findings)
    refuseUnreachable(route, { path, id }, reach, findings)
    const action = linkAction(route, pools, path, findings)
    if (action === undefined) continue
    refuseLoneHedge(route, action, path, findings)
    const home = homeOf(route, action)
    linked.push({ id, file: route, action, ...(home === undefined ? {} : { home }) })
  }
  return linked
}

interface Naming {
  readonly names: Map<string, string>
  readonly place: string
}

function refuseSharedName(route: RouteFile, path: Path, { names, place }: Naming, findings: Findings): void {
  if (route.name === undefined) return
  const owner = names.get(route.name)
  names.set(route.name, owner ?? place)
  if (owner !== undefined) refuse(findings, { path: [...path, 'name'], expected: `a name that no other route has (${owner} has it)` })
}

function refuseContradictions(route: RouteFile, path: Path, findings: Findings): void {
  const { writes, home } = route
  refuseImpatience(route, path, findings)
  if (writes === 'home' && home === undefined && !lost([...path, 'home'], findings)) {
    refuse(findings, { path: [...path, 'writes'], expected: 'a field "home" beside it, which names the endpoint that takes writes' })
  }
  if (writes !== 'home' && home !== undefined && !lost([...path, 'writes'], findings)) {
    refuse(findings, { path: [...path, 'home'], expected: 'no home, or "writes: home" beside it' })
  }
}

/** Most combinations of host, path and method in all routes: they are tables in the memory of every isolate. */
const MATCHES_MAX = 100_000

/** What the routes so far take, and which of them. */
interface Reach {
  readonly owners: Map<string, string>
  matches: number
}

/**
 * A route is unreachable when each of its hosts, paths and methods, with the same headers, is taken by a route before it. A
 * route that demands more is more specific and goes first (Gateway API, HTTPRouteRule precedence), so only equals can hide it.
 */
function refuseUnreachable(route: RouteFile, { path, id }: { path: Path; id: string }, reach: Reach, findings: Findings): void {
  // Of a route that was cut, what remains may look the same as another.
  if (reach.matches > MATCHES_MAX || lost(path, findings)) return
  reach.matches += route.hosts.length * route.paths.length * Math.max(1, route.methods.length)
  if (reach.matches > MATCHES_MAX) {
    refuse(findings, { path, expected: `at most ${MATCHES_MAX} combinations of host, path and method in all routes`, found: 'more' })
    return
  }
  const matches = matchesOf(route)
  const owners = matches.map((match) => reach.owners.get(match))
  for (const match of matches) if (!reach.owners.has(match)) reach.owners.set(match, id)
  if (owners.length === 0 || owners.includes(undefined)) return
  const expected = `a match that ${few([...new Set(owners)].map(String))} does not take already: this route can never be reached`
  refuse(findings, { path, expected, found: `the hosts ${few(route.hosts)}` })
}

function matchesOf({
  hosts,
  paths,
  methods,
  headers,
  query,
  cookies,
  countries,
  continents,
  schemes,
  ports,
}: RouteFile): readonly string[] {
  const values = [headers, query, cookies].map((list) => list.map(({ program: _, ...match }) => JSON.stringify(match)).sort())
  const demanded = JSON.stringify([values, [...countries].sort(), [...continents].sort(), [...schemes].sort(), [...ports].sort()])
  const taken = methods.length === 0 ? ['any'] : methods
  return hosts.flatMap((host) =>
    paths.flatMap(({ kind, value }) => taken.map((method) => `${host} ${kind} ${value} ${method} ${demanded}`)),
  )
}
