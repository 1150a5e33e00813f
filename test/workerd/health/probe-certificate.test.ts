/** What a vantage learns by its probes of certificates that an endpoint does not take, and by each kind of monitor: workerd against real servers of Node.js. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleWorker } from '../../../cli/bundle-worker.ts'
import { type LocalCertificates, localCertificates } from '../../../cli/local/certificates.ts'
import { freePorts } from '../../../cli/local/ports.ts'
import type { Monitor } from '../../../config/base.ts'
import { ms } from '../../../config/units.ts'
import type { ProbeResult } from '../../../durable-objects/policy/probe-result.ts'
import { bodyOf, httpEndpoint, socketEndpoint, type TestEndpoint } from '../gateway/endpoints.ts'
import { type SocketEndpoint, webSocketEndpoint } from '../gateway/web-sockets.ts'
import { COMPATIBILITY, type Running, startWorkers } from '../harness.ts'
import { targetFor } from './control-plane.ts'

const folder = mkdtempSync(join(tmpdir(), 'meridian-probe-'))
const servers: Server[] = []
let certificates: LocalCertificates
let running: Running
let sockets: SocketEndpoint
let calls: TestEndpoint
/** Demands a certificate in the handshake; demands one under TLS 1.2; asks for one and ends a connection with a bad one. */
const ports = { demands: 0, 'demands with TLS 1.2': 0, asks: 0, nobody: 0 }

async function listen(options: object, onSecure?: (socket: TLSSocket) => void): Promise<number> {
  const { key, certificate: cert, authority: ca } = certificates
  const server = createServer({ key, cert, ca, requestCert: true, ...options }, (_, response) => response.end('ready'))
  server.on('tlsClientError', () => undefined)
  if (onSecure !== undefined) server.on('secureConnection', onSecure)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  certificates = await localCertificates(folder)
  ports.demands = await listen({ rejectUnauthorized: true })
  ports['demands with TLS 1.2'] = await listen({ rejectUnauthorized: true, maxVersion: 'TLSv1.2' })
  ports.asks = await listen({ rejectUnauthorized: false }, (socket) => {
    if (!socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0) socket.destroy()
  })
  sockets = await webSocketEndpoint()
  calls = await httpEndpoint(answerCall)
  ports.nobody = (await freePorts(1))[0] ?? 0
  const network = { allow: ['public', 'private'], deny: [] }
  const { authority, gatewayKey, gatewayCertificate, expiredGateway } = certificates
  const presenting = (privateKey: string, certificateChain: string) => ({
    network: { ...network, tlsOptions: { trustedCertificates: [authority], keypair: { privateKey, certificateChain } } },
  })
  running = await startWorkers([
    {
      name: 'probing',
      modules: true,
      script: await bundleWorker('test/workerd/workers/probing.ts', { name: 'nothing in place of anything', setup: () => {} }),
      ...COMPATIBILITY,
      serviceBindings: {
        ANYBODY: { network: { ...network, tlsOptions: { trustedCertificates: [authority] } } },
        GOOD: presenting(gatewayKey, gatewayCertificate),
        EXPIRED: presenting(expiredGateway.key, expiredGateway.certificate),
      },
    },
  ])
})

afterAll(async () => {
  await running?.stop()
  await Promise.all([sockets.stop(), calls.stop()])
  for (const server of servers) server.closeAllConnections()
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  rmSync(folder, { recursive: true })
})

/** A server of gRPC-Web: `whole` serves, every other service is not known; one that is asked about as a whole does not serve. */
async function answerCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = (await bodyOf(request)).subarray(7).toString()
  const isCall = request.headers['content-type'] === 'application/grpc-web+proto' && request.url === '/grpc.health.v1.Health/Check'
  response.setHeader('content-type', 'application/grpc-web+proto')
  if (!isCall) response.writeHead(404).end()
  else if (asked === 'cut') response.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]))
  else if (asked !== 'whole' && asked !== '') response.setHeader('grpc-status', '5').end()
  else {
    const trailers = Buffer.from('grpc-status:0\r\n')
    response.end(Buffer.concat([Buffer.from([0, 0, 0, 0, 2, 8, asked === 'whole' ? 1 : 2, 0x80, 0, 0, 0, trailers.length]), trailers]))
  }
}

