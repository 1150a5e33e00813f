/**
 * Gateway API resources as a gateway configuration: Gateways and HTTPRoutes become routes, Services become pools. Pure: what was read
 * goes in, a document and what is to be said of it come out.
 */
import type { GatewayDocument, RouteEntry } from '../document.ts'
import type { EndpointRule } from '../endpoints.ts'
import { type Finding, Findings, type Severity } from '../finding.ts'
import { Names } from '../names.ts'
import type { Resource } from '../read-resources.ts'
import { attach, speaksHttp } from './attach.ts'
import { Backends } from './backends.ts'
import { type Facet, facetsOf, hostsAt, spread, unroutedHosts } from './facets.ts'
import { nameOf, within } from './parse.ts'
import { type RouteBody, readRule } from './rules.ts'
import type { RuleSpec } from './schema.ts'
import { type HttpRoute, readWorld, type World } from './world.ts'

export interface GatewayApiOptions {
  /** `namespace/name` of the Gateways to import; empty means all of them. */
  readonly gateways: readonly string[]
  readonly endpoints: readonly EndpointRule[]
}

export interface Imported {
  readonly document: GatewayDocument
  readonly findings: readonly Finding[]
}

interface PlacedRoute {
  readonly facet: Facet
  readonly hosts: readonly string[]
  readonly name: string
  readonly body: RouteBody
  readonly source: HttpRoute
}

const DEFAULT_RULES: readonly RuleSpec[] = [{ matches: [], filters: [], backendRefs: [] }]

/** `said`: what was found while the resources were read. */
export function importGatewayApi(resources: readonly Resource[], options: GatewayApiOptions, said = new Findings()): Imported {
  const world = readWorld(resources, options, said)
  const facets = facetsOf(world.listeners)
  sayListeners(world, facets)
  const backends = new Backends(world, new Names())
  const names = new Names()
  const placed = world.routes.flatMap((route) => placeRoute(route, world, { facets, backends, names }))
  const reachable = dropHidden(spread(placed, facets), world)
  const unrouted = world.listeners.length === 0 ? [] : unroutedHosts(reachable, facets)
  const routes = [...reachable.map(writeRoute), ...(unrouted.length === 0 ? [] : [notFound(unrouted, names)])]
  return { document: { pools: backends.entries(poolsOf(routes)), routes }, findings: said.all }
}

/** A rule of which something was refused or changed is not the same here, whatever its other parts are. */
function sayBecomes(held: readonly PlacedRoute[], severities: ReadonlySet<Severity>, say: Parameters<typeof readRule>[1]['say']): void {
  const becomes = `becomes ${held.map(({ name }) => name).join(', ')}`
  if (severities.has('refused')) say('approximate', [], `${becomes}, without what is refused of it`)
  else if (severities.has('approximate')) say('approximate', [], `${becomes}, with the differences that are said of it`)
  else say('exact', [], becomes)
}

interface Making {
  readonly facets: readonly Facet[]
  readonly backends: Backends
  readonly names: Names
}

function placeRoute(route: HttpRoute, world: World, { facets, backends, names }: Making): readonly PlacedRoute[] {
  const { resource, spec } = route
  const attachments = attach(route, world)
  if (attachments.length === 0) return []
  return (spec.rules ?? DEFAULT_RULES).flatMap((rule, index) => {
    const locate = within(resource.locate, ['rules', index])
    const severities = new Set<Severity>()
    const say: Parameters<typeof readRule>[1]['say'] = (severity, path, text) => {
      severities.add(severity)
      world.findings.add(severity, locate(path), `${nameOf(resource)}, rule ${rule.name ?? index + 1}: ${text}`)
    }
    const bodies = readRule(rule, { backends, namespace: resource.namespace, locate, say, endpointsOf: (pool) => backends.count(pool) })
    const held = facets.flatMap((facet) => {
      const hosts = hostsAt(facet, attachments)
      if (hosts.length === 0) return []
      return bodies.map((body, match) => ({
        facet,
        hosts,
        body,
        source: route,
        name: names.give(...wantedNames(route, { index, match, facet })),
      }))
    })
    if (held.length > 0) sayBecomes(held, severities, say)
    return held
  })
}

