/** Reads what an isolate asks for. It may be one version back or ahead, or wrong: numbers are bounded, and what makes no sense is refused. */
import { AHEAD_MAX, DONE_MAX, type DoneLease, type LeaseRequest, SPEND_MAX } from '../../config/lease.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import { ms } from '../../config/units.ts'

const KEY = /^[0-9a-f]{32}$/
/** Of what leases are called. */
const NAME_MAX = 64
const COUNT_MAX = 1_000_000
const WINDOW_MAX = 3_600_000

/** Undefined when it is none. */
export function parseLeaseRequest(raw: unknown): LeaseRequest | undefined {
  if (!isRecord(raw) || !isRecord(raw['terms']) || typeof raw['key'] !== 'string' || !KEY.test(raw['key']) || !isLeaseName(raw['lease']))
    return undefined
  const { limit, window, burst } = raw['terms']
  if (!isWhole(limit, 1, COUNT_MAX) || !isWhole(window, 1, WINDOW_MAX) || !isWhole(burst, 1, COUNT_MAX)) return undefined
  if (!isWhole(raw['spend'], 0, COUNT_MAX) || !isWhole(raw['ahead'], 0, COUNT_MAX)) return undefined
  const done: readonly unknown[] = Array.isArray(raw['done']) ? raw['done'].slice(0, DONE_MAX) : []
  return {
    key: raw['key'],
    terms: { limit, window: ms(window), burst },
    spend: Math.min(raw['spend'], SPEND_MAX),
    ahead: Math.min(raw['ahead'], AHEAD_MAX),
    lease: raw['lease'],
    done: done.filter(isDone),
  }
}

const isDone = (raw: unknown): raw is DoneLease => isRecord(raw) && isLeaseName(raw['lease']) && isWhole(raw['unused'], 0, AHEAD_MAX)

const isLeaseName = (raw: unknown): raw is string => typeof raw === 'string' && raw !== '' && raw.length <= NAME_MAX

const isWhole = (raw: unknown, least: number, most: number): raw is number =>
  Number.isSafeInteger(raw) && (raw as number) >= least && (raw as number) <= most
