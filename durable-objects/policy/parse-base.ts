/**
 * Reads a base that an isolate or a peer sends, whole or not at all: what is taken is written down and probed once a second, and one odd
 * monitor would end every round of probes. Looser than the configuration language: what that lets pass must pass here.
 */
import { MONITOR_KINDS, type MonitorKind } from '../../config/base.ts'
import { parseDirectorBase } from '../../config/parse-director.ts'
import { parseKeySources } from '../../config/parse-key-sets.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import type { VantageBase } from '../../config/report.ts'
import { isVantage } from '../../config/vantages.ts'

/** Characters of a base as JSON: a row of the storage holds 2 MB. */
const BASE_MAX = 1_000_000
/** Longest hash, key or name. */
const NAME_MAX = 256
/** An interval below it would be a loop without a pause. */
const INTERVAL_MIN = 100

/** The base, or undefined when it is none. */
export function parseBase(raw: unknown): VantageBase | undefined {
  if (!isRecord(raw) || !isName(raw['hash']) || !isHoldDown(raw['holdDown'])) return undefined
  const { targets, vantages } = raw
  if (!Array.isArray(targets) || !targets.every(isTarget)) return undefined
  if (!Array.isArray(vantages) || !vantages.every((name) => typeof name === 'string' && isVantage(name))) return undefined
  if (raw['keySources'] !== undefined && parseKeySources(raw['keySources']) === undefined) return undefined
  const base = withoutOddNames(raw as unknown as VantageBase)
  return JSON.stringify(base).length <= BASE_MAX ? base : undefined
}

/** Health does not wait for what the director of another version needs to know. */
function withoutOddNames(raw: VantageBase): VantageBase {
  if (raw.director === undefined || parseDirectorBase(raw.director)?.hash === raw.hash) return raw
  const { director: _, ...base } = raw
  return base
}

function isTarget(raw: unknown): boolean {
  return (
    isRecord(raw) &&
    ['key', 'id', 'pool'].every((field) => isName(raw[field])) &&
    typeof raw['cloud'] === 'string' &&
    typeof raw['region'] === 'string' &&
    isMonitor(raw['monitor'])
  )
}

function isMonitor(raw: unknown): boolean {
  return (
    isRecord(raw) &&
    typeof raw['url'] === 'string' &&
    URL.canParse(raw['url']) &&
    (raw['method'] === 'GET' || raw['method'] === 'HEAD') &&
    isPairs(raw['headers'], (value) => typeof value === 'string') &&
    isPairs(raw['statuses'], isPositive) &&
    isPositive(raw['interval'], INTERVAL_MIN) &&
    [raw['timeout'], raw['consecutiveUp'], raw['consecutiveDown']].every((value) => isPositive(value)) &&
    (raw['kind'] === undefined || (raw['kind'] !== 'http' && MONITOR_KINDS.includes(raw['kind'] as MonitorKind))) &&
    (raw['service'] === undefined || (typeof raw['service'] === 'string' && raw['service'].length <= NAME_MAX)) &&
    (raw['monitorOnly'] === undefined || raw['monitorOnly'] === true) &&
    (raw['body'] === undefined || typeof raw['body'] === 'string') &&
    (raw['clientCertificate'] === undefined || isName(raw['clientCertificate']))
  )
}

const isHoldDown = (raw: unknown): boolean =>
  isRecord(raw) && ['base', 'factor', 'max', 'memory'].every((field) => isPositive(raw[field], 0))

const isPairs = (raw: unknown, isIt: (value: unknown) => boolean): boolean =>
  Array.isArray(raw) && raw.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((value) => isIt(value)))

const isPositive = (raw: unknown, least = 1): boolean => typeof raw === 'number' && Number.isFinite(raw) && raw >= least

export const isName = (raw: unknown): raw is string => typeof raw === 'string' && raw.length > 0 && raw.length <= NAME_MAX