/** `pay`, and behind it the rule where there are several, the match where it is not the first, and what the listener differs in. */
function wantedNames({ resource, spec }: HttpRoute, at: { index: number; match: number; facet: Facet }): [string, string] {
  const rules = spec.rules ?? DEFAULT_RULES
  const rule = rules[at.index]?.name ?? (rules.length === 1 ? undefined : at.index + 1)
  const listener = at.facet.ports ?? at.facet.schemes
  const tail = [rule, at.match === 0 ? undefined : at.match + 1, listener?.[0]].filter((part) => part !== undefined)
  return [[resource.name, ...tail].join('-'), [resource.namespace, resource.name, ...tail].join('-')]
}

const writeRoute = ({ name, hosts, facet, body }: PlacedRoute): RouteEntry => ({
  name,
  hosts,
  ...(facet.schemes === undefined ? {} : { schemes: facet.schemes }),
  ...(facet.ports === undefined ? {} : { ports: facet.ports }),
  ...body,
})

/** Hosts that no route names are answered 404; without this, 421 as a host that is not served. */
const notFound = (hosts: readonly string[], names: Names): RouteEntry => ({ name: names.give('not-found'), hosts, reply: { status: 404 } })

/** What an older or earlier route takes already is left out: in a cluster it would get no request either. */
function dropHidden(routes: readonly PlacedRoute[], { findings }: World): readonly PlacedRoute[] {
  const owners = new Map<string, PlacedRoute>()
  return routes.flatMap((route) => {
    const { paths, methods, headers, query } = route.body
    const match = JSON.stringify([route.facet.schemes, route.facet.ports, paths, methods, sorted(headers), sorted(query)])
    const free = route.hosts.filter((host) => !owners.has(`${host} ${match}`))
    const owner = owners.get(`${route.hosts[0]} ${match}`)
    for (const host of free) owners.set(`${host} ${match}`, route)
    if (owner !== undefined) {
      const aged = owner.source === route.source || (owner.source.created !== undefined && route.source.created !== undefined)
      const why = aged ? '' : ' The manifests say no age of both, so the name decided; a cluster goes by age.'
      const text = `${nameOf(route.source.resource)}: what ${route.name} matches, ${owner.name} takes already.${why}`
      findings.add(aged ? 'dropped' : 'approximate', route.source.resource.locate(['metadata', 'name']), text)
    }
    return free.length === 0 ? [] : [{ ...route, hosts: free }]
  })
}

const sorted = (mapping: Readonly<Record<string, unknown>> = {}): unknown =>
  Object.entries(mapping).toSorted(([a], [b]) => (a < b ? -1 : 1))

function sayListeners({ listeners, findings }: World, facets: readonly Facet[]): void {
  for (const { spec, gateway, locate } of listeners) {
    if (!speaksHttp(spec))
      findings.add(
        'refused',
        locate([]),
        `Gateway ${gateway}, listener ${spec.name}: a Worker gets no ${spec.protocol}${spec.tls?.mode === 'Passthrough' ? ' that is passed through' : ''}`,
      )
    else if (spec.tls !== undefined)
      findings.add(
        'dropped',
        locate(['tls'], true),
        `Gateway ${gateway}, listener ${spec.name}: Cloudflare terminates TLS with its own certificates`,
      )
  }
  const gateways = new Set(listeners.map(({ gateway }) => gateway))
  const [first] = listeners
  if (gateways.size > 1 && first !== undefined) {
    findings.add(
      'approximate',
      first.locate([]),
      `${gateways.size} Gateways have addresses of their own and become one configuration; --gateway chooses`,
    )
  }
  if (first !== undefined && facets.every(({ schemes }) => schemes === undefined)) {
    findings.add('approximate', first.locate([]), 'routes of HTTP listeners are served over https too, where Cloudflare terminates TLS')
  }
}

function poolsOf(routes: readonly RouteEntry[]): ReadonlySet<string> {
  const named = routes.flatMap(({ pool, pools = [], mirrors = [] }) => [
    pool,
    ...pools.map((each) => each.pool),
    ...mirrors.map((each) => each.pool),
  ])
  return new Set(named.filter((name) => name !== undefined))
}
