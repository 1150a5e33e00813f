/** Reads what storage holds of a key set: a set of keys that is believed must be one, whatever version of the vantage wrote it. */
import { parseKeys } from '../../config/parse-key-sets.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import { instant } from '../../config/units.ts'
import { type KeySetFold, NEVER_FETCHED } from './fold-key-set.ts'

/** The set that counted and where it was found; failures and plans are of the life that is over. Undefined when there is nothing. */
export function parseKeySetFold(raw: unknown): KeySetFold | undefined {
  if (!isRecord(raw) || !isRecord(raw['good'])) return undefined
  const { keys, version, confirmedAt, since, etag } = raw['good']
  const read = parseKeys(keys)
  if (read === undefined || typeof version !== 'string' || typeof confirmedAt !== 'number') return undefined
  const seen = instant(typeof since === 'number' ? since : confirmedAt)
  const good = { keys: read, version, confirmedAt: instant(confirmedAt), since: seen, ...(typeof etag === 'string' ? { etag } : {}) }
  return { ...NEVER_FETCHED, good, ...placeOf(raw['place']) }
}

const placeOf = (raw: unknown): Pick<KeySetFold, 'place'> =>
  isRecord(raw) && typeof raw['url'] === 'string' && typeof raw['readAt'] === 'number'
    ? { place: { url: raw['url'], readAt: instant(raw['readAt']) } }
    : {}
