/** The status document as lines for people: a pool a block, an endpoint a line, its votes below, then what changed last. */
import { styleText } from 'node:util'
import type { Reason, Verdict } from '../../config/snapshot.ts'
import type { EndpointStatus, StatusDocument, Transition, VantageStatus, VoteStatus } from '../../config/status.ts'
import { cutLines } from '../cut-lines.ts'
import { inForceNotes } from './in-force.ts'
import { directorLines, directorProblems } from './render-director.ts'
import { expiringLines } from './render-expiring.ts'
import { inForceLines } from './render-in-force.ts'
import { keySetLines } from './render-keys.ts'
import { showLength } from './show-length.ts'

export interface RenderOptions {
  readonly url: string
  /** Longest line. */
  readonly columns: number
}

const TRANSITIONS_SHOWN = 8

export function renderStatus(document: StatusDocument, options: RenderOptions): string[] {
  const answered = document.vantages.flatMap((each) => (each.answered ? [each.status] : []))
  const lines = [header(document, answered, options.url), ...document.vantages.flatMap(silent), ...expiringLines(document)]
  lines.push(...(document.problems ?? []).map((problem) => `  ${styleText('red', problem)}`))
  lines.push(...directorProblems(document.director))
  const [view] = answered
  if (view === undefined)
    return cutLines(
      [...lines, ...inForceLines(document.inForce), '', 'No vantage answered: endpoints are judged by each isolate for itself.'],
      options.columns,
    )
  lines.push(...directorLines(answered))
  lines.push(...view.problems.slice(0, 3).map(({ ago, text }) => `  ${showLength(ago)} ago: ${text}`))
  lines.push(...inForceLines(document.inForce))
  for (const { name, endpoints } of poolsOf(document, view)) {
    lines.push('', styleText('bold', `pool ${name}`), ...endpoints.flatMap((endpoint) => endpointLines(endpoint, answered)))
  }
  lines.push(...keySetLines(view))
  if (view.endpoints.length === 0) lines.push('', 'No endpoint is known yet: the first requests bring them.')
  lines.push('', styleText('bold', 'last transitions'), ...transitionLines(view))
  return cutLines(lines, options.columns)
}

/** What is the same as long as nothing has changed: verdicts and votes without their ages. */
export function essence(document: StatusDocument): string {
  const { overlay, emergencies } = document.inForce ?? {}
  return JSON.stringify([
    overlay?.order,
    emergencies?.map(({ etag }) => etag),
    document.director?.answered === true ? document.director.problems.map(({ text }) => text) : document.director?.problem,
    document.vantages.map((each) =>
      each.answered
        ? each.status.endpoints.map(({ id, verdict, watched, votes }) => [
            id,
            verdict,
            watched,
            votes.map(({ vantage, probe, traffic, counts, watched: seen }) => [vantage, probe, traffic, counts, seen]),
          ])
        : [each.vantage, each.problem],
    ),
  ])
}

/** An endpoint as one pool calls it. */
interface Shown extends EndpointStatus {
  readonly drained: boolean
  /** What operators want otherwise. */
  readonly inForce: readonly string[]
}

/** The same address in several pools has one health and is shown in each, under its name there. */
function poolsOf(
  document: StatusDocument,
  view: VantageStatus,
): readonly { readonly name: string; readonly endpoints: readonly Shown[] }[] {
  if (document.pools === undefined) {
    const names = [...new Set(view.endpoints.map((endpoint) => endpoint.pool))]
    const of = (name: string) =>
      view.endpoints.filter(({ pool }) => pool === name).map((endpoint) => ({ ...endpoint, drained: false, inForce: [] }))
    return names.map((name) => ({ name, endpoints: of(name) }))
  }
  const judged = new Map(view.endpoints.map((endpoint) => [endpoint.key, endpoint]))
  return document.pools.map(({ id, endpoints }) => ({
    name: id,
    endpoints: endpoints.flatMap((member) => {
      const endpoint = judged.get(member.key)
      if (endpoint === undefined) return []
      const inForce = inForceNotes(document.inForce, id, { ...endpoint, id: member.id })
      return [{ ...endpoint, id: member.id, drained: member.drain, inForce }]
    }),
  }))
}

