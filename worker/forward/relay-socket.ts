/**
 * Sits in the middle of a WebSocket: takes both ends, passes messages and closing frames on, and ends both when its rules say so. Costs CPU for
 * each message, so only routes that ask for it have it. Everything here happens within the request that brought the socket; what other requests
 * know of health is read, never awaited from them.
 */
import type { SocketRelaySettings } from '../../config/socket-relay.ts'
import { ms } from '../../config/units.ts'
import type { HeldHealth } from '../policy/held-health.ts'
import type { Candidate } from '../policy/route-state.ts'
import {
  CLOSING,
  dropSocket,
  LOOK_EVERY,
  moveAfter,
  type OwnEnd,
  type RelayedSocket,
  ruleMessage,
  type SocketEnd,
  type SocketsHeld,
  shouldMove,
} from '../policy/socket-rules.ts'
import type { Platform } from '../ports.ts'

export interface RelayParts {
  readonly candidate: Candidate
  readonly settings: SocketRelaySettings
  readonly held: SocketsHeld
  readonly socket: RelayedSocket
  /** Of the fetch that brought the endpoint's end. */
  readonly abort: AbortController
  /** What the isolate holds now; keeps it fresh. */
  readonly look: () => HeldHealth | Promise<HeldHealth>
  readonly onEnd: (end: SocketEnd, code: number) => void
}

/** Closing frames say no code with 1005, and none was said with 1006: neither may be sent. */
const NO_CODE = 1005
const LOST = 1006
/** For what has been sent to arrive before a connection is cut. */
const LINGER = ms(250)
/** For the other side's closing frame, and for whoever reads slowly to read what is left. */
const GRACE = ms(10_000)

/** The answer for the client, with our end of a pair in it. */
export function relaySocket(response: Response, endpoint: WebSocket, parts: RelayParts, platform: Platform): Response {
  const pair = new WebSocketPair()
  new SocketRelay(pair[1], endpoint, parts, platform).start()
  const { status, statusText, headers } = response
  return new Response(null, { status, statusText, headers, webSocket: pair[0] })
}

interface Side {
  readonly name: 'client' | 'endpoint'
  readonly socket: WebSocket
  /** Its closing frame has come, or its connection is gone. */
  gone: boolean
}

class SocketRelay {
  readonly #client: Side
  readonly #endpoint: Side
  readonly #parts: RelayParts
  readonly #platform: Platform
  #end: SocketEnd | undefined
  #code = 0
  #isOver = false
  #cancelLook: (() => void) | undefined
  #cancelCut: (() => void) | undefined

  constructor(client: WebSocket, endpoint: WebSocket, parts: RelayParts, platform: Platform) {
    this.#client = { name: 'client', socket: client, gone: false }
    this.#endpoint = { name: 'endpoint', socket: endpoint, gone: false }
    this.#parts = parts
    this.#platform = platform
  }

  start(): void {
    this.#listen(this.#client, this.#endpoint)
    this.#listen(this.#endpoint, this.#client)
    this.#lookLater()
  }

  #listen(from: Side, to: Side): void {
    const { socket } = from
    socket.binaryType = 'arraybuffer'
    socket.accept({ allowHalfOpen: true })
    socket.addEventListener('message', ({ data }) => this.#pass(from, to, data as string | ArrayBuffer))
    socket.addEventListener('close', ({ code, reason }) => this.#closed(from, to, code, reason))
    socket.addEventListener('error', () => this.#closed(from, to, LOST, ''))
  }

  #pass(from: Side, to: Side, data: string | ArrayBuffer): void {
    if (this.#isOurs()) return
    const size = typeof data === 'string' ? data.length : data.byteLength
    const ruled = ruleMessage(from.name, size, this.#parts)
    if (ruled === undefined) quietly(() => to.socket.send(data))
    else this.#endBoth(ruled)
  }

  /** The first closing frame is passed on, and answered with what the other side answers. */
  #closed(from: Side, to: Side, code: number, reason: string): void {
    if (from.gone) return
    from.gone = true
    if (this.#end === undefined) {
      this.#begin(code === LOST ? `${from.name}-lost` : from.name, code)
      if (code === LOST) this.#cutAfter(LINGER)
      else this.#cutAfter(GRACE)
    }
    if (code !== LOST && !this.#isOurs()) close(to.socket, code, reason)
    else if (code === LOST && to.gone) close(to.socket, this.#code, '')
    if (to.gone) this.#finish()
  }

  #endBoth(why: OwnEnd): void {
    const { client, endpoint, reason } = CLOSING[why]
    this.#begin(why, client)
    close(this.#client.socket, client, reason)
    close(this.#endpoint.socket, endpoint, reason)
    this.#cutAfter(GRACE)
  }

  #begin(end: SocketEnd, code: number): void {
    this.#end = end
    this.#code = code
    this.#cancelLook?.()
  }

  #isOurs(): boolean {
    return this.#end !== undefined && this.#end in CLOSING
  }

  /** Whoever has not answered by then is cut off. Of the client's end only the platform can let go, and of the whole request with it. */
  #cutAfter(length: typeof LINGER): void {
    this.#cancelCut = this.#platform.wakeAfter(length, () => {
      if (!this.#endpoint.gone) this.#parts.abort.abort()
      const clientStays = !this.#client.gone
      this.#finish()
      if (!clientStays || this.#platform.cut === undefined) close(this.#client.socket, clientStays ? 1011 : this.#code, '')
      else this.#platform.cut('a relayed WebSocket lost its other side')
    })
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelCut?.()
    dropSocket(this.#parts.held, this.#parts.socket)
    this.#parts.onEnd(this.#end ?? 'client-lost', this.#code)
  }

  #lookLater(): void {
    this.#cancelLook = this.#platform.wakeAfter(LOOK_EVERY, () => void this.#look())
  }

  async #look(): Promise<void> {
    this.#parts.socket.seenAt = this.#platform.now()
    const moves = await this.#shouldMove()
    if (this.#end !== undefined) return
    if (!moves) return this.#lookLater()
    this.#cancelLook = this.#platform.wakeAfter(moveAfter(this.#parts.settings, this.#platform.draw()), () => void this.#move())
  }

  /** By now the endpoint may be back. */
  async #move(): Promise<void> {
    const moves = await this.#shouldMove()
    if (this.#end !== undefined) return
    if (moves) this.#endBoth('drained')
    else this.#lookLater()
  }

  async #shouldMove(): Promise<boolean> {
    const health = await this.#parts.look()
    return shouldMove(this.#parts.candidate, health, this.#platform.now())
  }
}

function close(socket: WebSocket, code: number, reason: string): void {
  quietly(() => (code === NO_CODE || code === LOST ? socket.close() : socket.close(code, reason)))
}

/** A socket that is closing refuses what a moment ago it would have taken. */
function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // Its own close event says what there is to know.
  }
}
