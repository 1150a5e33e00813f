import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { type BannerOptions, banner } from '../../../cli/local/banner.ts'
import { SAMPLE_REGIONS } from '../../../cli/local/sample-regions.ts'

const SAMPLES: BannerOptions = {
  url: 'http://localhost:8787',
  token: 'operator',
  ingresses: SAMPLE_REGIONS,
  seconds: 4,
  config: 'config/local.yaml',
  log: '.meridian/gateway.log',
  vantages: 3,
}
const said = (options: Partial<BannerOptions> = {}): string => stripVTControlCharacters(banner({ ...SAMPLES, ...options }))

test('a run with the samples says what to try with them', () => {
  expect(said()).toMatch(/npm run region -- aws-use1 refuse/)
  expect(said()).toMatch(/3 vantages with SQLite, KV, the cache, TLS to the regions\./)
  expect(said()).toMatch(/Access log.*: \.meridian\/gateway\.log/)
  expect(said()).not.toMatch(/MERIDIAN_STATE|certificate/)
})

test("a run of somebody's own configuration claims no more than it has", () => {
  const own = said({ ingresses: [], config: 'mine.yaml', vantages: 1 })
  expect(own).toMatch(/a vantage with SQLite, KV, the cache\./)
  expect(own).not.toMatch(/TLS to the regions|npm run region|curl/)
  expect(own).toContain('An edit of mine.yaml')
})

test('a run with a state folder of its own says how it is found', () => {
  expect(said({ state: 'elsewhere' })).toContain('export MERIDIAN_STATE=elsewhere')
  expect(said({ state: 'elsewhere' })).toContain('put meridian-operators/weights.json --file weights.json --persist-to elsewhere/state\n')
})

test('a run says how weights and emergencies are put', () => {
  expect(said()).toContain('npx wrangler r2 object put meridian-operators/weights.json --file weights.json\n')
  expect(said()).toContain('npx wrangler r2 object put meridian-operators/emergency.json --file emergency.json\n')
})

test('a run with the TLS port shows a request with each certificate', () => {
  const tls = { url: 'https://localhost:8443', authority: 'ca.pem', clients: { ann: 'a.pem', 'ann-expired': 'b.pem', stranger: 'c.pem' } }
  for (const client of ['a.pem', 'b.pem', 'c.pem'])
    expect(said({ tls, issuer: {} })).toContain(`curl -i --cacert ca.pem --cert ${client} https://localhost:8443/partner\n`)
  expect(said({ tls })).toMatch(/TLS to the regions, client certificates\./)
})

test('a run with the issuer shows a request with a token', () => {
  expect(said({ issuer: {} })).toContain('curl -i -H "authorization: Bearer $(npx meridian token)" http://localhost:8787/private\n')
  expect(said()).not.toMatch(/token\)/)
})
