/**
 * What a month costs at Cloudflare, by a formula whose every term is shown. Prices in US dollars of the Workers Paid plan as its documentation
 * had them in September 2026: developers.cloudflare.com/workers/platform/pricing, /durable-objects/platform/pricing, /kv/platform/pricing, /r2/pricing.
 * Reads of rows and what is stored are below a cent and are left out; what regions cost is not Cloudflare's.
 */
import type { Base } from '../../config/base.ts'

/** For each million, above what a month includes. */
const PRICES = {
  'Workers requests': { each: 0.3, included: 10e6 },
  'Workers CPU ms': { each: 0.02, included: 30e6 },
  'Durable Objects requests': { each: 0.15, included: 1e6 },
  'Durable Objects GB-s': { each: 12.5, included: 400_000 },
  'Durable Objects rows written': { each: 1, included: 50e6 },
  'KV reads': { each: 0.5, included: 10e6 },
  'KV writes': { each: 5, included: 1e6 },
  'R2 reads (class B)': { each: 0.36, included: 10e6 },
  'R2 writes (class A)': { each: 4.5, included: 1e6 },
} as const satisfies Record<string, { readonly each: number; readonly included: number }>
type Meter = keyof typeof PRICES

/** Of the plan, whatever is used. */
const SUBSCRIPTION = 5
/** Of 30 days. */
const MONTH_SECONDS = 30 * 86_400
const MINUTES = MONTH_SECONDS / 60
/** A plain request, by `npm run bench`: 0.27 ms on its machine. Tokens and certificates take more. */
const CPU_MS_PER_REQUEST = 0.3
/** An object that is always awake is billed for 128 MB. */
const OBJECT_GB = 0.128
/** An isolate with traffic reports every 5 to 10 s. */
const REPORTS_A_SECOND = 1 / 7.5

export interface CostInputs {
  /** Of the whole gateway. */
  readonly rps: number
  /** Places with traffic: in each, one isolate asks a vantage each second. */
  readonly colos: number
  readonly isolates: number
}

export interface Cost {
  readonly inputs: CostInputs
  /** US dollars. */
  readonly total: number
  readonly lines: readonly CostLine[]
}

export interface CostLine {
  readonly what: string
  readonly formula: string
  readonly used: number
  readonly included: number
  readonly dollars: number
}

export function costOf({ health }: Pick<Base, 'health'>, inputs: CostInputs): Cost {
  const lines: readonly CostLine[] = [
    { what: 'Workers Paid plan', formula: 'a month', used: 1, included: 0, dollars: SUBSCRIPTION },
    ...metered(health.vantages.length, inputs),
  ]
  return { inputs, lines, total: lines.reduce((sum, { dollars }) => sum + dollars, 0) }
}

/** Beside the vantages, the director: an object that is always awake too. */
function metered(vantages: number, { rps, colos, isolates }: CostInputs): readonly CostLine[] {
  const requests = rps * MONTH_SECONDS
  const objects = vantages + 1
  const calls = objects + vantages * (vantages - 1) + vantages + colos + isolates * REPORTS_A_SECOND
  return [
    line('Workers requests', requests, `${rps} requests/s × 30 days`),
    line('Workers CPU ms', requests * CPU_MS_PER_REQUEST, `requests × ${CPU_MS_PER_REQUEST} ms`),
    line(
      'Durable Objects requests',
      calls * MONTH_SECONDS,
      `(${objects} alarms + ${vantages} × ${vantages - 1} votes + ${vantages} questions to the director + ${colos} syncs + ${isolates}/7.5 reports) a second`,
    ),
    line('Durable Objects GB-s', objects * OBJECT_GB * MONTH_SECONDS, `${objects} objects × ${OBJECT_GB} GB × 30 days`),
    line('Durable Objects rows written', objects * MONTH_SECONDS, `${objects} alarms a second`),
    line('KV reads', MINUTES, 'the watchdog, one a minute'),
    line('KV writes', vantages * MINUTES, `${vantages} vantages, one a minute`),
    line('R2 reads (class B)', objects * MONTH_SECONDS, 'weights.json and emergency.json, each second'),
    line('R2 writes (class A)', 0, 'one a change'),
  ]
}

function line(what: Meter, used: number, formula: string): CostLine {
  const { each, included } = PRICES[what]
  return { what, formula, used, included, dollars: (Math.max(0, used - included) / 1e6) * each }
}
