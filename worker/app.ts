/** The boundary: whatever goes wrong inside becomes an answer and a line in the log, never an exception for the platform to show. */
import { type GatewayRuntime, handle } from './handle.ts'
import { hex32 } from './inbound/trace-context.ts'
import type { Platform } from './ports.ts'
import { localReply } from './reply/local-reply.ts'

export type Gateway = (request: Request, platform: Platform) => Promise<Response>

export const makeGateway = (runtime: GatewayRuntime): Gateway =>
  withinBoundary((request, platform) => handle(request, runtime, platform), runtime.log)

export function withinBoundary(
  work: (...given: Parameters<Gateway>) => Response | Promise<Response>,
  log: (line: string) => void,
): Gateway {
  return async (request, platform) => {
    try {
      return await work(request, platform)
    } catch (error) {
      const requestId = hex32(platform.uuid())
      log(JSON.stringify({ kind: 'bug', requestId, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
      return localReply('ERR_INTERNAL', requestId)
    }
  }
}
