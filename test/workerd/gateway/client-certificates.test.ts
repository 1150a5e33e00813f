/**
 * Client certificates and signing keys of the edge, against TLS servers that demand them: who is let in, what fails over and says why, and
 * an exchange of both under load, as isolates of an old and a new version run beside each other.
 */
import { Agent, request as httpRequest } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify } from 'jose'
import type { V4WorkerOptions } from 'miniflare'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Issued, makeAuthority, makeLeaf } from '../../../cli/local/make-certificate.ts'
import { EDGE_TOKEN_HEADER, KEYS_PATH } from '../../../config/forwarded-identity.ts'
import { seconds } from '../../../config/units.ts'
import { bundle, COMPATIBILITY, type Running, raw, startWorkers } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const DAY = 24 * 60 * 60 * 1000
const valid = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) }
const expired = { notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) }

interface Keeper {
  readonly port: number
  /** Common names of who was let in, in order. */
  readonly seen: string[]
  /** Why others were not. */
  readonly refused: string[]
  readonly stop: () => Promise<unknown>
}

let authority: Awaited<ReturnType<typeof makeAuthority>>
let keeper: Keeper
let other: TestEndpoint
const stops: (() => Promise<unknown>)[] = []
const client = (subject: string, validity = valid): Promise<Issued> =>
  makeLeaf(authority, { subject, purpose: 'client', names: [], ...validity })

/** Lets in who has a certificate of the authority, and a token of the edge where keys are to be had. */
async function startKeeper(keysOf?: () => Promise<ReturnType<typeof createLocalJWKSet>>): Promise<Keeper> {
  const own = await makeLeaf(authority, { subject: 'ingress', purpose: 'server', names: [{ type: 'ip', value: '127.0.0.1' }], ...valid })
  const seen: string[] = []
  const refused: string[] = []
  const options = { key: own.key, cert: own.certificate, ca: authority.certificate.toString('pem'), requestCert: true }
  const server = createServer({ ...options, rejectUnauthorized: true }, async (request, answer) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    try {
      if (keysOf !== undefined) await jwtVerify(String(request.headers[EDGE_TOKEN_HEADER]), await keysOf(), { issuer: 'urn:edge' })
      seen.push(String(subject.CN))
      answer.end('ok')
    } catch (error) {
      refused.push(String(error))
      answer.writeHead(401).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  server.on('tlsClientError', (error) => refused.push(String(error)))
  return { port, seen, refused, stop }
}

/** What a binding of `mtls_certificates` is on Cloudflare: a way to an endpoint that presents a certificate. */
const presenting = (port: number, { key, certificate }: Issued): NonNullable<V4WorkerOptions['serviceBindings']>[string] => ({
  external: {
    address: `127.0.0.1:${port}`,
    https: {
      options: {},
      tlsOptions: {
        keypair: { privateKey: key, certificateChain: certificate },
        trustedCertificates: [authority.certificate.toString('pem')],
      },
      certificateHost: '127.0.0.1',
    },
  },
})

const told = { identity: { xfcc: false, clientCert: false, claims: [], token: { header: EDGE_TOKEN_HEADER, claims: [] } } }

/** `alone`: with all the time of the test, so that a busy machine makes requests slow and nothing else. */
async function scriptFor(port: number, alone = false): Promise<string> {
  const guarded = { id: 'keeper', origin: `https://127.0.0.1:${port}`, clientCertificate: 'EDGE' }
  const base = testBase({
    endpoints: alone ? [guarded] : [guarded, { id: 'other', origin: other.origin, region: 'eu-west-1' }],
    route: { timeouts: { request: seconds(alone ? 40 : 5), attempt: seconds(alone ? 40 : 2), slow: 'race', idle: seconds(30) } },
    routes: [
      { id: 'plain', hosts: ['shop.test'] },
      { id: 'told', hosts: ['told.test'], admission: told },
    ],
  })
  return bundle('worker/index.ts', { ...base, edge: { issuer: 'urn:edge' } })
}

async function start(
  script: string,
  bindings: Record<string, string>,
  serviceBindings: V4WorkerOptions['serviceBindings'] = {},
): Promise<Running> {
  const running = await startWorkers([
    { name: 'gateway', modules: true, script, ...COMPATIBILITY, bindings: { OPERATOR_TOKEN: 'operator', ...bindings }, serviceBindings },
  ])
  stops.push(running.stop)
  return running
}

const ask = async ({ port }: Running, host = 'shop.test', path = '/') => {
  const answer = await raw(port, `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer operator\r\nconnection: close\r\n\r\n`)
  return {
    status: answer.status,
    endpoint: answer.headers.find(([name]) => name === 'meridian-endpoint')?.[1],
    body: answer.body.toString(),
  }
}

/** The same over connections that are kept, for load. */
const agent = new Agent({ keepAlive: true })
const get = ({ port }: Running, path: string): Promise<{ readonly status: number; readonly endpoint: unknown }> =>
  new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path, agent, headers: { host: 'told.test' } }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode ?? 0, endpoint: answer.headers['meridian-endpoint'] }))
    })
    request.on('error', reject).end()
  })

