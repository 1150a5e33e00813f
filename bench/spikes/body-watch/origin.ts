// A loopback origin on raw sockets: it can break HTTP in the middle, which node:http would not let it do.
import { randomFillSync } from 'node:crypto'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

export type Encoding = 'identity' | 'gzip' | 'br'
export type Framing = 'length' | 'chunked'

const bodies = new Map<string, Buffer>()

/** Incompressible bytes, so that an encoded body is as long on the wire as a plain one. */
export function bodyOf(encoding: Encoding, size: number): Buffer {
  const key = `${encoding} ${size}`
  let body = bodies.get(key)
  if (body === undefined) {
    const plain = randomFillSync(Buffer.alloc(size))
    body =
      encoding === 'gzip'
        ? gzipSync(plain, { level: 1 })
        : encoding === 'br'
          ? brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
          : plain
    bodies.set(key, body)
  }
  return body
}

const head = (encoding: Encoding, framing: Framing, length: number): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nETag: "spike"\r\n` +
  (encoding === 'identity' ? '' : `Content-Encoding: ${encoding}\r\n`) +
  (framing === 'length' ? `Content-Length: ${length}\r\n\r\n` : 'Transfer-Encoding: chunked\r\n\r\n')

const chunkOf = (framing: Framing, bytes: Buffer): Buffer =>
  framing === 'length' ? bytes : Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])

const TLS_HANDSHAKE = 0x16
const LAST_CHUNK = '0\r\n\r\n'

export interface Origin {
  readonly server: Server
  readonly port: number
  /** What the origin saw of a connection that it did not end itself: when it closed, after the request. */
  readonly closed: Map<string, number>
  readonly requests: string[]
}

export async function startOrigin(): Promise<Origin> {
  const closed = new Map<string, number>()
  const requests: string[] = []
  const server = createServer((socket) => {
    let pending = ''
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      if (data[0] === TLS_HANDSHAKE) return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      pending += data.toString('latin1')
      for (let at = pending.indexOf('\r\n\r\n'); at >= 0; at = pending.indexOf('\r\n\r\n')) {
        const text = pending.slice(0, at)
        pending = pending.slice(at + 4)
        if (requests.length < 100) requests.push(text)
        const url = new URL(text.split(' ', 2)[1] as string, 'http://origin')
        const id = url.searchParams.get('id')
        const started = performance.now()
        if (id !== null) socket.once('close', () => closed.set(id, Math.round(performance.now() - started)))
        if (url.pathname === '/body') serveBody(socket, url.searchParams)
        else FAULTS[url.pathname.slice(1)]?.(socket)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port, closed, requests }
}

function serveBody(socket: Socket, query: URLSearchParams): void {
  const encoding = query.get('encoding') as Encoding
  const framing = query.get('framing') as Framing
  const body = bodyOf(encoding, Number(query.get('size')))
  socket.cork()
  process.nextTick(() => socket.uncork())
  socket.write(head(encoding, framing, body.length))
  switch (query.get('do')) {
    case 'whole':
      socket.write(chunkOf(framing, body))
      if (framing === 'chunked') socket.write(LAST_CHUNK)
      break
    case 'fin':
      socket.end(chunkOf(framing, body.subarray(0, body.length / 2)))
      break
    case 'rst':
      socket.write(chunkOf(framing, body.subarray(0, body.length / 2)))
      setTimeout(() => socket.resetAndDestroy(), 100)
      break
    case 'trickle': {
      // Half at once, then one byte each 500 ms for 6 s, then the rest: a slow body that ends whole.
      const half = Math.floor(body.length / 2)
      socket.write(chunkOf(framing, body.subarray(0, half)))
      let at = half
      const timer = setInterval(() => {
        if (at < half + 12) {
          socket.write(chunkOf(framing, body.subarray(at, at + 1)))
          at += 1
        } else {
          clearInterval(timer)
          socket.write(chunkOf(framing, body.subarray(at)))
          if (framing === 'chunked') socket.write(LAST_CHUNK)
        }
      }, 500)
      socket.once('close', () => clearInterval(timer))
      break
    }
  }
}

const forever = (socket: Socket, piece: Buffer): void => {
  const timer = setInterval(() => socket.write(piece), 20)
  socket.once('close', () => clearInterval(timer))
}

/** What an origin can do to `fetch`. Each is a path. */
export const FAULTS: Record<string, (socket: Socket) => void> = {
  hang: () => {},
  'rst-before-headers': (socket) => socket.resetAndDestroy(),
  'fin-before-headers': (socket) => socket.end(),
  'fin-in-headers': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
  'rst-in-headers'(socket) {
    socket.write('HTTP/1.1 200 OK\r\nContent-Le')
    setTimeout(() => socket.resetAndDestroy(), 50)
  },
  'broken-status-line': (socket) => socket.end('HTTQ/9 banana\r\n\r\n'),
  'status-not-a-number': (socket) => socket.end('HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n'),
  'header-without-colon': (socket) => socket.end('HTTP/1.1 200 OK\r\nbanana\r\nContent-Length: 0\r\n\r\n'),
  'header-60-KiB': (socket) => socket.end(`HTTP/1.1 200 OK\r\nX-Big: ${'a'.repeat(60 * 1024)}\r\nContent-Length: 0\r\n\r\n`),
  'header-1-MiB': (socket) => socket.end(`HTTP/1.1 200 OK\r\nX-Big: ${'a'.repeat(1024 * 1024)}\r\nContent-Length: 0\r\n\r\n`),
  'more-than-declared': (socket) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n${'a'.repeat(20)}`),
  'fewer-then-fin': (socket) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${'a'.repeat(10)}`),
  'fewer-then-rst'(socket) {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${'a'.repeat(10)}`)
    setTimeout(() => socket.resetAndDestroy(), 50)
  },
  'chunked-then-fin': (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\naaaaaaaaaa\r\n'),
  'chunk-size-garbage': (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\naaaaaaaaaa\r\nzz\r\n'),
  'no-length-then-fin': (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\naaaaaaaaaa'),
  'no-length-then-rst'(socket) {
    socket.write('HTTP/1.1 200 OK\r\n\r\naaaaaaaaaa')
    setTimeout(() => socket.resetAndDestroy(), 50)
  },
  'length-and-chunked': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\naaa\r\n0\r\n\r\n'),
  'two-lengths': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\naaa'),
  'status-101-unasked': (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  'only-100-continue': (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'),
  'body-stops'(socket) {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\naaaaaaaaaa')
  },
  endless(socket) {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    forever(socket, chunkOf('chunked', Buffer.alloc(1000, 97)))
  },
}
