/**
 * How key sets are kept in KV, for a cold isolate that no vantage answers: an entry a set, signed with a secret that both Workers have, since
 * whoever forged one could sign tokens. The platform deletes it before its keys are too old to count.
 */
import { KEYS_GOOD_FOR, type KeySetNews } from './key-set.ts'
import { parseKeySetNews } from './parse-key-sets.ts'
import { isRecord } from './parse-snapshot.ts'
import { type DurationMs, ms } from './units.ts'

export const knownKeysName = (key: KeySetNews['key']): string => `keys/${key}`

/** What is signed, and with what: of another purpose than everything else that the secret signs. */
export const keysSecret = (secret: string): string => `meridian keys 1 ${secret}`

/** How old an entry's keys are cannot be told from it; so long they count from when they were read, and then they are read again. */
export const KNOWN_KEYS_HELD = ms(600_000)
/** Caches of KV, and clocks: an entry is seen for a while after it has been deleted. */
const SEEN_LATE = ms(300_000)
/** The shortest life that KV gives an entry. */
const LIFE_MIN = ms(60_000)

/** How long an entry lives; undefined when it would be too old too soon. */
export function knownKeysLife({ age }: Pick<KeySetNews, 'age'>): DurationMs | undefined {
  const life = KEYS_GOOD_FOR - age - KNOWN_KEYS_HELD - SEEN_LATE
  return life < LIFE_MIN ? undefined : ms(life)
}

/** The document of a set. */
export const keysDocument = (news: readonly KeySetNews[]): string => JSON.stringify({ format: 1, keySets: news })

/** Of a document whose MAC was right. */
export function parseKeysDocument(document: string): readonly KeySetNews[] {
  const raw: unknown = JSON.parse(document)
  return isRecord(raw) && raw['format'] === 1 ? (parseKeySetNews(raw['keySets']) ?? []) : []
}
