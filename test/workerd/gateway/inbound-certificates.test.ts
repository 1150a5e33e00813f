/**
 * Client certificates on the real runtime: what the platform says of a connection decides, in `request.cf`, which this runtime takes from a header
 * that stands for it. Clients are told one thing, whatever is wrong.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RouteAdmission } from '../../../config/admission.ts'
import { trustId } from '../../../config/ids.ts'
import {
  ca,
  DAY_MS,
  fingerprint,
  keyCertSign,
  type Made,
  makeAuthority,
  makeLeaf,
  names,
  P384,
  rsa,
  tlsClientAuth,
  trusted,
  usage,
} from '../../chains.ts'
import { type Running, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

let running: Running
let endpoint: TestEndpoint
let root: Made
let leaf: Made

const until = Date.now() + 30 * DAY_MS
const certificates = [trustId('zone'), trustId('partners')]
const authentication = { require: 'certificate', mode: 'strict' } as const

beforeAll(async () => {
  endpoint = await httpEndpoint((_, response) => void response.end('well'))
  root = await makeAuthority({ name: 'CN=Root', until })
  leaf = await makeLeaf(root, { until }, [names({ type: 'url', value: 'spiffe://example.org/cart' })])
  const route = (id: string, admission: RouteAdmission = {}) => ({
    id,
    hosts: ['127.0.0.1'],
    paths: [{ kind: 'prefix', value: `/${id}` } as const],
    admission,
  })
  const base = testBase({
    endpoints: [{ id: 'one', origin: endpoint.origin }],
    routes: [
      route('strict'),
      route('open', { authentication: { require: 'none' } }),
      route('optional', { authentication: { require: 'optional' } }),
      route('seen', { authentication: { mode: 'permissive' } }),
    ],
  })
  const p384 = await makeAuthority({ name: 'CN=P-384', until, algorithm: P384 })
  const big = await makeAuthority({ name: 'CN=RSA', until, algorithm: rsa(2048) })
  running = await startGateway({
    ...base,
    admission: {
      issuers: [],
      trusts: [
        { id: trustId('zone'), verify: { kind: 'cloudflare', issuers: ['ab12'], trustDomains: ['example.org'] }, revoked: [] },
        {
          id: trustId('partners'),
          verify: { kind: 'bundle', authorities: [trusted(root, 'example.org'), trusted(p384), trusted(big)] },
          revoked: [],
        },
      ],
      hosts: [{ pattern: '127.0.0.1', tokens: [], certificates, authentication }],
    },
  })
  others = { p384: await makeLeaf(p384, { until }), rsa: await makeLeaf(big, { until, algorithm: rsa(2048) }) }
})
afterAll(async () => {
  await running.stop()
  await endpoint.stop()
})

let others: { readonly p384: Made; readonly rsa: Made }

interface Asked {
  readonly auth?: object
  readonly headers?: Readonly<Record<string, string>>
}

const ask = (path: string, { auth, headers = {} }: Asked = {}): Promise<Response> =>
  fetch(`${running.url}${path}`, {
    headers: { ...headers, ...(auth === undefined ? {} : { 'mf-cf-blob': JSON.stringify({ colo: 'LHR', tlsClientAuth: auth }) }) },
  })

const refusals = (): readonly string[] => running.log.filter((line) => line.includes('ERR_CERTIFICATE_REQUIRED'))

describe('a route that demands a certificate', () => {
  test.each<[string, () => object]>([
    ['by the bundle, on P-256', () => tlsClientAuth(leaf)],
    ['by the bundle, on P-384', () => tlsClientAuth(others.p384)],
    ['by the bundle, with RSA', () => tlsClientAuth(others.rsa)],
    ['by Cloudflare', () => tlsClientAuth(leaf, [], { certVerified: 'SUCCESS', certIssuerSKI: 'AB12' })],
  ])('lets one in that is verified %s', async (_, auth) => {
    for (const again of [1, 2]) expect([again, (await ask('/strict', { auth: auth() })).status]).toEqual([again, 200])
  })

  test('tells clients one thing, and operators what was wrong', async () => {
    const issuing = await makeAuthority({ by: root, until: Date.now() - DAY_MS, from: Date.now() - 9 * DAY_MS })
    const short = await makeAuthority({ by: root, until, extensions: [ca(0), usage(keyCertSign)] })
    const below = await makeAuthority({ by: short, until })
    const revoked = { certVerified: 'SUCCESS', certIssuerSKI: 'ab12', certRevoked: '1' }
    const broken: readonly (readonly [object | undefined, string])[] = [
      [undefined, 'no certificate'],
      [tlsClientAuth(await makeLeaf(await makeAuthority({ until }), { until })), 'no path leads from it'],
      [tlsClientAuth(await makeLeaf(issuing, { until }), [issuing]), 'the authority 1 above it has expired'],
      [tlsClientAuth(await makeLeaf(below, { until }), [below, short]), 'allows 0 authorities below it'],
      [tlsClientAuth(leaf, [], revoked), 'it is revoked'],
      [{ certPresented: '1', certRFC9440: ':AAAA:' }, 'malformed'],
    ]
    const answers = await Promise.all(broken.map(([auth]) => ask('/strict', auth === undefined ? {} : { auth })))
    expect(answers.map(({ status }) => status)).toEqual(broken.map(() => 403))
    const bodies = await Promise.all(answers.map(async (answer) => (await answer.text()).replace(/[0-9a-f]{32}/g, 'ID')))
    expect(new Set(bodies).size).toBe(1)
    expect(bodies[0]).toContain('ERR_CERTIFICATE_REQUIRED')
    await expect
      .poll(() => broken.filter(([, reason]) => !refusals().some((line) => line.includes(reason))).map(([, reason]) => reason))
      .toEqual([])
  })

  test('believes no header', async () => {
    const headers = { 'client-cert': ':AAAA:', 'cf-client-cert-verified': 'SUCCESS', 'x-forwarded-client-cert': 'Hash=ab' }
    expect((await ask('/strict', { headers })).status).toBe(403)
  })

  test('answers 425 in early data, with a good certificate too', async () => {
    for (const header of ['early-data', 'cf-0rtt-unique']) {
      const answer = await ask('/strict', { auth: tlsClientAuth(leaf), headers: { [header]: '1' } })
      expect([answer.status, await answer.text()]).toEqual([425, expect.stringContaining('ERR_TOO_EARLY')])
    }
  })
})

describe('other routes of its host', () => {
  const bad = { certPresented: '1', certRFC9440: ':AAAA:' }
  test.each([
    ['/open', undefined, 200],
    ['/open', bad, 200],
    ['/optional', undefined, 200],
    ['/optional', bad, 403],
    ['/seen', undefined, 200],
    ['/seen', bad, 200],
  ])('%s with %o: %i', async (path, auth, status) => expect((await ask(path, auth === undefined ? {} : { auth })).status).toBe(status))

  test('where nobody is refused the log says who would be, and why', async () => {
    const stranger = await makeLeaf(await makeAuthority({ name: 'CN=Nobody', until }), { until })
    expect((await ask('/seen', { auth: tlsClientAuth(stranger) })).status).toBe(200)
    const line = () => running.log.find((each) => each.includes('"wouldRefuse"') && each.includes(fingerprint(stranger)))
    await expect.poll(line).toBeDefined()
    expect(JSON.parse(line() ?? '')).toMatchObject({
      route: 'seen',
      status: 200,
      identity: { refusedCertificate: { fingerprint: fingerprint(stranger), issuer: 'CN=Nobody' } },
      wouldRefuse: { code: 'ERR_CERTIFICATE_REQUIRED', reason: expect.stringContaining('partners: no path leads from it') },
    })
  })

  test('in early data a path of no route may be that of a certificate', async () => {
    expect((await ask('/nowhere')).status).toBe(404)
    expect((await ask('/nowhere', { headers: { 'early-data': '1' } })).status).toBe(425)
  })

  test('one that demands nothing takes early data', async () =>
    expect((await ask('/open', { headers: { 'early-data': '1' } })).status).toBe(200))
})
