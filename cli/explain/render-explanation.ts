/** An explanation as lines for people: what becomes of the request first, then why. */
import { styleText } from 'node:util'
import type {
  ExplainedAnswer,
  ExplainedDecision,
  ExplainedLimit,
  ExplainedMatching,
  ExplainedMirror,
  ExplainedOutgoing,
  ExplainedRequest,
  Explanation,
} from '../../config/explanation.ts'
import { showRate } from '../../config/rate.ts'
import { cutLines } from '../cut-lines.ts'
import { inForceInShort } from '../status/in-force.ts'
import { showLength } from '../status/show-length.ts'
import { admissionLines } from './render-admission.ts'
import { planLines } from './render-plan.ts'

export function renderExplanation(explanation: Explanation, columns: number): string[] {
  const { request, decision, matching, health, base, draws, limits = [], silentVantages = [] } = explanation
  const lines = [
    `${styleText('bold', `${request.method} ${request.url}`)}`,
    `  ${verdictLine(decision)}`,
    ...requestLines(request),
    ...(matching === undefined ? [] : matchingLines(matching)),
    ...limits.map(limitLine),
    ...(explanation.admission === undefined ? [] : admissionLines(explanation.admission)),
    ...('plan' in decision && decision.plan !== undefined ? planLines(decision.plan) : []),
    ...(decision.kind === 'forwarded' ? outgoingLines(decision.outgoing) : []),
    ...(decision.kind === 'forwarded' ? decision.mirrors.map(mirrorLine) : []),
    ...('socket' in decision && decision.socket !== undefined ? [SOCKETS[decision.socket]] : []),
    ...('answer' in decision ? answerLines(decision.answer) : []),
    '',
    `health ${health.age}${health.vantage === undefined ? '' : `, as ${health.vantage} says`} · base ${base}${draws.length === 0 ? '' : ` · dice ${draws.slice(0, 2).map(showDraw).join(', ')}`}`,
    ...inForceInShort(health.inForce),
    ...silentVantages.map(({ vantage, problem }) => `  ${vantage} does not answer: ${problem}`),
  ]
  return cutLines(lines, columns)
}

/** Enough to repeat it with `--draw`, but for the last digits. */
const showDraw = (draw: number): string => String(Number(draw.toFixed(6)))

function verdictLine(decision: ExplainedDecision): string {
  switch (decision.kind) {
    case 'refused':
      return `${styleText('red', `refused with ${decision.grpcStatus === undefined ? decision.status : `grpc-status ${decision.grpcStatus}`}`)} ${decision.code}: ${decision.detail}${decision.route === undefined ? '' : ` Route ${decision.route} took it.`}${decision.reason === undefined ? '' : ` Because: ${decision.reason}.`}`
    case 'edge-health':
      return `${styleText('green', 'answered')} by the edge itself: that it is there`
    case 'edge-keys':
      return `${styleText('green', 'answered')} by the edge itself: the keys of its tokens`
    case 'preflight':
      return `${styleText('green', 'answered with 204')} as a CORS preflight, for route ${decision.route}`
    case 'redirected':
      return `${styleText('green', `redirected with ${decision.status}`)} by route ${decision.route} to ${decision.location}`
    case 'replied':
      return `${styleText('green', `answered with ${decision.status}`)} by route ${decision.route}`
    case 'forwarded':
      return `${styleText('green', 'sent on')} by route ${decision.route}, pool ${decision.plan.pool}, to ${decision.plan.attempts[0]?.endpoint}: ${decision.outgoing.url}${decision.delayed === undefined ? '' : `, ${showLength(decision.delayed)} late by a fault of the route`}`
    default:
      return decision satisfies never
  }
}

function requestLines({ read }: ExplainedRequest): string[] {
  if (read === undefined) return []
  const { host, path, query, address, colo, stripped } = read
  const from = [...(address === undefined ? [] : [`from ${address}`]), ...(colo === undefined ? [] : [`at ${colo}`])].join(' ')
  return [
    '',
    styleText('bold', 'as it is read'),
    `  host ${host} · path ${path}${query === '' ? '' : ` · query ${query}`}${from === '' ? '' : ` · ${from}`}`,
    ...(stripped.length === 0 ? [] : [`  end here: ${stripped.join(', ')}`]),
  ]
}

function matchingLines({ route, host, path, others, moreOthers }: ExplainedMatching): string[] {
  if (host === undefined) return ['', styleText('bold', 'no route'), '  the gateway does not serve this host']
  const width = Math.max(4, ...others.map((other) => other.route.length))
  return [
    '',
    styleText('bold', route === undefined ? 'no route' : `route ${route}`),
    `  by host ${host}${path === undefined ? '' : ` and path ${path}`}`,
    ...others.map((other) => styleText('dim', `  not ${other.route.padEnd(width)}  ${other.why}`)),
    ...(moreOthers === 0 ? [] : [styleText('dim', `  and not ${moreOthers} more`)]),
  ]
}

const limitLine = ({ limit, rate, burst, by, key, scope }: ExplainedLimit): string =>
  `  limit ${limit}: ${showRate(rate)}${burst === rate.limit ? '' : `, ${burst} at once`}, ${scope}, by ${by}${key === undefined ? ', which is not known' : ` ${key}`}`

const SOCKETS = {
  relayed: '  its WebSocket is relayed: ended, to be opened again elsewhere, when the endpoint goes out',
  'handed-over': '  its WebSocket is handed over to the runtime, and stays where it is',
  'too-many': '  its WebSocket is handed over to the runtime: the isolate relays as many as it may',
} as const

const COPIES = { sent: 'gets a copy', never: 'gets no copy of such a request', cannot: 'gets no copy: its content is streamed' } as const

const mirrorLine = ({ pool, share, copy }: ExplainedMirror): string =>
  `  mirror ${pool} ${COPIES[copy]}${copy === 'sent' && share < 1 ? ` of ${Math.round(share * 1000) / 10} %` : ''}`

function answerLines({ edits, allowedOrigin, givesCookie }: ExplainedAnswer): string[] {
  const changes = edits.flatMap(({ set, add, remove }) => [
    ...set.map(([name, value]) => `  sets ${name}: ${value}`),
    ...add.map(([name, value]) => `  adds ${name}: ${value}`),
    ...(remove.length === 0 ? [] : [`  without ${remove.join(', ')}`]),
  ])
  const lines = [
    ...changes,
    ...(allowedOrigin === undefined
      ? []
      : [`  CORS: ${allowedOrigin === 'none' ? 'this origin is not allowed' : `allows ${allowedOrigin}`}`]),
    ...(givesCookie ? ['  gives a cookie for affinity'] : []),
  ]
  return lines.length === 0 ? [] : ['', styleText('bold', 'what the route changes in the answer'), ...lines]
}

function outgoingLines({ removed, set }: ExplainedOutgoing): string[] {
  return [
    '',
    styleText('bold', 'what the endpoint gets otherwise than the client sent it'),
    ...(removed.length === 0 ? [] : [`  without ${removed.join(', ')}`]),
    ...set.map(([name, value]) => `  ${name}: ${value}`),
  ]
}