function header(document: StatusDocument, answered: readonly VantageStatus[], url: string): string {
  const view = answered[0]
  const quorum = view?.noQuorum === true ? ' · no quorum: a single vantage' : ''
  const seen = view === undefined ? '' : ` · as ${view.vantage} sees it`
  return `${styleText('bold', 'Meridian')} ${url} · ${answered.length} of ${document.vantages.length} vantages answer${seen}${quorum}`
}

function silent(answer: StatusDocument['vantages'][number]): string[] {
  return answer.answered ? [] : [`  ${answer.vantage} does not answer: ${answer.problem}`]
}

function endpointLines(endpoint: Shown, answered: readonly VantageStatus[]): string[] {
  const place = `${endpoint.cloud} ${endpoint.region}`
  const others = answered.flatMap((view) => {
    const there = view.endpoints.find(({ key }) => key === endpoint.key)
    return there === undefined || there.verdict === endpoint.verdict ? [] : [`${view.vantage} says ${there.verdict}`]
  })
  const note = [
    ...(endpoint.drained ? ['drained: no new request'] : []),
    ...(endpoint.watched === undefined ? [] : [`monitor only: its probes alone would say ${endpoint.watched}`]),
    ...endpoint.inForce,
    ...others,
    ...endpoint.routesDown.map((route) => `down for route ${route}`),
    ...endpoint.reasons
      .slice(0, 2)
      .map((reason) => (endpoint.verdict === 'up' && endpoint.routesDown.length === 0 ? showPast(reason) : showReason(reason))),
  ]
  return [
    `  ${endpoint.id.padEnd(12)} ${place.padEnd(22)} ${colour(endpoint.verdict)} for ${showLength(endpoint.stoodFor).padEnd(6)} ${note.join('; ')}`.trimEnd(),
    ...endpoint.votes.map(voteLine),
  ]
}

export function voteLine(vote: VoteStatus): string {
  const parts = [
    `probe ${vote.watched === undefined ? vote.probe : `${vote.watched}, only watched`}${vote.latency === undefined ? '' : ` ${Math.round(vote.latency)} ms`}`,
    ...(vote.passing === undefined ? [] : [`${vote.passing} passed since`]),
    `traffic ${vote.traffic}`,
    ...(vote.routesDown.length > 0 ? [`down for ${vote.routesDown.join(', ')}`] : []),
    ...(vote.holdFor > 0 ? [`held ${showLength(vote.holdFor)} more`] : []),
    ...(vote.counts ? [] : ['does not count']),
    ...vote.reasons.slice(0, 1).map((reason) => (isWell(vote) ? showPast(reason) : showReason(reason))),
  ]
  return styleText('dim', `    ${vote.vantage.padEnd(6)} ${parts.join(' · ')}`)
}

function transitionLines(view: VantageStatus): string[] {
  if (view.transitions.length === 0) return ['  none']
  return view.transitions.slice(0, TRANSITIONS_SHOWN).map((transition) => `  ${transitionLine(transition)}`)
}

function transitionLine({ ago, id, endpoint, from, to, reasons }: Transition): string {
  const why = reasons.slice(0, 2).map(showReason).join('; ')
  return `${`${showLength(ago)} ago`.padEnd(11)} ${(id ?? endpoint).padEnd(12)} ${from} → ${to}  ${why}`.trimEnd()
}

function showReason({ vantage, facet, phase, status, detail }: Reason): string {
  return `${vantage} ${facet} ${phase}${status === undefined ? '' : ` ${status}`}${detail === '' ? '' : `: ${detail}`}`
}

const isWell = ({ probe, traffic, routesDown }: VoteStatus): boolean => probe !== 'down' && traffic !== 'down' && routesDown.length === 0

/** What is over is kept, because it says why the last hour was as it was; it must not look like why something is out now. */
const showPast = (reason: Reason): string => `over: ${showReason(reason)}, ${showLength(reason.age)} ago`

const COLOURS = { up: 'green', down: 'red', unknown: 'yellow', suspect: 'magenta' } as const satisfies Record<Verdict, string>

const colour = (verdict: Verdict): string => styleText(COLOURS[verdict], verdict.padEnd(7))