let script: string
beforeAll(async () => {
  authority = await makeAuthority('clients and ingresses', valid)
  keeper = await startKeeper()
  other = await httpEndpoint((_, answer) => void answer.end('other'))
  script = await scriptFor(keeper.port)
})
afterAll(() => Promise.all([keeper.stop(), other.stop(), ...stops.map((stop) => stop())]))

test('an endpoint that demands a certificate gets it', async () => {
  const gateway = await start(script, {}, { EDGE: presenting(keeper.port, await client('edge')) })
  expect(await ask(gateway)).toMatchObject({ status: 200, endpoint: 'keeper' })
  expect(keeper.seen.at(-1)).toBe('edge')
  expect((await ask(gateway, 'shop.test', '/.well-known/meridian/status')).body).not.toContain('cannot be asked')
})

test.each([
  ['is missing', () => ({}), 'endpoint keeper cannot be asked: the gateway has no binding EDGE'],
  ['is a text', () => ({ EDGE: 'text' }), 'endpoint keeper cannot be asked: the gateway has no binding EDGE'],
])('a binding that %s fails the endpoint over, and the status says why', async (_, bindings, says) => {
  const before = keeper.seen.length
  const gateway = await start(script, bindings())
  for (let count = 0; count < 5; count += 1) expect(await ask(gateway)).toMatchObject({ status: 200, endpoint: 'other' })
  expect(keeper.seen.length).toBe(before)
  expect((await ask(gateway, 'shop.test', '/.well-known/meridian/status')).body).toContain(says)
})

test.each([
  ['has expired', () => client('edge', expired)],
  [
    'is of an authority that the ingress does not know',
    async () => makeLeaf(await makeAuthority('strangers', valid), { subject: 'edge', purpose: 'client', names: [], ...valid }),
  ],
] as const)('a certificate that %s fails the endpoint over', async (_, issue) => {
  const before = keeper.seen.length
  const gateway = await start(script, {}, { EDGE: presenting(keeper.port, await issue()) })
  for (let count = 0; count < 5; count += 1) expect(await ask(gateway)).toMatchObject({ status: 200, endpoint: 'other' })
  expect(keeper.seen.length).toBe(before)
})

test('key and certificate are exchanged under load, and no request fails', async () => {
  const secret = async () => JSON.stringify(await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey))
  const [oldKey, newKey] = await Promise.all([secret(), secret()])
  const [oldOne, newOne] = await Promise.all([client('edge old'), client('edge new')])
  let published: Running | undefined
  let held: { readonly at: number; readonly keys: ReturnType<typeof createLocalJWKSet> } | undefined
  // An ingress that reads the keys again each second from whichever version answers it, one at a time, and keeps those it has meanwhile.
  let reading = false
  const read = async (from: Running) => {
    reading = true
    const { status, body } = await ask(from, 'told.test', KEYS_PATH)
    if (status === 200) held = { at: Date.now(), keys: createLocalJWKSet(JSON.parse(body) as JSONWebKeySet) }
    reading = false
  }
  const keysOf = async () => {
    if (published === undefined) throw new Error('no version runs')
    if (held === undefined) await read(published)
    else if (!reading && Date.now() - held.at >= 1000) void read(published)
    if (held === undefined) throw new Error('no keys')
    return held.keys
  }
  const ingress = await startKeeper(keysOf)
  stops.push(ingress.stop)
  const own = await scriptFor(ingress.port, true)
  const version = (EDGE_SIGNING_KEY: string, EDGE_SIGNING_KEY_NEXT: string, certificate: Issued) =>
    start(own, { EDGE_SIGNING_KEY, EDGE_SIGNING_KEY_NEXT }, { EDGE: presenting(ingress.port, certificate) })
  // As docs/operations.md says: published, then swapped, then taken out.
  const versions = await Promise.all([
    version(oldKey, '', oldOne),
    version(oldKey, newKey, oldOne),
    version(newKey, oldKey, newOne),
    version(newKey, '', newOne),
  ])
  published = versions[0]
  await read(versions[0])
  // Each of them has its connections, as isolates have that take over while others end.
  for (const one of versions.slice(0, 2)) expect((await get(one, '/')).status).toBe(200)
  const results: ReturnType<typeof get>[] = []
  const [step, rate] = [1200, 200]
  const startedAt = Date.now()
  for (let sent = 0; ; sent += 1) {
    const due = startedAt + (sent * 1000) / rate
    const phase = Math.floor((due - startedAt) / step)
    if (phase > 6) break
    if (due > Date.now()) await new Promise((resolve) => setTimeout(resolve, due - Date.now()))
    // Even phases: one version alone; odd ones: it and the next, as a deploy spreads.
    const index = Math.min(versions.length - 1, phase >> 1)
    const next = Math.min(versions.length - 1, index + 1)
    published = versions[index]
    const gateway = versions[phase % 2 === 1 && sent % 2 === 1 ? next : index] as Running
    results.push(get(gateway, `/${sent % 50}`))
  }
  const answers = await Promise.all(results)
  const failed = answers.filter(({ status }) => status !== 200)
  console.log(`${answers.length} requests, ${failed.length} failed, ${ingress.refused.length} refused`)
  expect(failed.slice(0, 5)).toEqual([])
  expect(ingress.refused.slice(0, 5)).toEqual([])
  expect(new Set(ingress.seen)).toEqual(new Set(['edge old', 'edge new']))
}, 60_000)
