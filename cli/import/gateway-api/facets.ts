/**
 * Listeners as conditions of a match. One Worker has every scheme and port that Cloudflare has, so a route says which of them it takes,
 * but only where listeners differ in it. Routes of listeners with the same conditions are matched together, most specific host first.
 */
import type { Attachment } from './attach.ts'
import { speaksHttp } from './attach.ts'
import { ANY_HOST, covers, moreSpecific } from './hosts.ts'
import type { Listener } from './world.ts'

/** Listeners that a request cannot tell apart but by its host. */
export interface Facet {
  readonly schemes?: readonly ['http' | 'https']
  readonly ports?: readonly [number]
  readonly listeners: readonly Listener[]
}

const schemeOf = ({ spec }: Listener): 'http' | 'https' => (spec.protocol === 'HTTPS' ? 'https' : 'http')

/** In order of the first listener of each. */
export function facetsOf(all: readonly Listener[]): readonly Facet[] {
  const listeners = all.filter(({ spec }) => speaksHttp(spec))
  const portsOf = (scheme: string) => new Set(listeners.filter((each) => schemeOf(each) === scheme).map(({ spec }) => spec.port))
  const saysScheme = portsOf('https').size > 0
  const groups = new Map<string, Listener[]>()
  for (const listener of listeners) {
    const scheme = schemeOf(listener)
    const key = portsOf(scheme).size > 1 ? `${scheme} ${listener.spec.port}` : scheme
    groups.set(key, [...(groups.get(key) ?? []), listener])
  }
  return [...groups].map(([key, held]) => {
    const [scheme, port] = key.split(' ')
    return {
      ...(saysScheme ? { schemes: [scheme === 'https' ? 'https' : 'http'] as const } : {}),
      ...(port === undefined ? {} : { ports: [Number(port)] as const }),
      listeners: held,
    }
  })
}

/** The hosts of a route's attachments at one facet, none when it is not attached there. */
export const hostsAt = (facet: Facet, attachments: readonly Attachment[]): readonly string[] => [
  ...new Set(attachments.filter(({ listener }) => facet.listeners.includes(listener)).flatMap(({ hosts }) => hosts)),
]

/** What `spread` needs to know of a route. */
export interface Placed {
  readonly facet: Facet
  readonly hosts: readonly string[]
}

/**
 * `gateway.yaml` looks at the host first and the most specific pattern decides alone, whatever the scheme and port. A pattern that only
 * one facet names would hide the wider ones of the others: their routes name it too.
 */
export function spread<Route extends Placed>(routes: readonly Route[], facets: readonly Facet[]): readonly Route[] {
  const hostnamesOf = (facet: Facet) => facet.listeners.map(({ spec }) => spec.hostname ?? ANY_HOST)
  const everywhere = new Set([...routes.flatMap(({ hosts }) => hosts), ...facets.flatMap(hostnamesOf)])
  const hidden = new Map<Facet, ReadonlyMap<string, string>>()
  for (const facet of facets) {
    const own = new Set([...routes.filter((route) => route.facet === facet).flatMap(({ hosts }) => hosts), ...hostnamesOf(facet)])
    const wider = [...everywhere]
      .filter((host) => !own.has(host))
      .map((host) => [host, [...own].filter((pattern) => covers(pattern, host)).toSorted(moreSpecific)[0]] as const)
    hidden.set(facet, new Map(wider.filter((pair): pair is [string, string] => pair[1] !== undefined)))
  }
  return routes.map((route) => {
    const more = [...(hidden.get(route.facet) ?? [])].filter(([, pattern]) => route.hosts.includes(pattern)).map(([host]) => host)
    return more.length === 0 ? route : { ...route, hosts: [...route.hosts, ...more] }
  })
}

/** Hosts that the listeners take and no route names: answered 404, not by a route for a wider pattern. `*` is what no listener takes. */
export function unroutedHosts(routes: readonly Placed[], facets: readonly Facet[]): readonly string[] {
  const named = new Set(routes.flatMap(({ hosts }) => hosts))
  const listened = facets.flatMap(({ listeners }) => listeners.map(({ spec }) => spec.hostname ?? ANY_HOST))
  return [...new Set([...listened, ANY_HOST])].filter((host) => !named.has(host))
}
