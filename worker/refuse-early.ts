/** The answer to a request that no route has, with its line in the log. */
import type { GatewayRuntime } from './handle.ts'
import { type RefusedFacts, reportRefused } from './observe/report-refused.ts'
import type { Platform } from './ports.ts'
import { localReply } from './reply/local-reply.ts'

export function refuseEarly(
  refused: RefusedFacts,
  runtime: Pick<GatewayRuntime, 'isolate' | 'log'>,
  platform: Pick<Platform, 'now'>,
): Response {
  const response = localReply(refused.code, refused.requestId, refused.grpc)
  reportRefused(refused, response.status, runtime, platform)
  return response
}
