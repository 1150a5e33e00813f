/** What the manifests say all together: Gateways with their listeners, routes in the order of age, Services, grants, labels of namespaces. */
import type { EndpointRule } from '../endpoints.ts'
import type { Findings, Locate } from '../finding.ts'
import { isMapping, type Resource } from '../read-resources.ts'
import { nameOf, parseSpec, within } from './parse.ts'
import {
  gatewaySpec,
  type HttpRouteSpec,
  httpRouteSpec,
  type ListenerSpec,
  type ReferenceGrantSpec,
  referenceGrantSpec,
  type ServicePortSpec,
  serviceSpec,
} from './schema.ts'

export interface Listener {
  readonly spec: ListenerSpec
  /** Of its Gateway. */
  readonly namespace: string
  readonly gateway: string
  readonly locate: Locate
}

export interface HttpRoute {
  readonly resource: Resource
  readonly spec: HttpRouteSpec
  readonly created: string | undefined
}

export interface Service {
  readonly namespace: string
  readonly name: string
  readonly ports: readonly ServicePortSpec[]
}

export interface World {
  readonly listeners: readonly Listener[]
  /** Of every Gateway in the manifests, those that are not imported among them: `namespace/name`. */
  readonly gateways: ReadonlySet<string>
  readonly routes: readonly HttpRoute[]
  readonly services: ReadonlyMap<string, Service>
  readonly grants: readonly { readonly namespace: string; readonly spec: ReferenceGrantSpec }[]
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly endpoints: readonly EndpointRule[]
  readonly findings: Findings
}

export interface WorldOptions {
  /** `namespace/name` of the Gateways to import; empty means all. */
  readonly gateways: readonly string[]
  readonly endpoints: readonly EndpointRule[]
}

const GROUP = 'gateway.networking.k8s.io'

/** Kinds that mean something to traffic and that a Worker cannot do. */
const REFUSED: Readonly<Record<string, string>> = {
  GRPCRoute: 'gRPC needs HTTP/2 with trailers up to the endpoint, which fetch does not speak',
  TLSRoute: 'TLS is terminated by Cloudflare before a Worker runs',
  TCPRoute: 'a Worker gets HTTP requests only',
  UDPRoute: 'a Worker gets HTTP requests only',
  BackendTLSPolicy: 'fetch trusts public certificates and nothing else: no authority, name or SAN of ones own can be given',
  ListenerSet: 'listeners are read of Gateways only',
  XListenerSet: 'listeners are read of Gateways only',
  XBackendTrafficPolicy: 'retry budgets and session persistence of this policy are not read',
}

/** Of a cluster, not of traffic. */
const CLUSTER: ReadonlySet<string> = new Set([
  'Namespace',
  'Service',
  'ServiceImport',
  'ReferenceGrant',
  'Gateway',
  'HTTPRoute',
  'GatewayClass',
])

export function readWorld(resources: readonly Resource[], options: WorldOptions, findings: Findings): World {
  for (const resource of resources) sayKind(resource, findings)
  const of = (kind: string, ...groups: readonly string[]) => resources.filter((each) => each.kind === kind && groups.includes(each.group))
  const gateways = of('Gateway', GROUP)
  const chosen = gateways.filter((each) => options.gateways.length === 0 || options.gateways.includes(nameOfGateway(each)))
  const services = [...of('Service', ''), ...of('ServiceImport', 'multicluster.x-k8s.io')].flatMap((resource) => {
    const spec = parseSpec(serviceSpec, resource, findings)
    return spec === undefined
      ? []
      : [[serviceKey(resource), { namespace: resource.namespace, name: resource.name, ports: spec.ports }] as const]
  })
  const grants = of('ReferenceGrant', GROUP).flatMap((resource) => {
    const spec = parseSpec(referenceGrantSpec, resource, findings)
    return spec === undefined ? [] : [{ namespace: resource.namespace, spec }]
  })
  return {
    listeners: chosen.flatMap((resource) => listenersOf(resource, findings)),
    gateways: new Set(gateways.map(nameOfGateway)),
    routes: routesOf(of('HTTPRoute', GROUP), findings),
    services: new Map(services),
    grants,
    labels: new Map(of('Namespace', '').map((resource) => [resource.name, labelsOf(resource)])),
    endpoints: options.endpoints,
    findings,
  }
}

/** What to say of chosen names that no Gateway has. */
export function unknownGateways(resources: readonly Resource[], chosen: readonly string[]): string | undefined {
  const known = resources.filter(({ kind, group }) => kind === 'Gateway' && group === GROUP).map(nameOfGateway)
  const unknown = chosen.filter((name) => !known.includes(name))
  if (unknown.length === 0) return undefined
  const there = known.length === 0 ? 'there is no Gateway in it' : `there are ${[...new Set(known)].toSorted().join(', ')}`
  return `--gateway ${unknown.map((name) => JSON.stringify(name)).join(', ')} names no Gateway of the input; ${there}. Nothing is written.`
}

const nameOfGateway = ({ namespace, name }: Resource): string => `${namespace}/${name}`

export const serviceKey = ({
  kind,
  namespace,
  name,
}: {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}): string => `${kind} ${namespace}/${name}`

function sayKind(resource: Resource, findings: Findings): void {
  const why = REFUSED[resource.kind]
  if (why !== undefined) findings.add('refused', resource.locate(['kind']), `${nameOf(resource)}: ${why}`)
  else if (!CLUSTER.has(resource.kind)) {
    findings.add('dropped', resource.locate(['kind']), `${nameOf(resource)}: nothing at the edge depends on this kind`)
  }
}

function listenersOf(resource: Resource, findings: Findings): readonly Listener[] {
  const { namespace, name, locate } = resource
  const spec = parseSpec(gatewaySpec, resource, findings)
  return (spec?.listeners ?? []).map((one, index) => ({
    spec: one,
    namespace,
    gateway: `${namespace}/${name}`,
    locate: within(locate, ['listeners', index]),
  }))
}

/** Oldest first, then by namespace and name, as the Gateway API settles what is equally specific. A route without an age is the youngest. */
function routesOf(resources: readonly Resource[], findings: Findings): readonly HttpRoute[] {
  const read = resources.flatMap((resource) => {
    const spec = parseSpec(httpRouteSpec, resource, findings)
    const metadata = resource.value['metadata']
    const created = isMapping(metadata) ? metadata['creationTimestamp'] : undefined
    return spec === undefined ? [] : [{ resource, spec, created: typeof created === 'string' ? created : undefined }]
  })
  return read.toSorted((a, b) => compare(a.created ?? LATEST, b.created ?? LATEST) || compare(fullName(a), fullName(b)))
}

const LATEST = '\uffff'
const fullName = ({ resource }: HttpRoute): string => `${resource.namespace}/${resource.name}`
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function labelsOf({ name, value }: Resource): Readonly<Record<string, string>> {
  const metadata = value['metadata']
  const labels = isMapping(metadata) && isMapping(metadata['labels']) ? metadata['labels'] : {}
  const texts = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return { [NAMESPACE_LABEL]: name, ...Object.fromEntries(texts) }
}

/** Set by Kubernetes itself on every namespace. */
export const NAMESPACE_LABEL = 'kubernetes.io/metadata.name'
