/** The boundary: whatever goes wrong inside becomes an answer and a line in the log, never an exception for the platform to show. */
import { type GatewayRuntime, handle } from './handle.ts'
import type { Platform } from './ports.ts'
import { localReply } from './reply/local-reply.ts'

export type Gateway = (request: Request, platform: Platform) => Promise<Response>

export function makeGateway(runtime: GatewayRuntime): Gateway {
  return async (request, platform) => {
    try {
      return await handle(request, runtime, platform)
    } catch (error) {
      runtime.log(JSON.stringify({ kind: 'bug', error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
      return localReply('ERR_INTERNAL', 'unknown')
    }
  }
}
