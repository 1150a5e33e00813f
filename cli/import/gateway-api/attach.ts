/**
 * Which listeners a route is attached to, and for which hosts (Gateway API, ParentReference and AllowedRoutes). A reference that leads
 * nowhere takes no request, as in a cluster; a finding says why.
 */
import type { Path } from '../../../config/defect.ts'
import { ANY_HOST, covers, intersect } from './hosts.ts'
import { nameOf, within } from './parse.ts'
import type { ListenerSpec, ParentRefSpec } from './schema.ts'
import { type HttpRoute, type Listener, NAMESPACE_LABEL, type World } from './world.ts'

export interface Attachment {
  readonly listener: Listener
  /** Never empty. */
  readonly hosts: readonly string[]
}

/** The attachments of a route, each listener once. */
export function attach(route: HttpRoute, world: World): readonly Attachment[] {
  const hosts = new Map<Listener, Set<string>>()
  if (route.spec.parentRefs.length === 0) say(route, world, ['parentRefs'], ['dropped', 'names no Gateway and takes no request'])
  for (const [index, ref] of route.spec.parentRefs.entries()) {
    for (const listener of listenersFor(ref, ['parentRefs', index], route, world)) {
      const held = hosts.get(listener) ?? new Set()
      for (const host of hostsAt(listener, route, world)) held.add(host)
      hosts.set(listener, held)
    }
  }
  return [...hosts].filter(([, held]) => held.size > 0).map(([listener, held]) => ({ listener, hosts: [...held] }))
}

type Said = readonly [severity: 'dropped' | 'refused', text: string]

function say({ resource }: HttpRoute, { findings }: World, path: Path, [severity, text]: Said): void {
  findings.add(severity, within(resource.locate, [])(path), `${nameOf(resource)} ${text}`)
}

function listenersFor(ref: ParentRefSpec, path: Path, route: HttpRoute, world: World): readonly Listener[] {
  const { namespace } = route.resource
  const key = `${ref.namespace ?? namespace}/${ref.name}`
  const none = (...said: Said): readonly Listener[] => {
    say(route, world, path, said)
    return []
  }
  if (ref.kind === 'Service') return none('dropped', `is for requests within the mesh to Service ${key}, which do not pass the edge`)
  if (ref.kind !== 'Gateway') return none('refused', `refers to a ${ref.kind}, which is not read`)
  const ofGateway = world.listeners.filter(({ gateway }) => gateway === key)
  if (ofGateway.length === 0) return world.gateways.has(key) ? [] : none('refused', `refers to Gateway ${key}, which is not there`)
  const meant = ofGateway.filter(({ spec }) => (ref.sectionName ?? spec.name) === spec.name && (ref.port ?? spec.port) === spec.port)
  if (meant.length === 0) return none('refused', `has no matching listener in Gateway ${key} (NoMatchingParent)`)
  const allowed = meant.filter((listener) => permits(listener, namespace, world))
  if (allowed.length === 0) return none('refused', `is not allowed by the listeners of Gateway ${key} (NotAllowedByListeners)`)
  const spoken = allowed.filter(({ spec }) => speaksHttp(spec))
  if (spoken.length === 0) return none('refused', `is attached to listeners of Gateway ${key} that do not speak HTTP`)
  const hostnames = route.spec.hostnames.length === 0 ? [ANY_HOST] : route.spec.hostnames
  const common = spoken.filter(({ spec }) => hostnames.some((host) => intersect(spec.hostname ?? ANY_HOST, host) !== undefined))
  return common.length > 0 ? common : none('refused', `has no hostname in common with Gateway ${key} (NoMatchingListenerHostname)`)
}

/** TLS that is passed through never becomes requests. */
export const speaksHttp = ({ protocol, tls }: ListenerSpec): boolean =>
  protocol === 'HTTP' || (protocol === 'HTTPS' && tls?.mode !== 'Passthrough')

function permits({ spec, namespace: own }: Listener, namespace: string, world: World): boolean {
  const { namespaces, kinds } = spec.allowedRoutes
  if (kinds !== undefined && !kinds.some(({ group, kind }) => kind === 'HTTPRoute' && group === 'gateway.networking.k8s.io')) return false
  switch (namespaces.from) {
    case 'All':
      return true
    case 'Same':
      return namespace === own
    case 'None':
      return false
    case 'Selector':
      return (
        namespaces.selector !== undefined && selects(namespaces.selector, world.labels.get(namespace) ?? { [NAMESPACE_LABEL]: namespace })
      )
    default:
      return namespaces.from satisfies never
  }
}

type Selector = NonNullable<ListenerSpec['allowedRoutes']['namespaces']['selector']>

/** Kubernetes, LabelSelector: all of them must hold. */
function selects({ matchLabels, matchExpressions }: Selector, labels: Readonly<Record<string, string>>): boolean {
  if (!Object.entries(matchLabels).every(([key, value]) => labels[key] === value)) return false
  return matchExpressions.every(({ key, operator, values }) => {
    const value = labels[key]
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      default:
        return operator satisfies never
    }
  })
}

/** What the route takes at a listener, without the hosts that a more specific listener at the same port takes for itself. */
function hostsAt(listener: Listener, route: HttpRoute, world: World): readonly string[] {
  const own = listener.spec.hostname ?? ANY_HOST
  const hostnames = route.spec.hostnames.length === 0 ? [ANY_HOST] : route.spec.hostnames
  const common = hostnames.map((host) => intersect(own, host)).filter((host) => host !== undefined)
  return common.filter((host) => {
    const other = isolating(listener, host, world)
    if (other !== undefined) {
      say(
        route,
        world,
        ['hostnames'],
        ['dropped', `does not get ${host} at listener ${listener.spec.name}: listener ${other.spec.name} takes it`],
      )
    }
    return other === undefined
  })
}

const isolating = ({ gateway, spec }: Listener, host: string, world: World): Listener | undefined =>
  world.listeners.find(
    (other) =>
      other.gateway === gateway &&
      other.spec.port === spec.port &&
      other.spec.protocol === spec.protocol &&
      other.spec.hostname !== undefined &&
      other.spec.hostname !== spec.hostname &&
      covers(spec.hostname ?? ANY_HOST, other.spec.hostname) &&
      covers(other.spec.hostname, host),
  )
