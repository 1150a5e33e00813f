/**
 * Reads an overlay and an emergency that came from somewhere that may hold rubbish: a cache, KV, another version of a vantage. What is not of
 * the right shape, or is larger than anything that the director makes, is refused whole: the last good one stays in force. Whether the names in
 * it are a base's is not asked here.
 */

import { isRecord } from './is-record.ts'
import type { Emergency, InForce, Overlay } from './overlay.ts'

/** Of pools with weights, endpoints of one of them, drains, releases, regions of one of them, and names of one list of an emergency. */
const ENTRIES_MAX = 1024
/** Emergencies that may be told together: one a vantage. */
const VANTAGES_MAX = 16
/** Characters of a name, of a salt or of a tag. */
const NAME_MAX = 256
/** As in the configuration. */
const WEIGHT_MAX = 10_000
/** Longest that a drain may take, in ms: a week. */
const OVER_MAX = 604_800_000

/** The overlay, or undefined when it is none. */
export function parseOverlay(raw: unknown): Overlay | undefined {
  if (!isRecord(raw) || raw['format'] !== 1 || !isOrder(raw['order'])) return undefined
  const { weights, drains, releases } = raw
  if (!isTable(weights, (pool) => isTable(pool, isWeight)) || !isTable(releases, isReleaseOrder)) return undefined
  return isList(drains, isDrain) ? (raw as unknown as Overlay) : undefined
}

/** The emergency, or undefined when it is none. */
export function parseEmergency(raw: unknown): Emergency | undefined {
  if (!isRecord(raw) || !isName(raw['etag'])) return undefined
  const lists = [raw['drain'], raw['weightZero'], raw['freeze'], raw['killCanary']]
  return lists.every((list) => isList(list, isName)) ? (raw as unknown as Emergency) : undefined
}

/** Both, of which neither need be there; undefined when one of them is of no right shape. */
export function parseInForce(raw: unknown): InForce | undefined {
  if (!isRecord(raw) || !Array.isArray(raw['emergencies']) || raw['emergencies'].length > VANTAGES_MAX) return undefined
  const isRight = raw['overlay'] === undefined || parseOverlay(raw['overlay']) !== undefined
  return isRight && raw['emergencies'].every((each) => parseEmergency(each) !== undefined) ? (raw as unknown as InForce) : undefined
}

const isOrder = (raw: unknown): boolean => isRecord(raw) && isMoment(raw['epoch']) && isMoment(raw['revision'])

const isDrain = (raw: unknown): boolean =>
  isRecord(raw) &&
  isTarget(raw['target']) &&
  (raw['direction'] === 'out' || raw['direction'] === 'back') &&
  isMoment(raw['over']) &&
  (raw['over'] as number) <= OVER_MAX &&
  isMoment(raw['begun'])

/** A kind that is not known here is of a later version: what it takes out is not known either. */
const isTarget = (raw: unknown): boolean =>
  isRecord(raw) && (raw['kind'] === 'endpoint' || raw['kind'] === 'region' || raw['kind'] === 'cloud') && isName(raw[raw['kind']])

const isReleaseOrder = (raw: unknown): boolean =>
  isRecord(raw) &&
  isShare(raw['weight']) &&
  isShare(raw['mirror']) &&
  (raw['regions'] === undefined || isTable(raw['regions'], isShare)) &&
  typeof raw['killed'] === 'boolean' &&
  typeof raw['salt'] === 'string' &&
  raw['salt'].length <= NAME_MAX

const isMoment = (raw: unknown): boolean => typeof raw === 'number' && Number.isFinite(raw) && raw >= 0
const isShare = (raw: unknown): boolean => typeof raw === 'number' && raw >= 0 && raw <= 1
const isWeight = (raw: unknown): boolean => typeof raw === 'number' && raw >= 0 && raw <= WEIGHT_MAX
const isName = (raw: unknown): boolean => typeof raw === 'string' && raw.length > 0 && raw.length <= NAME_MAX

function isTable(raw: unknown, isRight: (value: unknown) => boolean): boolean {
  if (!isRecord(raw)) return false
  const entries = Object.entries(raw)
  return entries.length <= ENTRIES_MAX && entries.every(([name, value]) => isName(name) && isRight(value))
}

const isList = (raw: unknown, isRight: (value: unknown) => boolean): boolean =>
  Array.isArray(raw) && raw.length <= ENTRIES_MAX && raw.every(isRight)
