/** Endpoints and clients that speak WebSocket, and what they have heard. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws'
import type { TestEndpoint } from './endpoints.ts'

export interface Heard {
  readonly code: number
  readonly reason: string
}

export interface SocketEndpoint extends TestEndpoint {
  /** The last one that was accepted. */
  readonly last: () => WebSocket
  readonly requests: readonly IncomingMessage[]
  /** How sockets have closed, in order. */
  readonly closed: readonly Heard[]
}

/** Echoes messages, text as text. Of several sub-protocols it takes the second. */
export async function webSocketEndpoint(name = ''): Promise<SocketEndpoint> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload: 256 * 1024 * 1024,
    handleProtocols: (offered) => [...offered][1] ?? [...offered][0] ?? false,
  })
  await once(server, 'listening')
  const sockets: WebSocket[] = []
  const requests: IncomingMessage[] = []
  const closed: Heard[] = []
  server.on('connection', (socket, request) => {
    sockets.push(socket)
    requests.push(request)
    socket.on('message', (message, isBinary) => socket.send(isBinary ? message : `${name}${message}`, { binary: isBinary }))
    socket.on('close', (code, reason) => closed.push({ code, reason: reason.toString() }))
    socket.on('error', () => {})
  })
  const last = (): WebSocket => {
    const socket = sockets.at(-1)
    if (socket === undefined) throw new Error('nobody has connected')
    return socket
  }
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.terminate()
    server.close()
  }
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop, last, requests, closed }
}

export interface Client {
  readonly socket: WebSocket
  readonly closed: Promise<Heard>
  readonly say: (message: string | Buffer) => void
  readonly hear: () => Promise<string | Buffer>
  readonly headers: IncomingMessage['headers']
}

/** Resolves when it is open; rejects with the status when it was refused. */
export async function connect(
  port: number,
  options: ClientOptions & { readonly protocols?: readonly string[]; readonly path?: string } = {},
): Promise<Client> {
  const { protocols = [], path = '/socket', ...rest } = options
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], {
    maxPayload: 256 * 1024 * 1024,
    ...rest,
    headers: { host: 'shop.test', ...rest.headers },
  })
  let headers: IncomingMessage['headers'] = {}
  socket.on('upgrade', (answer) => (headers = answer.headers))
  const closed = new Promise<Heard>((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })))
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
    socket.on('unexpected-response', (_, answer) => {
      reject(Object.assign(new Error(`refused with ${answer.statusCode}`), { answer }))
      answer.resume()
    })
  })
  const heard: (string | Buffer)[] = []
  let wake: (() => void) | undefined
  socket.on('message', (message, isBinary) => {
    heard.push(isBinary ? (message as Buffer) : message.toString())
    wake?.()
  })
  const hear = async (): Promise<string | Buffer> => {
    while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return heard.shift() ?? ''
  }
  return { socket, closed, say: (message) => socket.send(message), hear, headers }
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}
