/** What a vantage learns of a certificate that an endpoint does not take: real handshakes between workerd and servers of Node.js. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleWorker } from '../../../cli/bundle-worker.ts'
import { type LocalCertificates, localCertificates } from '../../../cli/local/certificates.ts'
import { freePorts } from '../../../cli/local/ports.ts'
import type { ProbeResult } from '../../../durable-objects/policy/probe-result.ts'
import { COMPATIBILITY, type Running, startWorkers } from '../harness.ts'
import { targetFor } from './control-plane.ts'

const folder = mkdtempSync(join(tmpdir(), 'meridian-probe-'))
const servers: Server[] = []
let certificates: LocalCertificates
let running: Running
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
  for (const server of servers) server.closeAllConnections()
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  rmSync(folder, { recursive: true })
})

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
