/**
 * Endpoints that answer with what they saw, as those of the Gateway API's suite do: `?delay=`, `/status/NNN`, `/ws`, a simulator of
 * failures under `/retry/`, and response headers on request. A Worker cannot choose the Host that it sends: the gateway says the client's in
 * `x-forwarded-host`, and that is what an echo reports as host.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { readGatewayDuration } from '../import/gateway-api/duration.ts'

/** What an echo answers, in JSON. */
export interface Echo {
  /** With its query. */
  readonly path: string
  readonly host: string
  readonly method: string
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly namespace: string
  readonly pod: string
}

export interface EchoIdentity {
  readonly namespace: string
  /** Of its pods: their names begin with it. */
  readonly app: string
}

/** The endpoints of a run, each with a port of its own. */
export class EchoEndpoints {
  readonly #servers = new Map<string, Promise<Server>>()
  readonly #seen = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #sockets = new WebSocketServer({ noServer: true })

  /** The origin of an echo, started when it is first asked for. */
  async originOf(identity: EchoIdentity): Promise<string> {
    const key = `${identity.namespace}/${identity.app}`
    const started = this.#servers.get(key) ?? listening(this.#make(identity))
    this.#servers.set(key, started)
    return `http://127.0.0.1:${((await started).address() as AddressInfo).port}`
  }

  /** Requests that an echo has had for a path, mirrored ones among them. */
  seen(key: string, path: string): number {
    return this.#seen.get(`${key} ${path}`) ?? 0
  }

  async end(): Promise<void> {
    this.#sockets.close()
    for (const client of this.#sockets.clients) client.terminate()
    const servers = await Promise.all(this.#servers.values())
    await Promise.all(
      servers.map((server) => {
        const ended = new Promise((resolve) => server.close(resolve))
        server.closeAllConnections()
        return ended
      }),
    )
  }

  #make(identity: EchoIdentity): Server {
    const key = `${identity.namespace}/${identity.app}`
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      const url = new URL(request.url ?? '/', 'http://echo')
      const counted = `${key} ${url.pathname}`
      this.#seen.set(counted, (this.#seen.get(counted) ?? 0) + 1)
      request.resume()
      void this.#answer(request, response, url, identity)
    })
    server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
      if (!(request.url ?? '').startsWith('/ws')) return void socket.destroy()
      this.#sockets.handleUpgrade(request, socket, head, (client) =>
        client.on('message', (data, isBinary) => client.send(data, { binary: isBinary })),
      )
    })
    return server
  }

  async #answer(request: IncomingMessage, response: ServerResponse, url: URL, identity: EchoIdentity): Promise<void> {
    await pause(url.searchParams.get('delay'))
    if (url.pathname.startsWith('/retry/') && (await this.#fails(url, response))) return
    const [, status] = /^\/status\/(\d{3})$/.exec(url.pathname) ?? []
    response.statusCode = status === undefined ? 200 : Number(status)
    for (const [name, value] of wantedHeaders(request)) response.setHeader(name, value)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(describe(request, identity)))
  }

  /** The first `succeedAfter` requests of a uuid fail: with `responseCode`, or without an answer. */
  async #fails({ searchParams }: URL, response: ServerResponse): Promise<boolean> {
    const uuid = searchParams.get('uuid') ?? ''
    const failed = this.#failures.get(uuid) ?? 0
    if (failed >= Number(searchParams.get('succeedAfter') ?? 0)) return false
    this.#failures.set(uuid, failed + 1)
    await pause(searchParams.get('delayRetry'))
    const code = searchParams.get('responseCode')
    if (code === null) response.socket?.resetAndDestroy()
    else response.writeHead(Number(code)).end()
    return true
  }
}

async function listening(server: Server): Promise<Server> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

const pause = (length: string | null): Promise<void> =>
  new Promise((resolve) => (length === null ? resolve() : void setTimeout(resolve, readGatewayDuration(length) ?? 0)))

/** `X-Echo-Set-Header: name:value,name:value`. */
function wantedHeaders(request: IncomingMessage): readonly (readonly [string, string])[] {
  const wanted = request.headersDistinct['x-echo-set-header'] ?? []
  const pairs = wanted.flatMap((line) => line.split(',')).map((pair) => pair.trim().split(':'))
  return pairs.flatMap(([name, ...value]) =>
    name === undefined || name === '' || value.length === 0 ? [] : [[name, value.join(':').trim()] as const],
  )
}

function describe(request: IncomingMessage, { namespace, app }: EchoIdentity): Echo {
  const headers = Object.fromEntries(Object.entries(request.headersDistinct).map(([name, values]) => [name, values ?? []]))
  return {
    path: request.url ?? '',
    host: headers['x-forwarded-host']?.[0] ?? request.headers.host ?? '',
    method: request.method ?? '',
    headers,
    namespace,
    pod: `${app}-0`,
  }
}
