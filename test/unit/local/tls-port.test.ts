import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ANN_SPIFFE_ID, type LocalCertificates, type LocalClient, localCertificates } from '../../../cli/local/certificates.ts'
import { CONNECTION_HEADER, type Connection, readConnection, writeConnection } from '../../../cli/local/connection.ts'
import { startTlsPort, type TlsPort } from '../../../cli/local/tls-port.ts'

const KEY = 'key-of-this-run'

interface Seen {
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly connection: Connection | undefined
}

describe('the TLS port of a local run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-unit-'))
  let certificates: LocalCertificates
  let gateway: Server
  let tls: TlsPort
  let seen: Seen

  beforeAll(async () => {
    certificates = await localCertificates(folder)
    gateway = createServer(({ url, headers }, response) => {
      seen = { path: url, headers, connection: readConnection(String(headers[CONNECTION_HEADER]), KEY) }
      response.writeHead(418, { 'x-answered': 'yes' }).end('short and stout')
    })
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
    const { port: gatewayPort } = gateway.address() as { port: number }
    tls = await startTlsPort({ ...certificates, port: 0, gatewayPort, connectionKey: KEY })
  })
  afterAll(async () => {
    await tls.stop()
    await new Promise((resolve) => gateway.close(resolve))
    rmSync(folder, { recursive: true })
  })

  function ask(
    client?: LocalClient,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number | undefined; body: string }> {
    const pem = client === undefined ? undefined : readFileSync(certificates.clients[client], 'utf8')
    return new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port: tls.port, path: '/a//%2e?x=1', ca: certificates.authority, headers, agent: false }
      request({ ...to, ...(pem === undefined ? {} : { key: pem, cert: pem }) }, async (answer) => {
        let body = ''
        for await (const chunk of answer) body += String(chunk)
        resolve({ status: answer.statusCode, body })
      })
        .on('error', reject)
        .end()
    })
  }

  test.each([
    { client: 'ann', verified: 'SUCCESS' },
    { client: 'ann-expired', verified: 'FAILED:certificate has expired' },
    { client: 'stranger', verified: 'FAILED:unable to verify the first certificate' },
  ] as const)('lets $client through and says $verified', async ({ client, verified }) => {
    expect(await ask(client)).toEqual({ status: 418, body: 'short and stout' })
    const facts = seen.connection?.tlsClientAuth
    expect(facts).toMatchObject({ certPresented: '1', certVerified: verified, certRevoked: '0', certSubjectDN: 'CN=ann' })
    const leaf = new X509Certificate(Buffer.from(facts?.certRFC9440.slice(1, -1) ?? '', 'base64'))
    expect(leaf.subjectAltName).toBe(`URI:${ANN_SPIFFE_ID}`)
    expect(leaf.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(facts?.certFingerprintSHA256)
  })

  test('names the issuer that it knows by its key', async () => {
    await ask('ann')
    expect(seen.connection?.tlsClientAuth).toMatchObject({
      certIssuerSKI: expect.stringMatching(/^[0-9A-F]{40}$/),
      certIssuerDN: 'CN=Meridian local clients',
    })
  })

  test('lets a client without a certificate through', async () => {
    expect(await ask()).toMatchObject({ status: 418 })
    expect(seen.connection).toMatchObject({ tlsClientAuth: { certPresented: '0', certVerified: 'NONE' }, tlsVersion: 'TLSv1.3' })
  })

  test('passes a request as it is, without what only it may say', async () => {
    const forged = writeConnection({ ...(seen.connection as Connection), tlsVersion: 'forged' }, KEY)
    await ask('stranger', { 'MF-CF-Blob': '{"tlsClientAuth":{}}', [CONNECTION_HEADER]: forged, 'X-Kept': 'yes' })
    expect(seen.path).toBe('/a//%2e?x=1')
    expect(seen.headers['x-kept']).toBe('yes')
    expect(seen.headers['mf-cf-blob']).toBeUndefined()
    expect(seen.connection?.tlsVersion).toBe('TLSv1.3')
  })
})

test.each([
  ['another key', writeConnection({} as Connection, 'another'), KEY],
  ['no key', writeConnection({} as Connection, ''), ''],
  ['nothing', null, KEY],
  ['the key alone', KEY, KEY],
])('the gateway believes no connection told with %s', (_, value, key) => expect(readConnection(value, key)).toBeUndefined())
