/** Weights as lines: a pool a block, an endpoint a line, with whose word it is where it is not the configuration's. */
import { styleText } from 'node:util'
import type { EntryView } from '../../config/director-view.ts'
import type { EndpointWeight, PoolWeights, WeightsDocument } from '../../config/operator-documents.ts'
import { cutLines } from '../cut-lines.ts'
import { showLength } from '../status/show-length.ts'
import { toldDifferences } from './show-sent.ts'

export interface WeightsShown {
  readonly url: string
  /** Empty: all. */
  readonly pools: readonly string[]
  readonly columns: number
}

export function renderWeights(document: WeightsDocument, { url, pools, columns }: WeightsShown): string[] {
  const shown = document.pools.filter(({ id }) => pools.length === 0 || pools.some((name) => name === id))
  const known = new Set(document.pools.flatMap(({ id, endpoints }) => endpoints.map((each) => fieldOf(id, each.id))))
  const inert = document.entries.filter(({ field }) => !known.has(field))
  return cutLines(
    [
      `${styleText('bold', 'weights')} ${url} · revision ${document.revision}${spreadNote(document)}`,
      ...emergencyLines(document),
      ...shown.flatMap((pool) => poolLines(pool, document.entries)),
      ...(inert.length === 0 ? [] : ['', styleText('yellow', 'inert: the configuration has no such endpoint'), ...inert.map(entryLine)]),
      ...problemLines(document.problems),
    ],
    columns,
  )
}

const fieldOf = (pool: string, endpoint: string): string => `pools.${pool}.${endpoint}.weight`

/** Nothing, as long as every vantage has what is in force. */
export function spreadNote({ revision, spread }: Pick<WeightsDocument, 'revision' | 'spread'>): string {
  const without = spread.vantages.filter(({ holds }) => (holds ?? 0) < revision).map(({ vantage }) => vantage)
  return without.length === 0 ? '' : styleText('yellow', ` · not yet at ${without.join(', ')}`)
}

/** It goes before all that is shown beside it. */
export const emergencyLines = ({ emergency = [] }: Pick<WeightsDocument, 'emergency'>): string[] =>
  emergency.length === 0 ? [] : [styleText('red', '  emergency.json goes before all of this:'), ...toldDifferences(emergency)]

export const problemLines = (problems: WeightsDocument['problems']): string[] =>
  problems.slice(0, 3).map(({ ago, text }) => styleText('red', `  ${showLength(ago)} ago: ${text}`))

function poolLines({ id, steering, endpoints, leftAside }: PoolWeights, entries: readonly EntryView[]): string[] {
  const total = endpoints.reduce((sum, { inForce, drained }) => sum + (drained ? 0 : inForce), 0)
  const counts = steering === 'weighted' || steering === 'affinity'
  return [
    '',
    `${styleText('bold', `pool ${id}`)} ${steering}${counts ? '' : ': only 0 counts'}`,
    ...(leftAside === true ? [styleText('yellow', '  what is said of its weights is left aside: no endpoint would have one')] : []),
    ...endpoints.map((endpoint) => {
      const share = !counts || total === 0 || endpoint.drained ? '' : `${Math.round((endpoint.inForce / total) * 1000) / 10} %`
      const said = entries.filter(({ field }) => field === fieldOf(id, endpoint.id))
      return `  ${endpoint.id.padEnd(18)} ${weightOf(endpoint).padEnd(14)} ${share.padStart(7)}  ${said.map(whose).join('; ')}`.trimEnd()
    }),
  ]
}

const weightOf = ({ bundle, inForce, drained }: EndpointWeight): string =>
  drained ? `${inForce}, drained` : inForce === bundle ? String(inForce) : `${inForce} (was ${bundle})`

export function whose({ value, owner, by, door, reason, expiresIn, inert, overruledBy }: EntryView): string {
  const notes = [
    ...(expiresIn === undefined ? [] : [`ends in ${showLength(expiresIn)}`]),
    ...(inert === true ? ['inert'] : []),
    ...(overruledBy === undefined ? [] : [`overruled by ${overruledBy}`]),
  ]
  return `${value} by ${by} (${owner}, ${door}): ${reason}${notes.length === 0 ? '' : ` [${notes.join(', ')}]`}`
}

export const entryLine = (entry: EntryView): string => `  ${entry.field.padEnd(40)} ${whose(entry)}`
