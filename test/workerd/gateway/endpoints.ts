/** Endpoints of the tests: servers on sockets of the loopback that behave, or misbehave, byte by byte. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import net from 'node:net'

export interface TestEndpoint {
  readonly origin: string
  readonly stop: () => Promise<void>
}

const listening = (server: net.Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port)))

/** A server that speaks HTTP. */
export async function httpEndpoint(answer: RequestListener): Promise<TestEndpoint> {
  const server = createServer({ keepAliveTimeout: 1000 }, answer)
  const port = await listening(server)
  return { origin: `http://127.0.0.1:${port}`, stop: () => end(server, () => server.closeAllConnections()) }
}

/** A server that does with each connection what it likes. */
export async function socketEndpoint(answer: (socket: net.Socket) => void): Promise<TestEndpoint> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    answer(socket)
  })
  const port = await listening(server)
  return { origin: `http://127.0.0.1:${port}`, stop: () => end(server, () => sockets.forEach((socket) => void socket.destroy())) }
}

/** A port on which nobody listens. */
export async function refusingEndpoint(): Promise<TestEndpoint> {
  const server = net.createServer()
  const port = await listening(server)
  await end(server, () => {})
  return { origin: `http://127.0.0.1:${port}`, stop: async () => {} }
}

/** Answers each request, once its head has come, with these bytes and ends. */
export const rubbish = (bytes: string | Buffer) => (socket: net.Socket) => void socket.once('data', () => socket.end(bytes))

const end = (server: net.Server, drop: () => void): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    drop()
  })

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
