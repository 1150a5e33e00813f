/**
 * Routes that can never be reached: each of their hosts, paths and methods is taken by a route that goes before. Only plain cases are
 * found (the same condition, a list within another, presence by a value, a path below a prefix): what is found is sure.
 */
import type { Path } from '../defect.ts'
import type { MatchOrder } from '../match.ts'
import type { GatewayFile, PathFile, RouteFile } from '../parse-gateway.ts'
import { coversPath, coversRest, rankOf, takesEveryPath } from './covers.ts'
import { type Findings, few, lostFields, MATCHING, refuse } from './findings.ts'

/** Most combinations of host, path and method in all routes: they are tables in the memory of every isolate. */
const MATCHES_MAX = 100_000
/** Most routes of one host and path that one is compared with, beside those that are quite the same: ten thousand must not take minutes. */
const COMPARED_MAX = 256

interface Taker {
  readonly id: string
  readonly index: number
  readonly route: RouteFile
  readonly path: PathFile
}

/** The routes of one host pattern so far, by what their paths say. */
interface HostReach {
  readonly takers: Map<string, Taker[]>
  /** By all that a route says beside its hosts. */
  readonly same: Map<string, Taker>
  hasTexts: boolean
}

interface Found {
  readonly path: Path
  readonly id: string
  readonly index: number
}

export class Reach {
  readonly #order: MatchOrder
  readonly #hosts = new Map<string, HostReach>()
  /** Expressions that take every path, by host: before all prefixes wherever they stand. */
  readonly #everything: ReadonlyMap<string, readonly Taker[]>
  #matches = 0

  constructor({ routes, matching }: GatewayFile, idOf: (index: number) => string) {
    this.#order = matching.order
    this.#everything = matching.order === 'first-match' ? new Map() : expressionsForAll(routes, idOf)
  }

  /** Refuses a route that nothing reaches, and remembers what it takes. */
  add(route: RouteFile, found: Found, findings: Findings): void {
    // Of a route that was cut, what remains may look the same as another.
    if (this.#matches > MATCHES_MAX || lostFields(found.path, MATCHING, findings)) return
    this.#matches += route.hosts.length * route.paths.length * Math.max(1, route.methods.length)
    if (this.#matches > MATCHES_MAX) {
      const expected = `at most ${MATCHES_MAX} combinations of host, path and method in all routes`
      refuse(findings, { code: 'ROUTES_TOO_MANY', path: found.path, expected, found: 'more' })
      return
    }
    const owners = this.#owners(route, found)
    this.#remember(route, found)
    if (owners === undefined || owners.size === 0) return
    const expected = `a match that ${few([...owners])} does not take already: this route can never be reached`
    refuse(findings, { code: 'ROUTE_UNREACHABLE', path: found.path, expected, found: `the hosts ${few(route.hosts)}` })
  }

  /** Who takes all that the route would; undefined when something is left for it. */
  #owners(route: RouteFile, { index }: Found): ReadonlySet<string> | undefined {
    const owners = new Set<string>()
    const demanded = demandsOf(route)
    for (const host of route.hosts) {
      for (const path of route.paths) {
        const rivals = this.#rivals(host, path, demanded, index)
        for (const method of route.methods.length === 0 ? [undefined] : route.methods) {
          const owner = rivals.find((rival) => this.#goesBefore(rival, route, path) && coversRest(rival.route, route, method))
          if (owner === undefined) return undefined
          owners.add(owner.id)
        }
      }
    }
    return owners
  }

  /** Whether a rival that takes the path goes before the route there. */
  #goesBefore(rival: Taker, route: RouteFile, path: PathFile): boolean {
    if (this.#order === 'first-match') return true
    if (rival.path.kind === 'regex' && path.kind !== 'regex') return path.kind !== 'exact'
    if (rival.path.kind !== path.kind || rival.path.value !== path.value) return false
    // Of one path the one that asks for more goes first; only an equal can hide a route from above.
    const rank = rankOf(rival.route)
    return rankOf(route).every((count, kind) => count === rank[kind])
  }

  /** Those that may take the path of a route, on one host. */
  #rivals(host: string, path: PathFile, demanded: string, index: number): readonly Taker[] {
    const everything = path.kind.startsWith('prefix') ? (this.#everything.get(host) ?? []).filter((rival) => rival.index !== index) : []
    const reach = this.#hosts.get(host)
    if (reach === undefined) return everything
    const same = reach.same.get(`${keyOf(path)} ${demanded}`)
    const keys = this.#order === 'first-match' ? keysBefore(path, reach.hasTexts) : [keyOf(path)]
    const others = keys.flatMap((key) => (reach.takers.get(key) ?? []).slice(0, COMPARED_MAX))
    return [...(same === undefined ? [] : [same]), ...others.filter((rival) => coversPath(rival.path, path)), ...everything]
  }

  #remember(route: RouteFile, { id, index }: Found): void {
    const demanded = demandsOf(route)
    for (const host of route.hosts) {
      const reach = entry(this.#hosts, host, (): HostReach => ({ takers: new Map(), same: new Map(), hasTexts: false }))
      for (const path of route.paths) {
        const taker = { id, index, route, path }
        entry(reach.takers, keyOf(path), (): Taker[] => []).push(taker)
        entry(reach.same, `${keyOf(path)} ${demanded}`, () => taker)
        if (path.kind === 'prefix-string') reach.hasTexts = true
      }
    }
  }
}

function expressionsForAll(routes: readonly RouteFile[], idOf: (index: number) => string): ReadonlyMap<string, readonly Taker[]> {
  const found = new Map<string, Taker[]>()
  for (const [index, route] of routes.entries()) {
    const path = route.paths.find((one) => one.kind === 'regex' && takesEveryPath(one))
    if (path === undefined) continue
    for (const host of route.hosts) entry(found, host, (): Taker[] => []).push({ id: idOf(index), index, route, path })
  }
  return found
}

const EVERYTHING = 'everything'
const keyOf = (path: PathFile): string => (takesEveryPath(path) ? EVERYTHING : `${path.kind} ${path.value}`)

/** Where in first-match order rivals of a path are found: at the path itself, and at everything that it begins with. */
function keysBefore(path: PathFile, hasTexts: boolean): readonly string[] {
  const text = path.program?.literal ?? path.value
  const keys = new Set([EVERYTHING, keyOf(path)])
  for (let end = text.length; end > 0; end = text.lastIndexOf('/', end - 1)) keys.add(`prefix ${text.slice(0, end)}`)
  if (hasTexts) for (let end = text.length; end > 0; end -= 1) keys.add(`prefix-string ${text.slice(0, end)}`)
  return [...keys]
}

/** All that a route asks for beside host, path and method, as one text. */
function demandsOf({ headers, query, cookies, claims, certificate, ...others }: RouteFile): string {
  const values = [headers, query, cookies, claims].map((list) => list.map(({ program: _, ...match }) => JSON.stringify(match)).sort())
  return JSON.stringify([
    values,
    certificate,
    [...others.countries].sort(),
    [...others.continents].sort(),
    [...others.schemes].sort(),
    [...others.ports].sort(),
    [...others.methods].sort(),
  ])
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const held = map.get(key)
  if (held !== undefined) return held
  const made = make()
  map.set(key, made)
  return made
}
