/** A plan as lines for people: what changes first, then who moves, then what the gateway would be like. */
import { styleText } from 'node:util'
import type { Difference } from '../../config/director.ts'
import { cutLines } from '../cut-lines.ts'
import { showLength } from '../status/show-length.ts'
import type { Cost } from './cost.ts'
import type { FailoverTime } from './failover-time.ts'
import type { PlanDocument, PoolPlan } from './make-plan.ts'
import type { Survival } from './survivors.ts'

/** More differences than these are for `--json`. */
const DIFFERENCES_SHOWN = 40

export function renderPlan(plan: PlanDocument & { readonly from?: string }, columns: number): string[] {
  const heading = (text: string): string[] => ['', styleText('bold', text)]
  const lines = [
    `${styleText('bold', 'what would change')}${plan.from === undefined ? '' : ` from ${plan.from}`}`,
    ...differenceLines(plan.differences),
    ...heading('who would be moved'),
    ...plan.pools.flatMap(poolLines),
    ...heading('if a region died: requests/s of each survivor'),
    ...plan.survivals.flatMap(survivalLines),
    ...heading('failover, predicted (measured: npm run failover)'),
    ...plan.failover.flatMap(failoverLines),
    ...heading('probes a minute'),
    ...plan.probes.map(({ endpoint, perMinute }) => `  ${endpoint.padEnd(16)} ${round(perMinute)}`),
    ...heading(`cost a month: about $${plan.cost.total.toFixed(2)}`),
    ...costLines(plan.cost),
  ]
  return cutLines(lines, columns)
}

export function differenceLines(differences: readonly Difference[]): string[] {
  if (differences.length === 0) return ['  nothing']
  const shown = differences.slice(0, DIFFERENCES_SHOWN)
  const width = Math.min(60, Math.max(...shown.map(({ field }) => field.length)))
  const more = differences.length - shown.length
  return [
    ...shown.map(({ field, before, after }) => `  ${field.padEnd(width)}  ${value(before)} → ${value(after)}`),
    ...(more > 0 ? [`  and ${more} more: --json has them all`] : []),
  ]
}

const value = (held: string | number | undefined): string => (held === undefined ? '–' : String(held))

export function poolLines({ pool, steering, moved, basis, endpoints }: PoolPlan): string[] {
  const told = moved === undefined ? 'new or gone' : moved === 0 ? 'nobody moves' : `${percent(moved)} of requests change their endpoint`
  const changed = moved === undefined || moved > 0
  return [
    `  ${pool} (${steering}): ${changed ? styleText('yellow', told) : told}${basis === undefined ? '' : `, ${basis}`}`,
    ...endpoints.map(({ endpoint, before, after }) => {
      const same = before === after
      return `    ${endpoint.padEnd(16)} ${same ? share(after) : `${share(before)} → ${share(after)}`}`
    }),
  ]
}

function survivalLines({ pool, region, lost, survivors, unserved }: Survival): string[] {
  const carried = survivors
    .filter(({ share: part }) => part > 0)
    .map(({ endpoint, rps, share: part }) => `${endpoint} ${round(rps)} (${percent(part)})`)
  const left = unserved > 0.0005 ? [styleText('red', `nobody for ${percent(unserved)}`)] : []
  return [`  ${pool} without ${region} (${percent(lost)} of it now): ${[...carried, ...left].join(', ')}`]
}

function failoverLines({ pool, rescuedAfter, refused, silent, formula }: FailoverTime): string[] {
  if (!Number.isFinite(silent.worst)) return [`  ${pool}: ${formula}`]
  const range = ({ typical, worst }: FailoverTime['silent']): string => `${showLength(typical)}, at worst ${showLength(worst)}`
  return [
    `  ${pool}: refusing ${range(refused)}; silent ${range(silent)}; until then rescued, after ${showLength(rescuedAfter)} of silence`,
    styleText('dim', `    = ${formula}`),
  ]
}

function costLines({ lines, inputs }: Cost): string[] {
  return [
    `  with ${round(inputs.rps)} requests/s in ${inputs.colos} places and ${inputs.isolates} isolates (--rps, --colos, --isolates)`,
    ...lines.map(({ what, formula, used, included, dollars }) => {
      const free = included === 0 ? '' : `, ${count(included)} included`
      return `  ${`$${dollars.toFixed(2)}`.padStart(9)}  ${what.padEnd(29)} ${count(used)}${free}: ${formula}`
    }),
  ]
}

const percent = (part: number): string => `${round(part * 100)} %`
const share = (part: number | undefined): string => (part === undefined ? '–' : percent(part))
const round = (figure: number): string => String(Math.round(figure * 100) / 100)

/** `2.6 M`, `332 k`. */
function count(figure: number): string {
  if (figure >= 1e6) return `${round(figure / 1e6)} M`
  return figure >= 10_000 ? `${Math.round(figure / 1000)} k` : round(figure)
}
