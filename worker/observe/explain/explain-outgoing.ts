/** The first attempt as it would be sent, and what of it is not as the client sent it. */
import type { Endpoint } from '../../../config/base.ts'
import type { ExplainedOutgoing } from '../../../config/explanation.ts'
import { type OutboundHead, type OutboundRequest, outboundRequest } from '../../forward/outbound-request.ts'
import { remaining } from '../../policy/deadline.ts'
import { newLedger } from '../../policy/ledger.ts'
import { type Plan, withheldBy } from '../../policy/plan.ts'
import type { ToldIdentity } from '../../policy/tell-identity.ts'
import type { Attempts } from './plan-attempts.ts'

export function firstOutgoing(head: OutboundHead, plan: Plan, { candidate, attempt }: NonNullable<Attempts['first']>): OutboundRequest {
  return outboundRequest(head, {
    endpoint: candidate.endpoint,
    edits: candidate.route.requestEdits,
    attempt: 1,
    probation: attempt === 'probation',
    remaining: remaining(newLedger(), plan, plan.receivedAt),
    abort: undefined,
    raw: false,
    withheld: plan.track === undefined ? undefined : withheldBy(plan.track),
  })
}

/** Names of what authenticates somebody: an explanation is copied into tickets. */
const SECRET = /authorization|cookie|token|secret|password|credential|api-?key/
const HIDDEN = '(hidden)'

/**
 * A token of the edge is not signed for an explanation: its name is said. `own`: what the endpoint is told by the configuration, which may be how it
 * knows the edge.
 */
export function showOutgoing(
  sent: Headers,
  { url, outgoing }: OutboundRequest,
  { headers: own }: Pick<Endpoint, 'headers'>,
  told?: ToldIdentity,
): ExplainedOutgoing {
  const removed: string[] = []
  const set: [name: string, value: string][] = []
  sent.forEach((_, name) => {
    if (!outgoing.headers.has(name)) removed.push(name)
  })
  outgoing.headers.forEach((value, name) => {
    if (sent.get(name) !== value) set.push([name, SECRET.test(name) || own.some(([each]) => each === name) ? HIDDEN : value])
  })
  if (told?.token !== undefined) set.push([told.token.header, HIDDEN])
  return { url, removed, set }
}