async function ask(parts: Partial<Monitor>): Promise<ProbeResult> {
  const { monitor } = targetFor('open', 0, parts)
  return (await (await fetch(running.url, { method: 'POST', body: JSON.stringify(monitor) })).json()) as ProbeResult
}

async function probe(port: number, clientCertificate: string): Promise<ProbeResult> {
  const { monitor } = targetFor('guarded', port, { url: `https://127.0.0.1:${port}/ready`, clientCertificate })
  return (await (await fetch(running.url, { method: 'POST', body: JSON.stringify(monitor) })).json()) as ProbeResult
}

test.each(['demands', 'demands with TLS 1.2', 'asks'] as const)('a good one passes where an endpoint %s', async (endpoint) => {
  expect(await probe(ports[endpoint], 'GOOD')).toMatchObject({ kind: 'passed', status: 200 })
})

test.each([
  ['demands', 'it ends connections that present EXPIRED in another way'],
  ['asks', 'it breaks off connections that present EXPIRED, and takes those without'],
] as const)('an expired one is named where an endpoint %s', async (endpoint, said) => {
  expect(await probe(ports[endpoint], 'EXPIRED')).toMatchObject({
    kind: 'failed',
    phase: 'certificate',
    detail: expect.stringContaining(said),
  })
})

test('with TLS 1.2 an endpoint that demands one ends both alike, and nothing is said of the certificate', async () => {
  expect(await probe(ports['demands with TLS 1.2'], 'EXPIRED')).toMatchObject({ kind: 'failed', phase: 'connect' })
})

test.each(['GOOD', 'EXPIRED'])('an endpoint where nobody listens is dead, and %s is not to blame', async (binding) => {
  expect(await probe(ports.nobody, binding)).toMatchObject({ kind: 'failed', phase: 'connect' })
})

test('without the binding the failure says so', async () => {
  expect(await probe(ports.demands, 'ABSENT')).toMatchObject({
    kind: 'failed',
    detail: expect.stringContaining('without a certificate, for want of a binding ABSENT'),
  })
})

test('a WebSocket that is accepted passes, and is closed', async () => {
  expect(await ask({ kind: 'websocket', url: `${sockets.origin}/socket` })).toMatchObject({ kind: 'passed', status: 101 })
  await expect.poll(() => sockets.closed.at(-1)?.code, { interval: 10 }).toBe(1000)
})

test('whoever accepts none fails', async () => {
  const result = await ask({ kind: 'websocket', url: `${calls.origin}/socket` })
  expect(result).toMatchObject({ kind: 'failed', phase: 'status', status: 404, detail: 'status 404, and no WebSocket' })
})

test.each([
  ['whole', { kind: 'passed', status: 200 }],
  ['', { kind: 'failed', phase: 'status', detail: 'it says NOT_SERVING' }],
  ['other', { kind: 'failed', phase: 'status', detail: 'grpc-status 5' }],
  ['cut', { kind: 'failed', phase: 'body', detail: 'it is no gRPC-Web, or has no end' }],
])('gRPC asked about the service "%s"', async (service, expected) => {
  expect(await ask({ kind: 'grpc', service, url: `${calls.origin}/grpc.health.v1.Health/Check` })).toMatchObject(expected)
})

test('a handshake that nobody finishes is late, one that is broken off fails', async () => {
  const silent = await socketEndpoint(() => undefined)
  const rude = await socketEndpoint((socket) => socket.destroy())
  try {
    const tls = (origin: string) => ask({ kind: 'tls', timeout: ms(300), url: origin.replace('http:', 'https:') })
    expect(await tls(silent.origin)).toMatchObject({ kind: 'failed', phase: 'timeout', detail: 'no answer in 300 ms' })
    expect(await tls(rude.origin)).toMatchObject({ kind: 'failed', phase: 'connect' })
  } finally {
    await Promise.all([silent.stop(), rude.stop()])
  }
})

test('a handshake with a certificate that nobody believes fails', async () => {
  expect(await ask({ kind: 'tls', url: `https://127.0.0.1:${ports.asks}/` })).toMatchObject({ kind: 'failed' })
})
