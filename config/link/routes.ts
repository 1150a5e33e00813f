/** What a route must not contradict: its own settings, and the routes before it. What it does is for `actions.ts`. */
import type { Path } from '../defect.ts'
import { showPath } from '../defect.ts'
import type { LinkedEndpoint, LinkedPool, LinkedRoute } from '../link-gateway.ts'
import type { GatewayFile, RouteFile } from '../parse-gateway.ts'
import { homeOf, linkAction } from './actions.ts'
import { type Findings, isSure, refuse } from './findings.ts'
import { refuseIdlePriority } from './limits.ts'
import { refuseImpossiblePaths, refuseLeftSpellings } from './paths.ts'
import { Reach } from './reach.ts'
import { refuseImpatience, refuseLoneHedge } from './resilience.ts'
import { refuseLoneRelay, refuseVainRelay } from './socket-relay.ts'

/** The routes with their pools. Those without a sound action are left out; the defects say which. */
export function linkRoutes(file: GatewayFile, pools: ReadonlyMap<string, LinkedPool>, findings: Findings): readonly LinkedRoute[] {
  const linked: LinkedRoute[] = []
  const reach = new Reach(file, (index) => idOf(file.routes[index], index, findings))
  const names = new Map<string, string>()
  for (const [index, route] of file.routes.entries()) {
    const path: Path = ['routes', index]
    const place = placeOf(index, findings)
    const id = idOf(route, index, findings)
    refuseSharedName(route, path, { names, place }, findings)
    refuseContradictions(route, path, findings)
    reach.add(route, { path, id, index }, findings)
    const action = linkAction(route, pools, path, findings)
    if (action === undefined) continue
    refuseLoneHedge(route, action, path, findings)
    refuseLoneRelay(route, action, path, findings)
    const home = homeOf(route, action)
    if (home !== undefined) noteDrainedHome(home, [...path, 'home'], findings)
    const made = { id, file: route, action, ...(home === undefined ? {} : { home }) }
    refuseIdlePriority(made, path, findings)
    linked.push(made)
  }
  return linked
}

/** For a while that may be what is wanted. */
function noteDrainedHome({ name, file: { drain, weight } }: LinkedEndpoint, path: Path, findings: Findings): void {
  if (!drain && weight > 0) return
  const why = drain ? 'is drained' : 'has weight 0'
  findings.notes.push({ code: 'HOME_DRAINED', path, text: `${name} ${why}: every write is answered 503 (ERR_HOME_OUT)` })
}

const placeOf = (index: number, findings: Findings): string => showPath(findings.parsed.place(['routes', index]))

const idOf = (route: RouteFile | undefined, index: number, findings: Findings): string => route?.name ?? placeOf(index, findings)

interface Naming {
  readonly names: Map<string, string>
  readonly place: string
}

function refuseSharedName(route: RouteFile, path: Path, { names, place }: Naming, findings: Findings): void {
  if (route.name === undefined) return
  const owner = names.get(route.name)
  names.set(route.name, owner ?? place)
  if (owner !== undefined)
    refuse(findings, { code: 'NAME_TAKEN', path: [...path, 'name'], expected: `a name that no other route has (${owner} has it)` })
}

function refuseContradictions(route: RouteFile, path: Path, findings: Findings): void {
  const { writes, home } = route
  refuseImpatience(route, path, findings)
  refuseImpossiblePaths(route, path, findings)
  refuseLeftSpellings(route, path, findings)
  refuseVainRelay(route, path, findings)
  if (writes === 'home' && home === undefined && isSure([...path, 'home'], findings)) {
    refuse(findings, {
      code: 'FIELD_NEEDS_ANOTHER',
      path: [...path, 'writes'],
      expected: 'a field "home" beside it, which names the endpoint that takes writes',
    })
  }
  if (writes !== 'home' && home !== undefined && isSure([...path, 'writes'], findings)) {
    refuse(findings, { code: 'FIELD_WITHOUT_EFFECT', path: [...path, 'home'], expected: 'no home, or "writes: home" beside it' })
  }
}
