/**
 * What the gateway would do with a request, and why: `POST /.well-known/meridian/explain`. It answers from what this isolate holds, and adds
 * the votes of the vantages. The request that is asked about is neither sent nor logged.
 */
import type { GatewayRuntime } from '../handle.ts'
import { explain } from '../observe/explain/explain.ts'
import { withVotes } from '../observe/explain/with-votes.ts'
import type { Platform } from '../ports.ts'
import { readExplainRequest } from './read-explain-request.ts'
import { askVantages, type StatusBindings } from './status.ts'

export interface ExplainBindings extends StatusBindings {
  readonly runtime: GatewayRuntime
}

const NO_STORE = { 'cache-control': 'no-store' }

export async function answerExplain(request: Request, bindings: ExplainBindings, platform: Platform): Promise<Response> {
  const read = await readExplainRequest(request)
  if (!read.ok) return problem(read.error)
  const { asked, draws } = read.value
  const rest = [...draws]
  const dealt: Platform = { ...platform, draw: () => rest.shift() ?? platform.draw() }
  const [{ explanation }, answers] = await Promise.all([explain(asked, bindings.runtime, dealt), askVantages(bindings, platform)])
  return Response.json(withVotes(explanation, answers), { headers: NO_STORE })
}

function problem(detail: string): Response {
  const body = { type: 'about:blank', title: 'Bad Request', status: 400, detail }
  return Response.json(body, { status: 400, headers: { ...NO_STORE, 'content-type': 'application/problem+json' } })
}
