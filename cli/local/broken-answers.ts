/** How a request that was read is answered badly. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './breakage.ts'

interface BrokenExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The body of a 503. */
  readonly unavailable: string
  /** Sends RST. */
  readonly reset: () => void
  readonly answerWell: () => void
}

/** Small enough for a route that buffers, large enough to be cut in two. */
const HALVED_BODY_BYTES = 8 * 1024
/** Time for the first half to leave before the reset overtakes it. */
const BEFORE_RESET_MS = 20
const DRIP_EVERY_MS = 500
const DRIP_BYTES = 200

let turns = 0

/** Evenly spread. */
function isTurn(share: number): boolean {
  const before = Math.floor(turns * share)
  turns += 1
  return Math.floor(turns * share) > before
}

export function answerBroken(answer: Answer, exchange: BrokenExchange): void {
  const { request, response, unavailable, reset, answerWell } = exchange
  // What answers well reads the body itself.
  if (answer.kind !== 'late' && answer.kind !== 'sometimes' && answer.kind !== 'bad-version') request.resume()
  switch (answer.kind) {
    case 'well':
      answerWell()
      return
    case 'reset':
      reset()
      return
    case 'unavailable':
      response.writeHead(503, { 'content-type': 'text/plain' }).end(unavailable)
      return
    case 'no-upstream':
      response
        .writeHead(503, { 'content-type': 'text/plain', server: 'istio-envoy', 'x-envoy-upstream-service-time': '0' })
        .end('no healthy upstream')
      return
    case 'too-many':
      response.writeHead(429, { 'content-type': 'text/plain', 'retry-after': '5' }).end('too many requests\n')
      return
    case 'sometimes':
      if (isTurn(answer.share)) response.writeHead(503, { 'content-type': 'text/plain' }).end(unavailable)
      else answerWell()
      return
    case 'bad-version':
      if (request.headers['x-version'] === 'next' && isTurn(answer.share))
        response.writeHead(500, { 'content-type': 'text/plain' }).end('the new version has failed\n')
      else answerWell()
      return
    case 'late':
      if (Math.random() < answer.share) setTimeout(() => response.destroyed || answerWell(), answer.delayMs)
      else answerWell()
      return
    case 'half':
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': HALVED_BODY_BYTES })
      response.write('x'.repeat(HALVED_BODY_BYTES / 2), () => setTimeout(reset, BEFORE_RESET_MS))
      return
    case 'drip': {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': DRIP_BYTES })
      response.flushHeaders()
      let left = DRIP_BYTES
      const timer = setInterval(() => {
        left -= 1
        if (left > 0) response.write('x')
        else response.end('x')
      }, DRIP_EVERY_MS)
      response.on('close', () => clearInterval(timer))
      return
    }
    case 'garbage':
      request.socket.end('\u0000\u0001 this is not HTTP \u00ff\r\n\r\n')
      return
    default:
      answer satisfies never
  }
}
