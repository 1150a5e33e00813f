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

/**
 * A port on which nobody listens, and nobody will: it is the near end of a connection that is kept. A port that was only let go of again may be
 * given to whoever asks for a free one next, the gateway itself.
 */
export async function refusingEndpoint(): Promise<TestEndpoint> {
  const far = net.createServer((socket) => void socket.on('error', () => {}))
  const near = net.connect(await listening(far), '127.0.0.1')
  near.on('error', () => {})
  await new Promise<void>((resolve) => near.once('connect', () => resolve()))
  return { origin: `http://127.0.0.1:${near.localPort}`, stop: () => end(far, () => near.destroy()) }
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
