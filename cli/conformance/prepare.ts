/** From the manifests of a test to gateways: one for each Gateway that its cases ask, as the import would write it for a user. */
import type { Base } from '../../config/base.ts'
import type { GatewayDocument } from '../import/document.ts'
import type { EndpointRule } from '../import/endpoints.ts'
import { type Finding, Findings } from '../import/finding.ts'
import { importGatewayApi } from '../import/gateway-api/import.ts'
import { isMapping, type Resource, readResources } from '../import/read-resources.ts'
import { renderDocument } from '../import/render.ts'
import { loadText } from '../load-gateway.ts'
import type { ConformanceCase, ConformanceTest } from './case.ts'
import type { EchoEndpoints } from './echo.ts'
import { PODS_OF } from './harness-facts.ts'

/** A gateway of a run. */
export interface Prepared {
  readonly id: string
  readonly findings: readonly Finding[]
  /** As a client without a Host header names it: an address, and the port where it is not that of the scheme. */
  readonly address: string
  /** Absent when the configuration has defects. */
  readonly base?: Base
  readonly defects: readonly string[]
}

export type Mutation = (document: GatewayDocument) => GatewayDocument

const same: Mutation = (document) => document

/** The id of the gateway that a case asks. */
export const gatewayOf = (test: ConformanceTest, { gateway, without = [] }: Pick<ConformanceCase, 'gateway' | 'without'>): string =>
  [test.id, gateway, ...without].join(' ')

/** Every gateway that a test needs. A test without cases has one, for what the reader says of it. */
export async function prepare(test: ConformanceTest, echo: EchoEndpoints, mutate: Mutation = same): Promise<readonly Prepared[]> {
  const findings = new Findings()
  const resources = test.manifests.flatMap(({ file, text }) => readResources(file, text, findings))
  const endpoints = await endpointRules(resources, echo)
  const asked = [...test.cases, ...test.extras.flatMap((extra) => (extra.kind === 'websocket' ? [{ gateway: extra.gateway }] : []))]
  const wanted = new Map(asked.map((one) => [gatewayOf(test, one), one]))
  const all: readonly (readonly [string, Pick<ConformanceCase, 'gateway' | 'without'> | undefined])[] =
    wanted.size === 0 ? [[test.id, undefined]] : [...wanted]
  return all.map(([id, one]) => {
    const kept = resources.filter(({ kind, namespace, name }) => one?.without?.includes(`${kind} ${namespace}/${name}`) !== true)
    const said = new Findings()
    const { document } = importGatewayApi(kept, { gateways: one === undefined ? [] : [one.gateway], endpoints }, said)
    const loaded = loadText(renderDocument(mutate(document), [test.id]), test.id, { local: true })
    return {
      id,
      findings: [...findings.all, ...said.all],
      address: addressOf(resources, one?.gateway),
      ...(loaded.ok ? { base: loaded.base } : {}),
      defects: loaded.ok
        ? []
        : loaded.defects.map(({ path, expected, found }) => `${path.join('.')}: expected ${expected}, found ${found}`),
    }
  })
}

/** An address for documentation (RFC 5737): a Gateway of a cluster is asked by its address. */
const ADDRESS = '203.0.113.7'

function addressOf(resources: readonly Resource[], gateway: string | undefined): string {
  const found = resources.find(({ kind, namespace, name }) => kind === 'Gateway' && `${namespace}/${name}` === gateway)
  const spec = found?.value['spec']
  const [listener] = isMapping(spec) && Array.isArray(spec['listeners']) ? (spec['listeners'] as unknown[]) : []
  const port = isMapping(listener) ? listener['port'] : undefined
  return port === undefined || port === 80 || port === 443 ? ADDRESS : `${ADDRESS}:${port}`
}

/** Each Service is answered by an echo under the name of its pods. */
async function endpointRules(resources: readonly Resource[], echo: EchoEndpoints): Promise<readonly EndpointRule[]> {
  const services = resources.filter(({ kind, group }) => kind === 'Service' && group === '')
  return Promise.all(
    services.map(async ({ namespace, name, value }) => {
      const spec = isMapping(value['spec']) ? value['spec'] : {}
      const selected = isMapping(spec['selector']) ? spec['selector']['app'] : undefined
      const app = typeof selected === 'string' ? selected : (PODS_OF[`${namespace}/${name}`] ?? name)
      return { service: { namespace, name }, url: await echo.originOf({ namespace, app }), cloud: 'local', region: 'loopback' }
    }),
  )
}
