/**
 * The TLS port of `npm start -- --mtls`, in front of the local gateway: it asks every client for a certificate, takes any or none, and
 * passes on what it saw. Whether a certificate is good is for the gateway to say, as at the edge.
 */
import { constants } from 'node:crypto'
import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, request as sendRequest } from 'node:http'
import { createServer } from 'node:https'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { clientCertificateFacts } from './client-certificate-facts.ts'
import { CONNECTION_HEADER, writeConnection } from './connection.ts'

export interface TlsPortOptions {
  readonly port: number
  readonly key: string
  readonly certificate: string
  /** Whose client certificates this port calls verified, in PEM. */
  readonly clientAuthority: string
  /** Of the gateway, plain HTTP on loopback. */
  readonly gatewayPort: number
  /** Opens `CONNECTION_HEADER`. */
  readonly connectionKey: string
}

export interface TlsPort {
  readonly port: number
  readonly stop: () => Promise<void>
}

export async function startTlsPort(options: TlsPortOptions): Promise<TlsPort> {
  const server = createServer({
    key: options.key,
    cert: options.certificate,
    ca: options.clientAuthority,
    requestCert: true,
    rejectUnauthorized: false,
    // A resumed session does not say what the client presented.
    secureOptions: constants.SSL_OP_NO_TICKET,
  })
  server.on('request', (request, response) => pass(request, response, options))
  server.on('upgrade', (request, socket, head) => passUpgrade(request, socket, head, options))
  server.on('tlsClientError', () => undefined)
  server.on('clientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as { port: number }).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function pass(request: IncomingMessage, response: ServerResponse, options: TlsPortOptions): void {
  const { method, url: path } = request
  const outgoing = sendRequest({ host: '127.0.0.1', port: options.gatewayPort, method, path, headers: headersFor(request, options) })
  outgoing.on('response', (answer) => {
    // Headers of one connection are this one's own.
    const { connection: _connection, 'keep-alive': _keepAlive, 'transfer-encoding': _coding, ...headers } = answer.headersDistinct
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers as OutgoingHttpHeaders)
    answer.on('error', () => response.destroy()).pipe(response)
  })
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(502, { 'content-type': 'text/plain' }).end('the local gateway cannot be reached\n')
  })
  response.on('close', () => outgoing.destroy())
  request.on('error', () => outgoing.destroy()).pipe(outgoing)
}

/** What the gateway answers to an upgrade goes back as it is. */
function passUpgrade(request: IncomingMessage, client: Duplex, head: Buffer, options: TlsPortOptions): void {
  const gateway = connect(options.gatewayPort, '127.0.0.1', () => {
    const headers = headersFor(request, options)
    const lines = headers.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`))
    gateway.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('')}connection: Upgrade\r\n\r\n`)
    gateway.write(head)
    gateway.pipe(client).pipe(gateway)
  })
  for (const [one, other] of [
    [gateway, client],
    [client, gateway],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

/** As they came, name after value, but for those of the connection, and with what only this port may say. */
function headersFor({ rawHeaders, socket }: IncomingMessage, { connectionKey }: TlsPortOptions): string[] {
  const kept: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2)
    if (!OURS.test(name)) kept.push(name, value)
  }
  return [...kept, CONNECTION_HEADER, connectionOf(socket as TLSSocket, connectionKey)]
}

/** Of this connection, of the local runtime, and of the port itself. */
const OURS = new RegExp(`^(connection|keep-alive|mf-.*|${CONNECTION_HEADER})$`, 'i')

/** A connection is looked at once, however many requests it carries. */
const seen = new WeakMap<TLSSocket, string>()

function connectionOf(socket: TLSSocket, key: string): string {
  const known = seen.get(socket)
  if (known !== undefined) return known
  const [tlsVersion, tlsCipher] = [socket.getProtocol() ?? '', socket.getCipher().standardName]
  const written = writeConnection({ tlsClientAuth: clientCertificateFacts(socket), tlsVersion, tlsCipher }, key)
  seen.set(socket, written)
  return written
}
