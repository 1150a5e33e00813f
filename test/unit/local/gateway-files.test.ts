import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { parse } from 'smol-toml'
import { afterAll, expect, test } from 'vitest'
import { loadGateway } from '../../../cli/load-gateway.ts'
import { PLUGIN } from '../../../cli/local/certificate-bindings.ts'
import { localCertificates } from '../../../cli/local/certificates.ts'
import { writeBase, writeGatewayFiles } from '../../../cli/local/gateway-files.ts'
import { SAMPLE_CONFIG, writeSampleConfig } from '../../../cli/local/sample-config.ts'
import { SAMPLE_REGIONS } from '../../../cli/local/sample-regions.ts'
import type { Base } from '../../../config/base.ts'

const folder = mkdtempSync(join(tmpdir(), 'meridian-unit-'))
afterAll(() => rmSync(folder, { recursive: true }))

const settings = { vars: { OPERATOR_TOKEN: 'secret' }, snapshotKey: 'of both', certificates: 'kept/here' }

test('wrangler is given the Workers of the project, without the build command and with the base of this run', () => {
  const endpoints = [{ clientCertificate: 'EDGE_CERTIFICATE' }, { clientCertificate: 'EDGE_CERTIFICATE' }, {}]
  const base = { routes: [], pools: [{ endpoints }] } as unknown as Base
  const files = writeGatewayFiles(join(folder, 'gateway'), settings, base)
  const [gateway = '', control = ''] = files.configs.map((file) => readFileSync(file, 'utf8'))
  for (const toml of [gateway, control]) {
    expect(isAbsolute(/^main = "([^"]+)"/m.exec(toml)?.[1] ?? '')).toBe(true)
    expect(toml).not.toContain('[build]')
    expect(toml).not.toContain('cli/build.ts')
    expect(toml).toContain('compatibility_date')
  }
  expect(gateway).toContain('script_name = "meridian-control"')
  expect(gateway).toContain(`"../config/generated/base.ts" = ${JSON.stringify(files.base)}`)
  expect(gateway).toMatch(/\[vars\]\n"OPERATOR_TOKEN" = "secret"/)
  expect(control).toContain('new_sqlite_classes')
  for (const toml of [gateway, control]) {
    expect(parse(toml)['vars']).toMatchObject({ SNAPSHOT_KEY: 'of both' })
    expect(parse(toml)['unsafe']).toMatchObject({
      bindings: [{ name: 'EDGE_CERTIFICATE', dev: { plugin: { name: PLUGIN }, options: { folder: 'kept/here' } } }],
    })
  }
})

test('the counters of limits are made for the configuration that runs, and again when it changes', () => {
  const limited = (...counts: readonly number[]): Base => {
    const routes = counts.map((limit) => ({ admission: { rateLimits: [{ id: `l${limit}`, limit, window: 10_000, scope: 'colo' }] } }))
    return { routes, pools: [] } as unknown as Base
  }
  const files = writeGatewayFiles(join(folder, 'limited'), settings, limited(3, 5, 3))
  const names = () => readFileSync(files.configs[0], 'utf8').match(/^name = "RATE.*$/gm)
  expect(names()).toEqual(['name = "RATE_3_PER_10S"', 'name = "RATE_5_PER_10S"'])
  files.bind(limited(7))
  expect(names()).toEqual(['name = "RATE_7_PER_10S"'])
  files.bind(limited())
  expect(names()).toBeNull()
})

test('a base that says the same is not written again', () => {
  const file = join(folder, 'base.ts')
  const base = { hash: 'a' } as Base
  expect([writeBase(file, base), writeBase(file, base), writeBase(file, { ...base, hash: 'b' })]).toEqual([true, false, true])
})

test.each(['config/local.yaml', 'cli/failover/gateway.yaml'])('%s serves the samples on other ports', (source) => {
  const file = join(folder, 'sample.yaml')
  const regions = SAMPLE_REGIONS.map((region, index) => ({
    ...region,
    ports: { traffic: 40_001 + index, ready: 41_001 + index, control: 1 },
  }))
  writeSampleConfig(join(import.meta.dirname, '../../..', source), file, { regions })
  const loaded = loadGateway(file, { local: true })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.defects))
  const endpoints = loaded.base.pools.flatMap((pool) => pool.endpoints)
  for (const { id, ports, ready } of regions) {
    const own = endpoints.filter((endpoint) => endpoint.id.endsWith(id))
    expect(own.length).toBeGreaterThan(0)
    for (const { origin, key } of own) {
      expect(origin).toBe(`https://127.0.0.1:${ports.traffic}`)
      expect(loaded.base.targets.find((target) => target.key === key)?.monitor.url).toBe(`http://127.0.0.1:${ports.ready}${ready.path}`)
    }
  }
})

test('with --mtls the sample configuration trusts the local clients, and shows its ingresses a certificate', async () => {
  const file = join(folder, 'mtls.yaml')
  await localCertificates(join(folder, 'certificates'))
  const plain = loadGateway(SAMPLE_CONFIG, { local: true })
  writeSampleConfig(SAMPLE_CONFIG, file, { regions: SAMPLE_REGIONS, mtls: true })
  const loaded = loadGateway(file, { local: true })
  if (!loaded.ok || !plain.ok) throw new Error(JSON.stringify(loaded))
  const bindings = ({ pools }: Base) => [...new Set(pools.flatMap(({ endpoints }) => endpoints.map((one) => one.clientCertificate)))]
  expect([bindings(plain.base), bindings(loaded.base)]).toEqual([[undefined], ['EDGE_CERTIFICATE']])
  expect(loaded.base.admission?.trusts).toMatchObject([{ verify: { kind: 'bundle', authorities: [{ trustDomains: ['meridian.local'] }] } }])
  expect(plain.base.admission?.trusts).toEqual([])
})
