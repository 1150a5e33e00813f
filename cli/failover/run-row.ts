/** The life of one row: a new gateway, load, the fault, healing, the way back; then the evidence is gathered. */
import type { StatusDocument, Transition } from '../../config/status.ts'
import { forgetSeen, readSeen, setFault } from '../local/sample-ingress.ts'
import type { SeenRequest } from '../local/seen-requests.ts'
import { fetchStatus } from '../status/fetch-status.ts'
import { startGenerator } from './load-generator.ts'
import type { LoadKind, LoadRecord } from './load-record.ts'
import { type Evidence, type Measured, measure, shareOf } from './measure.ts'
import type { Row } from './rows.ts'
import { type Gateway, startGateway, type World } from './world.ts'

export interface RunOptions {
  readonly requestsPerSecond: number
  readonly seed: number
  readonly durations: Durations
  readonly say: (progress: string) => void
  /** Takes all that a row left behind, to look into what the figures do not say. */
  readonly keep?: (kept: Kept) => void
}

export interface Kept {
  readonly evidence: Evidence
  /** The last lines of workerd. */
  readonly log: readonly string[]
  /** At the end of the row, or why there is none. */
  readonly status: StatusDocument | string
}

export interface Durations {
  readonly warmUpMs: number
  readonly beforeMs: number
  /** Instead of the row's own. */
  readonly duringMs?: number
  /** How long the way back may take. */
  readonly backMaxMs: number
}

/** Nine in ten are reads; of the writes half may go anywhere, half may not be replayed. */
export const MIX: readonly LoadKind[] = [
  { name: 'read', weight: 80, method: 'GET', path: '/catalogue', bodyBytes: 0, replayable: true },
  { name: 'buffered', weight: 10, method: 'GET', path: '/buffered/price', bodyBytes: 0, replayable: true },
  { name: 'write', weight: 5, method: 'POST', path: '/orders', bodyBytes: 512, replayable: false },
  { name: 'shared-write', weight: 5, method: 'POST', path: '/shared/cart', bodyBytes: 512, replayable: true },
]

/** Only in the rows that ask for it. */
const HEDGED: LoadKind = { name: 'hedged', weight: 1, method: 'GET', path: '/hedged/catalogue', bodyBytes: 0, replayable: true }

/** From the full rate to the first request that counts. */
const SETTLE_MS = 500
const PEEK_EVERY_MS = 1_000
const BACK_WINDOW_MS = 2_000
/** The way back is over when the share has been there for this long. */
const SETTLED_MS = 1_500

const clock = (): number => performance.timeOrigin + performance.now()
const sleep = (length: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, length))

export async function runRow(world: World, bundled: string, row: Row, options: RunOptions): Promise<Measured> {
  const gateway = await startGateway(world, bundled, row.healthPlane)
  const generator = startGenerator()
  const broken = world.ingresses.filter(({ id }) => row.regions.includes(id))
  try {
    await Promise.all(world.ingresses.map(({ ports }) => forgetSeen(ports)))
    await firstAnswer(gateway)
    const { durations, say } = options
    const mix = row.kinds === undefined ? MIX : [...MIX, HEDGED].filter(({ name }) => row.kinds?.includes(name))
    say(`${row.id} ${row.what}: load`)
    generator.start({
      url: gateway.url,
      requestsPerSecond: options.requestsPerSecond,
      rampMs: durations.warmUpMs,
      seed: options.seed,
      mix,
    })
    await sleep(durations.warmUpMs + SETTLE_MS)
    const from = clock()
    await sleep(durations.beforeMs)
    say(`${row.id} ${row.what}: fault`)
    const brokenAt = clock()
    await Promise.all(broken.map(({ ports }) => setFault(ports, row.fault)))
    await sleep(durations.duringMs ?? row.duringMs)
    const transitions = await readTransitions(gateway, clock() - brokenAt)
    say(`${row.id} ${row.what}: healed`)
    const healedAt = clock()
    await Promise.all(broken.map(({ ports }) => setFault(ports, 'heal')))
    await waitForReturn(row, { generator, from, brokenAt, healedAt, maxMs: row.must.comesBack ? durations.backMaxMs : BACK_WINDOW_MS })
    const endedAt = clock()
    const last = await fetchStatus({ url: gateway.url, token: gateway.token })
    const status = last.ok ? last.value : last.error
    const { records, socketsLost } = await generator.stop()
    const evidence: Evidence = {
      row,
      mix,
      from,
      brokenAt,
      healedAt,
      endedAt,
      records,
      socketsLost,
      seen: await readAllSeen(world),
      transitions,
    }
    options.keep?.({ evidence, log: gateway.log, status })
    return measure(evidence)
  } finally {
    await generator.end()
    await gateway.end()
    await Promise.all(broken.map(({ ports }) => setFault(ports, 'heal')))
  }
}

async function firstAnswer(gateway: Gateway): Promise<void> {
  const response = await fetch(gateway.url, { signal: AbortSignal.timeout(10_000) })
  const body = await response.text()
  if (response.status !== 200) throw new Error(`the gateway answers ${response.status}: ${body}\n${gateway.log.join('\n')}`)
}

interface Returning {
  readonly generator: ReturnType<typeof startGenerator>
  readonly from: number
  readonly brokenAt: number
  readonly healedAt: number
  readonly maxMs: number
}

/** Until the healed regions have their share again, or the time is over. */
async function waitForReturn(row: Row, { generator, from, brokenAt, healedAt, maxMs }: Returning): Promise<void> {
  let settledAt: number | undefined
  while (clock() - healedAt < maxMs) {
    await sleep(PEEK_EVERY_MS)
    const records: readonly LoadRecord[] = await generator.peek()
    const before = records.filter(({ scheduledAt }) => scheduledAt >= from && scheduledAt < brokenAt)
    const recent = records.filter(({ scheduledAt }) => scheduledAt >= Math.max(healedAt, clock() - BACK_WINDOW_MS))
    if (recent.length === 0 || shareOf(recent, row.regions) < 0.8 * shareOf(before, row.regions)) settledAt = undefined
    else settledAt ??= clock()
    if (settledAt !== undefined && clock() - settledAt >= SETTLED_MS) return
  }
}

async function readAllSeen(world: World): Promise<Record<string, readonly SeenRequest[]>> {
  return Object.fromEntries(await Promise.all(world.ingresses.map(async ({ id, ports }) => [id, await readSeen(ports)] as const)))
}

/** Of the vantage that saw most of them. None when no vantage can be asked. */
async function readTransitions(gateway: Gateway, since: number): Promise<readonly Transition[]> {
  const status = await fetchStatus({ url: gateway.url, token: gateway.token })
  if (!status.ok) return []
  const lists = status.value.vantages.map((each) =>
    each.answered ? each.status.transitions.filter(({ ago, from }) => ago < since && from !== 'unknown') : [],
  )
  return lists.toSorted((a, b) => b.length - a.length)[0] ?? []
}
