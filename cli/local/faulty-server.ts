/**
 * One HTTP or HTTPS port that can be broken at the socket. It carries out a `Breakage`; which fault means which breakage on which
 * port is decided by `breakage.ts`, and what a well ingress answers by `sample-answers.ts`.
 */
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Breakage } from './breakage.ts'
import { answerBroken } from './broken-answers.ts'
import type { LocalCertificates } from './certificates.ts'
import { type SilentPort, silencePort } from './silent-port.ts'

export interface FaultyServerOptions {
  readonly port: number
  /** Without them it speaks plain HTTP, as the ready ports of meshes do. */
  readonly certificates?: LocalCertificates
  /** In PEM: whoever has no certificate of it is not let in. */
  readonly clientAuthority?: string
  /** Called for each request that was read, before anything is broken: the place to count. */
  readonly saw: (request: IncomingMessage) => void
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** The body of a 503. */
  readonly unavailable: string
}

export class FaultyServer {
  readonly #options: FaultyServerOptions
  readonly #http: HttpServer | HttpsServer
  readonly #sockets = new Map<number, Socket>()
  #listener: Server | undefined
  #silent: SilentPort | undefined
  #breakage: Breakage = { listen: 'yes', accept: 'serve', certificate: 'right', answer: { kind: 'well' } }
  #port: number

  constructor(options: FaultyServerOptions) {
    this.#options = options
    this.#port = options.port
    const { certificates, clientAuthority: ca } = options
    const asks = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
    this.#http =
      certificates === undefined
        ? createHttpServer()
        : createHttpsServer({ key: certificates.key, cert: certificates.certificate, ...asks })
    // Idle connections are the caller's to end: one that we end while a request is on its way would look like an outage.
    this.#http.keepAliveTimeout = 0
    this.#http.headersTimeout = 0
    this.#http.requestTimeout = 0
    this.#http.on('request', (request: IncomingMessage, response: ServerResponse) => this.#serve(request, response))
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head))
    this.#http.on('tlsClientError', () => undefined)
    this.#http.on('clientError', (_error, socket) => socket.destroy())
  }

  get port(): number {
    return this.#port
  }

  /** Connections made so far, those included that were never answered. */
  connections = 0

  async start(): Promise<void> {
    const listener = createServer((socket) => this.#accept(socket))
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (listener.address() as { port: number }).port
    this.#listener = listener
  }

  /** Breaks or heals. What cannot be kept across the change is cut: sockets of a hang, of another certificate, of a closed listener. */
  async set(next: Breakage): Promise<void> {
    const before = this.#breakage
    this.#breakage = next
    if (before.certificate !== next.certificate) this.#useCertificate(next.certificate)
    if (next.listen !== 'yes') await this.#stopListening()
    if (next.listen === 'no' || before.certificate !== next.certificate || before.accept === 'ignore') this.#cutSockets()
    if (next.listen === 'silently') this.#silent ??= await silencePort(this.#port)
    else await this.#endSilence()
    if (next.listen === 'yes' && this.#listener === undefined) await this.start()
  }

  async stop(): Promise<void> {
    await this.#stopListening()
    await this.#endSilence()
    this.#cutSockets()
  }

  #accept(socket: Socket): void {
    this.connections += 1
    const port = socket.remotePort ?? 0
    this.#sockets.set(port, socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(port))
    if (this.#breakage.accept === 'serve') this.#http.emit('connection', socket)
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { accept, answer } = this.#breakage
    response.on('error', () => undefined)
    if (accept === 'ignore') {
      request.socket.pause()
      return
    }
    this.#options.saw(request)
    if (answer.kind === 'well') this.#options.answer(request, response)
    else
      answerBroken(answer, {
        request,
        response,
        unavailable: this.#options.unavailable,
        reset: () => this.#sockets.get(request.socket.remotePort ?? 0)?.resetAndDestroy(),
        answerWell: () => this.#options.answer(request, response),
      })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { accept, answer } = this.#breakage
    socket.on('error', () => undefined)
    if (accept === 'ignore') return
    this.#options.saw(request)
    if (answer.kind === 'well' && this.#options.upgrade !== undefined) this.#options.upgrade(request, socket, head)
    else socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
  }

  #useCertificate(which: Breakage['certificate']): void {
    if (this.#options.certificates === undefined || !('setSecureContext' in this.#http)) return
    const { key, certificate, wrongKey, wrongCertificate } = this.#options.certificates
    const { clientAuthority: ca } = this.#options
    const shows = which === 'right' ? { key, cert: certificate } : { key: wrongKey, cert: wrongCertificate }
    this.#http.setSecureContext(ca === undefined ? shows : { ...shows, ca })
  }

  async #stopListening(): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    // `close` calls back only when every connection has ended; the port is free at once.
    listener?.close()
  }

  async #endSilence(): Promise<void> {
    const silent = this.#silent
    this.#silent = undefined
    await silent?.end()
  }

  #cutSockets(): void {
    for (const socket of this.#sockets.values()) socket.resetAndDestroy()
  }
}
