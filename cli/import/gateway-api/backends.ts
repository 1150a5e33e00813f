/** References to Services: which pool serves each, or the status of its share (Gateway API, HTTPBackendRef and ReferenceGrant). */
import type { EndpointEntry, PoolEntry } from '../document.ts'
import { endpointsOf, isNamed } from '../endpoints.ts'
import type { SourcePlace } from '../finding.ts'
import { Names } from '../names.ts'
import type { BackendSpec } from './schema.ts'
import { serviceKey, type World } from './world.ts'

export type Backend =
  | { readonly kind: 'pool'; readonly pool: string }
  /** Not to be sent to: its share is answered with this status. */
  | { readonly kind: 'none'; readonly status: 500 | 503 }

export interface Asking {
  /** Of the route. */
  readonly namespace: string
  /** The route says how failures are tried again. */
  readonly retried: boolean
  /** Copies are sent to it. */
  readonly mirrors?: boolean
  readonly place: SourcePlace
}

interface HeldPool {
  readonly name: string
  readonly endpoints: readonly EndpointEntry[]
  retried: boolean
}

/** What the Gateway API answers for a reference that must not be followed. */
const INVALID = { kind: 'none', status: 500 } as const

/** The pools of a document, made as routes refer to them. */
export class Backends {
  readonly #pools = new Map<string, HeldPool>()
  readonly #world: World
  readonly #names: Names

  constructor(world: World, names: Names) {
    this.#world = world
    this.#names = names
  }

  resolve(ref: BackendSpec, { namespace, retried, mirrors = false, place }: Asking): Backend {
    const { findings } = this.#world
    const wanted = ref.namespace ?? namespace
    const service = `${ref.kind} ${wanted}/${ref.name}`
    const problem = this.#problemOf(ref, wanted, namespace)
    if (problem !== undefined) {
      findings.add(
        'refused',
        place,
        `${service} ${problem}: ${mirrors ? 'no copy is sent' : 'its share is answered 500'}, as the Gateway API says`,
      )
      return INVALID
    }
    this.#sayProtocol(ref, wanted, place)
    const pool = this.#poolOf(ref, wanted)
    if (pool.endpoints.length === 0) {
      findings.add(
        'refused',
        place,
        `${service} has no endpoint: name one with --endpoint or --endpoints. Until then ${mirrors ? 'no copy is sent' : 'its share is answered 503'}`,
      )
      return { kind: 'none', status: 503 }
    }
    pool.retried ||= retried
    return { kind: 'pool', pool: pool.name }
  }

  /** Kubernetes, ServicePort.appProtocol. */
  #sayProtocol(ref: BackendSpec, namespace: string, place: SourcePlace): void {
    const service = this.#world.services.get(serviceKey({ kind: ref.kind, namespace, name: ref.name }))
    const protocol = service?.ports.find(({ port }) => port === ref.port)?.appProtocol
    if (protocol !== 'kubernetes.io/h2c') return
    const text = `${ref.kind} ${namespace}/${ref.name} asks for HTTP/2 over plain text, which a Worker does not speak: it is sent HTTP/1.1`
    this.#world.findings.add('approximate', place, text)
  }

  #problemOf(ref: BackendSpec, wanted: string, namespace: string): string | undefined {
    const isService = ref.group === '' && ref.kind === 'Service'
    const isImport = ref.group === 'multicluster.x-k8s.io' && ref.kind === 'ServiceImport'
    if (!isService && !isImport) return 'is of a kind that is no Service (InvalidKind)'
    if (wanted !== namespace && !this.#isGranted(ref, wanted, namespace))
      return 'is in another namespace and no ReferenceGrant permits it (RefNotPermitted)'
    const address = { namespace: wanted, name: ref.name, port: ref.port ?? 0 }
    const service = this.#world.services.get(serviceKey({ kind: ref.kind, namespace: wanted, name: ref.name }))
    if (service === undefined) return isNamed(this.#world.endpoints, address) ? undefined : 'is not there (BackendNotFound)'
    const known = service.ports.length === 0 || service.ports.some(({ port }) => port === ref.port)
    return known ? undefined : `has no port ${ref.port} (BackendNotFound)`
  }

  #isGranted(ref: BackendSpec, wanted: string, namespace: string): boolean {
    return this.#world.grants.some(
      (grant) =>
        grant.namespace === wanted &&
        grant.spec.from.some(
          (from) => from.group === 'gateway.networking.k8s.io' && from.kind === 'HTTPRoute' && from.namespace === namespace,
        ) &&
        grant.spec.to.some(
          (to) => to.group === ref.group && to.kind === ref.kind && (to.name === undefined || to.name === '' || to.name === ref.name),
        ),
    )
  }

  #poolOf(ref: BackendSpec, namespace: string): HeldPool {
    const address = { namespace, name: ref.name, port: ref.port ?? 0 }
    const key = `${ref.kind} ${namespace}/${ref.name}:${ref.port}`
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    const name = this.#names.give(ref.name, `${ref.name}-${namespace}`, `${ref.name}-${namespace}-${ref.port}`)
    const pool = { name, endpoints: endpointsOf(this.#world.endpoints, address), retried: false }
    this.#pools.set(key, pool)
    return pool
  }

  /** Another pool of the same endpoints: a route draws each of its pools under one weight, with one set of filters. */
  twin(pool: string): string {
    const held = [...this.#pools.values()].find(({ name }) => name === pool)
    const name = this.#names.give(pool)
    if (held !== undefined) this.#pools.set(`twin ${name}`, { ...held, name })
    return name
  }

  /** How many endpoints a pool has. */
  count(pool: string): number {
    return [...this.#pools.values()].find(({ name }) => name === pool)?.endpoints.length ?? 0
  }

  /** The pools that something refers to. */
  entries(used: ReadonlySet<string>): Readonly<Record<string, PoolEntry>> {
    const names = new Names()
    const held = [...this.#pools.values()].filter(({ name }) => used.has(name))
    return Object.fromEntries(held.map((pool) => [pool.name, writePool(pool, names)]))
  }
}

/** The Gateway API retries whatever the load; a budget is Meridian's own. */
const UNBOUNDED = { share: '100%', perSecond: 1000 } as const

/** Names of endpoints are unique in the whole gateway: that of the pool, with a number where there are several. */
function writePool({ name, endpoints, retried }: HeldPool, names: Names): PoolEntry {
  const wanted = (index: number): string => (endpoints.length === 1 ? name : `${name}-${index + 1}`)
  return {
    endpoints: Object.fromEntries(endpoints.map((endpoint, index) => [names.give(wanted(index)), endpoint])),
    ...(retried ? { retryBudget: UNBOUNDED } : {}),
  }
}
