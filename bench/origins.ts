/**
 * A process of its own that plays three regional endpoints, each on a port of its own: `/bytes/N` answers N bytes, any
 * other path none, ready endpoints among them; a request body is read to its end first. Says its ports to its parent.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How many regions a gateway is measured with. */
const REGIONS = 3
/** Written at a time into a long body. */
const CHUNK = Buffer.alloc(64 * 1024, 'm')

function answer(request: IncomingMessage, response: ServerResponse): void {
  let left = Number(/^\/bytes\/(\d+)/.exec(request.url ?? '')?.[1] ?? 0)
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': left, 'cache-control': 'no-store' })
  const write = (): void => {
    while (left > 0) {
      const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length))
      left -= chunk.length
      if (!response.write(chunk)) return void response.once('drain', write)
    }
    response.end()
  }
  write()
}

const ports = await Promise.all(
  Array.from({ length: REGIONS }, async () => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      // The whole request first: what an endpoint does with a body, and how an upload is measured.
      request.once('end', () => answer(request, response)).resume()
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    return (server.address() as AddressInfo).port
  }),
)
process.send?.({ ports })
process.on('disconnect', () => process.exit(0))
