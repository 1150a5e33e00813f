/** Where an explanation and what was done with the same request part, in words; undefined where they agree. */
import { isDeepStrictEqual } from 'node:util'
import type { ExplainedAnswer, ExplainedDecision } from '../../../config/explanation.ts'
import type { Explained } from '../../../worker/observe/explain/explain.ts'
import { type Handled, type Manner, plain } from './drive.ts'

type Forwarded = Extract<ExplainedDecision, { kind: 'forwarded' }>

export function disagreement({ explanation, outgoing }: Explained, done: Handled, manner: Manner): string | undefined {
  const { decision } = explanation
  const { response, sent } = done
  const code = response.headers.get('meridian-code')
  if (decision.kind !== 'forwarded' && sent.length > 0) return `${decision.kind}, and an endpoint was asked`
  if (decision.kind !== 'forwarded' && decision.kind !== 'edge-health' && !response.headers.has('x-request-id'))
    return `${decision.kind}, and the answer says no x-request-id`
  const misjudged = ofAdmission(explanation, done)
  if (misjudged !== undefined) return misjudged
  switch (decision.kind) {
    case 'refused':
      return differs('the refusal', [decision.code, decision.status, decision.grpcStatus], [code, response.status, grpcStatusIn(response)])
    case 'edge-health':
      return differs('the edge health', [200, null], [response.status, code])
    case 'redirected':
      return (
        differs('the redirect', [decision.status, decision.location], [response.status, response.headers.get('location')]) ??
        ofAnswer(decision.answer, response)
      )
    case 'edge-keys':
      return differs('the status', 404, response.status)
    case 'preflight':
    case 'replied':
      return (
        differs('the status', decision.kind === 'preflight' ? 204 : decision.status, response.status) ??
        decision.headers.map(([name, value]) => differs(name, value, response.headers.get(name))).find((each) => each !== undefined) ??
        (decision.kind === 'replied' ? ofAnswer(decision.answer, response) : undefined)
      )
    case 'forwarded': {
      const [first] = sent
      if (first === undefined || outgoing === undefined) return `forwarded, and no endpoint was asked: ${code}`
      return (
        differs('the URL', decision.outgoing.url, first.url) ??
        differs('the method', outgoing.outgoing.method, first.method) ??
        differs('the headers', plain(outgoing.outgoing), first.headers) ??
        ofAnswer(decision.answer, response) ??
        ofManner(decision, done, manner)
      )
    }
    default:
      return decision satisfies never
  }
}

function grpcStatusIn({ headers }: Response): number | undefined {
  const said = headers.get('grpc-status')
  return said === null ? undefined : Number(said)
}

/** Rules that are in force decide; what would be refused is in the log. */
function ofAdmission({ admission, decision }: Explained['explanation'], { response, lines }: Handled): string | undefined {
  if (admission?.demand === undefined) return undefined
  const forbids = admission.rules.some(({ mode, allows }) => mode === 'enforce' && !allows)
  const code = response.headers.get('meridian-code')
  if (!forbids && code === 'ERR_FORBIDDEN') return 'forbidden, and no rules in force forbid it'
  if (forbids && (code === null || !REFUSALS.has(code))) return `rules in force forbid it, and the code is ${code}`
  const would = lines.map((line) => line['wouldRefuse'] as { code: string; reason: string } | undefined).find((each) => each !== undefined)
  return differs(`what would be refused (${decision.kind})`, admission.wouldRefuse, would && { code: would.code, reason: would.reason })
}

const REFUSALS: ReadonlySet<string> = new Set([
  'ERR_FORBIDDEN',
  'ERR_TOKEN_REQUIRED',
  'ERR_TOKEN_KEY_UNKNOWN',
  'ERR_CERTIFICATE_REQUIRED',
  'ERR_TOO_EARLY',
])

function ofManner(
  decision: Forwarded,
  { response, sent, recorded, waits, socket: socketGiven }: Handled,
  manner: Manner,
): string | undefined {
  const { plan, route } = decision
  const [first] = plan.attempts
  switch (manner) {
    case 'answers': {
      const socket = differs('the WebSocket', decision.socket, socketGiven)
      if (socket !== undefined) return socket
      const cookie = differs('the cookie', decision.answer.givesCookie, response.headers.has('set-cookie'))
      if (cookie !== undefined) return cookie
      const [evidence] = recorded.flatMap((facts) => facts.evidence)
      // What begins on stable because its canary is full is told with the endpoints of the canary: the URL has been compared.
      const isTold = plan.candidates.some(({ endpoint }) => endpoint === first?.endpoint)
      const asked = isTold ? endpointOf(plan, evidence?.endpoint) : first?.endpoint
      return differs('route and endpoint', [route, first?.endpoint], [evidence?.route, asked])
    }
    case 'refuses':
      return (
        differs(
          'the attempts',
          plan.attempts.map(({ endpoint }) => endpoint),
          sent.map(({ url }) => hostLabel(url)),
        ) ?? differs('the ending', plan.ending, response.headers.get('meridian-code'))
      )
    case 'hangs': {
      // Its time begins when the client has sent it whole.
      if (plan.replay.body === 'streamed') return undefined
      const hedgeAfter = first?.kind === 'first' ? plan.hedge?.after : undefined
      const expected = Math.min(first?.timeout ?? plan.timeouts.request, hedgeAfter ?? Number.POSITIVE_INFINITY, plan.timeouts.request)
      return differs('the first wait', Math.ceil(expected), waits[0])
    }
    default:
      return manner satisfies never
  }
}

/** Endpoints of this test say nothing about CORS. */
function ofAnswer({ edits, allowedOrigin = 'none' }: ExplainedAnswer, { headers }: Response): string | undefined {
  const said = headers.get('access-control-allow-origin') ?? 'none'
  const sets = edits.flatMap(({ set }) => set.map(([name, value]) => differs(`the answer's ${name}`, value, headers.get(name))))
  return differs('CORS', allowedOrigin, said) ?? sets.find((each) => each !== undefined)
}

const endpointOf = (plan: Forwarded['plan'], key: string | undefined): string | undefined =>
  plan.candidates.find((candidate) => candidate.key === key)?.endpoint

const hostLabel = (url: string): string | undefined => new URL(url).hostname.split('.')[0]

function differs(what: string, told: unknown, done: unknown): string | undefined {
  return isDeepStrictEqual(told, done) ? undefined : `${what}: told ${JSON.stringify(told)}, done ${JSON.stringify(done)}`
}
