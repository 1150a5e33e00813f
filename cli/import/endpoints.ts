/** Where the Services of a cluster are reached from outside: what the manifests do not say and the caller must. */
import { readAddress } from '../../config/addresses.ts'
import type { EndpointEntry } from './document.ts'

/** One `--endpoint` or `--endpoints` option. */
export interface EndpointRule {
  /** Absent in a pattern: any Service. */
  readonly service?: { readonly namespace: string; readonly name: string; readonly port?: number | undefined }
  /** May hold `{service}`, `{namespace}` and `{port}`. */
  readonly url: string
  readonly cloud: string
  readonly region: string
}

export interface ServiceAddress {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

const SERVICE = /^([a-z0-9-]+)\/([a-z0-9-]+)(?::(\d{1,5}))?=(.+)$/
const PLACE = /^([a-z0-9-]+)\/([A-Za-z0-9-]+)$/

/** `namespace/service[:port]=URL[,cloud/region]`; a string says what is wrong with it. */
export function readEndpoint(raw: string): EndpointRule | string {
  const [, namespace = '', name = '', port, rest = ''] = SERVICE.exec(raw) ?? []
  const expected = `--endpoint takes NAMESPACE/SERVICE[:PORT]=URL[,CLOUD/REGION], got "${raw}"`
  if (rest === '') return expected
  const read = readTarget(rest, expected)
  if (typeof read === 'string') return read
  return { ...read, service: { namespace, name, ...(port === undefined ? {} : { port: Number(port) }) } }
}

/** `URL[,cloud/region]` with placeholders. */
export function readPattern(raw: string): EndpointRule | string {
  return readTarget(raw, `--endpoints takes a URL such as https://{service}.{namespace}.example.com[,CLOUD/REGION], got "${raw}"`)
}

function readTarget(raw: string, expected: string): EndpointRule | string {
  const [url = '', place, ...more] = raw.split(',')
  const [, cloud = 'unnamed', region = 'unnamed'] = place === undefined ? [] : (PLACE.exec(place) ?? [])
  const isPlaced = place === undefined || PLACE.test(place)
  if (!isPlaced || more.length > 0 || !('value' in readAddress(fill(url, EXAMPLE)))) return expected
  return { url, cloud, region }
}

const EXAMPLE: ServiceAddress = { namespace: 'shop', name: 'cart', port: 80 }

const fill = (url: string, { namespace, name, port }: ServiceAddress): string =>
  url.replaceAll('{service}', name).replaceAll('{namespace}', namespace).replaceAll('{port}', String(port))

/** The endpoints of a Service. Rules that name its port go before those that name it, and these before patterns. */
export function endpointsOf(rules: readonly EndpointRule[], address: ServiceAddress): readonly EndpointEntry[] {
  const named = rules.filter(({ service }) => service !== undefined && isFor(service, address))
  const withPort = named.filter(({ service }) => service?.port !== undefined)
  const chosen = withPort.length > 0 ? withPort : named.length > 0 ? named : rules.filter(({ service }) => service === undefined)
  return chosen.map(({ url, cloud, region }) => ({ url: fill(url, address), cloud, region }))
}

const isFor = (service: NonNullable<EndpointRule['service']>, { namespace, name, port }: ServiceAddress): boolean =>
  service.namespace === namespace && service.name === name && (service.port === undefined || service.port === port)

/** Whether a Service is named by an option: it then exists, whether its manifest was read or not. */
export const isNamed = (rules: readonly EndpointRule[], address: ServiceAddress): boolean =>
  rules.some(({ service }) => service !== undefined && isFor(service, address))
