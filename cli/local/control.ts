/** The control port of a sample ingress, on loopback: `GET /` says how it is, `POST /fault` breaks or heals it, `GET` and `DELETE /seen` are its counters. */
import { createServer, type IncomingMessage } from 'node:http'
import { type Fault, parseFault, showFault } from './faults.ts'
import type { SeenRequest, SeenRequests } from './seen-requests.ts'

export interface ControlState {
  readonly id: string
  readonly fault: string
  readonly requests: number
  readonly connections: number
}

interface ControlOptions {
  readonly id: string
  readonly port: number
  readonly setFault: (fault: Fault | undefined) => Promise<void>
  readonly seen: SeenRequests
  readonly connections: () => number
}

/** The longest fault that is read from the wire. */
const COMMAND_MAX_BYTES = 1024

/** Returns the port. */
export async function startControl(options: ControlOptions): Promise<number> {
  let fault: Fault | undefined
  const state = (): ControlState => ({
    id: options.id,
    fault: showFault(fault),
    requests: options.seen.count,
    connections: options.connections(),
  })
  const server = createServer(async (request, response) => {
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    switch (`${request.method} ${request.url}`) {
      case 'GET /':
        reply(200, state())
        return
      case 'POST /fault': {
        const parsed = parseFault((await readText(request)).trim().split(/\s+/))
        if (!parsed.ok) {
          reply(400, { error: parsed.error })
          return
        }
        await options.setFault(parsed.value)
        fault = parsed.value
        reply(200, state())
        return
      }
      case 'GET /seen':
        reply(200, options.seen.all() satisfies readonly SeenRequest[])
        return
      case 'DELETE /seen':
        options.seen.forget()
        reply(200, state())
        return
      default:
        reply(404, { error: 'not found' })
        return
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  // Nobody stays for its sake: what it controls does.
  server.unref()
  return (server.address() as { port: number }).port
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > COMMAND_MAX_BYTES) break
  }
  return text
}
