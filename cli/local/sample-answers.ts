/** What a well sample ingress answers: which region it is, what it was sent, and a few shapes of answers to try a proxy with. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { WebSocketServer } from 'ws'

export interface Place {
  readonly id: string
  readonly cloud: string
  readonly region: string
  readonly mesh: string
}

/** The largest `/bytes/N`. */
const BYTES_MAX = 1024 * 1024 * 1024
const CHUNK = Buffer.alloc(64 * 1024, 'meridian ')
const SSE_EVERY_MS = 250
const WAIT_MAX_MS = 600_000

export function sampleAnswers(place: Place) {
  const sockets = new WebSocketServer({ noServer: true })
  sockets.on('connection', (socket) => {
    socket.send(`hello from ${place.id}`)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.on('error', () => undefined)
  })
  return {
    answer: (request: IncomingMessage, response: ServerResponse) => answer(place, request, response),
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request)),
  }
}

function answer(place: Place, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('x-sample-endpoint', place.id)
  response.setHeader('x-sample-place', `${place.cloud}/${place.region}`)
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const [, first, second] = path.split('/')
  if (path === '/') text(response, `Hello from ${place.id}: ${place.cloud} ${place.region}, behind an ingress of ${place.mesh}.\n`)
  else if (first === 'bytes') sendBytes(response, Math.min(Number(second) || 0, BYTES_MAX))
  else if (first === 'sse') sendEvents(place, response)
  else if (first === 'slow') {
    const timer = setTimeout(() => echo(place, request, response), Math.min(Number(second) || 0, WAIT_MAX_MS))
    response.on('close', () => clearTimeout(timer))
  } else echo(place, request, response)
}

function text(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) }).end(body)
}

function sendBytes(response: ServerResponse, size: number): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
  let left = size
  const pump = (): void => {
    while (left > 0) {
      const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length))
      left -= chunk.length
      if (!response.write(chunk)) {
        response.once('drain', pump)
        return
      }
    }
    response.end()
  }
  pump()
}

function sendEvents(place: Place, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  let count = 0
  const send = (): void => {
    count += 1
    response.write(`id: ${count}\ndata: ${JSON.stringify({ from: place.id, count })}\n\n`)
  }
  send()
  const timer = setInterval(send, SSE_EVERY_MS)
  response.on('close', () => clearInterval(timer))
}

/** Says back what arrived. `/gzip/…` says it compressed. */
function echo(place: Place, request: IncomingMessage, response: ServerResponse): void {
  const hash = createHash('sha256')
  let bodyBytes = 0
  request.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.length
    hash.update(chunk)
  })
  request.on('end', () => {
    const said = {
      ...place,
      method: request.method,
      path: request.url,
      attempt: Number(request.headers['meridian-attempt'] ?? 1),
      headers: request.headers,
      body: { bytes: bodyBytes, sha256: hash.digest('hex') },
    }
    const body = Buffer.from(`${JSON.stringify(said, null, 2)}\n`)
    const gzip = request.url?.startsWith('/gzip') === true
    const sent = gzip ? gzipSync(body) : body
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': sent.length,
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    })
    response.end(sent)
  })
}
