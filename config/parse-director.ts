/** Reads what vantages and doors tell the director, whole or not at all. It is asked each second by whoever may be a version apart. */
import type { DirectorBase, DirectorQuestion } from './director.ts'
import type { OverlayOrder } from './overlay.ts'
import { isIncarnation, isRecord } from './parse-snapshot.ts'
import { isVantage } from './vantages.ts'

/** Characters of a base as JSON: a row of the storage holds 2 MB. */
const BASE_MAX = 1_000_000
const NAME_MAX = 256
/** More than a vantage knows of. */
const BASES_MAX = 8

export function parseDirectorBase(raw: unknown): DirectorBase | undefined {
  if (!isRecord(raw) || !isName(raw['hash'])) return undefined
  const { pools, releases, vantages } = raw
  if (!Array.isArray(pools) || !pools.every(isPool)) return undefined
  if (!Array.isArray(releases) || !releases.every(isRelease)) return undefined
  if (!Array.isArray(vantages) || !vantages.every((name) => typeof name === 'string' && isVantage(name))) return undefined
  return JSON.stringify(raw).length <= BASE_MAX ? (raw as unknown as DirectorBase) : undefined
}

/** The question without what is of its own part (`tracks`, `killed`, `emergency`): their parts read that. */
export type HeardQuestion = Pick<DirectorQuestion, 'from' | 'incarnation' | 'holds' | 'bases' | 'documents'>

export function parseQuestion(raw: unknown): HeardQuestion | undefined {
  if (!isRecord(raw) || raw['format'] !== 1 || typeof raw['from'] !== 'string' || !isVantage(raw['from'])) return undefined
  if (!isIncarnation(raw['incarnation']) || !Array.isArray(raw['bases']) || !Array.isArray(raw['documents'])) return undefined
  const { from, incarnation, holds, bases, documents } = raw as unknown as DirectorQuestion
  if (holds !== undefined && !isOrder(holds)) return undefined
  return {
    from,
    incarnation,
    ...(holds === undefined ? {} : { holds }),
    bases: bases.slice(0, BASES_MAX).filter((base) => isRecord(base) && isName(base.hash) && isCount(base.seenAgo)),
    documents: documents.slice(0, BASES_MAX).flatMap((document) => parseDirectorBase(document) ?? []),
  }
}

export const isOrder = (raw: unknown): raw is OverlayOrder => isRecord(raw) && isCount(raw['epoch']) && isCount(raw['revision'])

const isPool = (raw: unknown): boolean =>
  isRecord(raw) && isName(raw['id']) && Array.isArray(raw['endpoints']) && raw['endpoints'].every(isEndpoint)

const isEndpoint = (raw: unknown): boolean =>
  isRecord(raw) &&
  isName(raw['id']) &&
  typeof raw['cloud'] === 'string' &&
  typeof raw['region'] === 'string' &&
  isCount(raw['weight']) &&
  typeof raw['drain'] === 'boolean'

const isRelease = (raw: unknown): boolean =>
  isRecord(raw) && isName(raw['id']) && isRecord(raw['tracks']) && Array.isArray(raw['steps']) && isRecord(raw['analysis'])

const isName = (raw: unknown): raw is string => typeof raw === 'string' && raw.length > 0 && raw.length <= NAME_MAX
const isCount = (raw: unknown): raw is number => typeof raw === 'number' && Number.isFinite(raw) && raw >= 0
