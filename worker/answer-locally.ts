/** Answers that a route gives by itself, without asking an endpoint, with their line in the log. */
import type { HeaderEdits, HeaderPair } from '../config/action.ts'
import { ERRORS } from '../config/errors.ts'
import type { LocalDecision } from './decide.ts'
import type { GatewayRuntime } from './handle.ts'
import type { Inbound } from './inbound/read-inbound.ts'
import { reportLimited, reportLocal } from './observe/report-local.ts'
import type { Admitted } from './policy/admit.ts'
import { bothEdits } from './policy/edit-headers.ts'
import type { Platform } from './ports.ts'
import { challenge } from './reply/challenge.ts'
import { dressFor, dressReply } from './reply/dress-reply.ts'
import { limitReply } from './reply/limit-reply.ts'
import { localReply } from './reply/local-reply.ts'

/** A request that has been read, and whose. */
export interface Read extends Admitted {
  readonly request: Request
  readonly inbound: Inbound
  /** What its answer says of the limits that have counted it. */
  readonly told?: HeaderEdits | undefined
}

export function answerLocally(decision: LocalDecision, admitted: Read, runtime: GatewayRuntime, platform: Platform): Response {
  const { request, inbound, told } = admitted
  const { kind: action, route } = decision
  const about = { inbound, route, action, admitted }
  const dressed = (response: Response, says: HeaderEdits | undefined = told): Response =>
    dressReply(response, dressFor(bothEdits(route.responseHeaders, says), route.cors, request))
  switch (decision.kind) {
    case 'refused': {
      const { code } = decision
      reportLocal({ ...about, status: ERRORS[code].status, code }, runtime, platform)
      return dressed(localReply(code, inbound.requestId, inbound.headers.grpc))
    }
    case 'denied': {
      const { code, reason, rule } = decision.refused
      reportLocal({ ...about, status: ERRORS[code].status, code, reason, rule }, runtime, platform)
      const response = localReply(code, inbound.requestId, inbound.headers.grpc)
      challenge(response.headers, decision.refused)
      return dressed(response)
    }
    case 'limited':
      reportLimited(decision, admitted, runtime, platform)
      return dressed(limitReply(decision, inbound), decision.told)
    case 'failed-on-purpose': {
      const { status } = decision
      reportLocal({ ...about, status, code: 'ERR_FAULT_INJECTED' }, runtime, platform)
      return dressed(localReply('ERR_FAULT_INJECTED', inbound.requestId, inbound.headers.grpc, status))
    }
    case 'preflight':
      reportLocal({ ...about, status: 204 }, runtime, platform)
      return new Response(null, { status: 204, headers: pairs(decision.headers, inbound) })
    case 'redirected': {
      const { status, location } = decision
      reportLocal({ ...about, status }, runtime, platform)
      return dressed(new Response(null, { status, headers: pairs([['location', location]], inbound) }))
    }
    case 'replied': {
      const { status, body, headers } = decision.reply
      reportLocal({ ...about, status }, runtime, platform)
      return dressed(new Response(body ?? null, { status, headers: pairs(headers, inbound) }))
    }
    default:
      return decision satisfies never
  }
}

const pairs = (headers: readonly HeaderPair[], { requestId }: Inbound): [string, string][] => [
  ...headers.map(([name, value]): [string, string] => [name, value]),
  ['x-request-id', requestId],
]
