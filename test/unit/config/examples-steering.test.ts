/** The committed examples of steering: each does what its comment says. */
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadGateway } from '../../../cli/load-gateway.ts'
import type { Base } from '../../../config/base.ts'

function load(file: string): Base {
  const loaded = loadGateway(resolve(import.meta.dirname, '../../..', file), { local: false }, file)
  if (!loaded.ok) throw new Error(`${file} has defects`)
  return loaded.base
}

const endpointsOf = (base: Base) => base.pools.flatMap(({ endpoints }) => endpoints)

describe('each example shows what it says', () => {
  test('affinity: a cookie of the gateway, a header, a query parameter, the address, a claim, the certificate', () => {
    const { pools } = load('config/examples/affinity.yaml')
    expect(pools.map(({ affinity }) => affinity)).toEqual([
      { kind: 'cookie', name: 'edge-affinity', set: { ttl: 86_400_000, sameSite: 'lax' } },
      { kind: 'header', name: 'x-tenant' },
      { kind: 'query', name: 'index' },
      { kind: 'client-address' },
      { kind: 'claim', claim: ['sub'] },
      { kind: 'certificate' },
    ])
  })

  test('country map: countries, continents, everybody else', () => {
    const map = load('config/examples/country-map.yaml').pools[0]?.map
    expect(map?.countries['CH']).toEqual(['gcp-euw6', 'gcp-euw3'])
    expect(map?.continents['SA']).toEqual(['aws-sae1', 'aws-use1'])
    expect(map?.otherwise).toEqual(['aws-use1', 'gcp-euw3'])
  })

  test('latency: vantages are asked how fast their probes are', () => {
    const base = load('config/examples/latency.yaml')
    expect(base.pools[0]?.steering).toBe('latency')
    expect(base.targets.map(({ latency }) => latency)).toEqual([true, true, true])
    expect(load('config/examples/smallest.yaml').targets.map(({ latency }) => latency)).toEqual([undefined, undefined])
  })

  test('spill-over: levels, and a capacity each', () => {
    const base = load('config/examples/spill-over.yaml')
    expect(base.pools[0]?.levels).toEqual({ spillOver: 1.4, healthThreshold: 0.5, minimumHealthy: 2, panic: 0.33 })
    expect(endpointsOf(base).map(({ capacity }) => capacity)).toEqual([4, 2, 2, 4, 4])
  })

  test('shedding: limits by endpoint and pool, classes of routes', () => {
    const base = load('config/examples/shedding.yaml')
    expect(base.pools[0]?.limits).toEqual({ concurrency: 500, adaptive: true, classes: ['high', 'normal', 'low'] })
    expect(endpointsOf(base).map(({ concurrency }) => concurrency)).toEqual([250, 100])
    expect(base.routes.map(({ priority }) => priority)).toEqual(['high', 'low', 'normal'])
  })
})
