/** Reads what is told of key sets, by a vantage, a peer or a store that may hold rubbish. One odd key set is left out, the others stand. */
import { keySetKey } from './ids.ts'
import { KEY_SETS_MAX, type KeySetNews, type KeySetSource, type PublicJwk } from './key-set.ts'
import { isRecord } from './parse-snapshot.ts'
import { readKeySet } from './read-key-set.ts'
import { ms } from './units.ts'

/** Longest key of a set, and longest name of a version. */
const NAME_MAX = 64
const URL_MAX = 2048

/** Undefined when nothing is told at all, as by somebody one version back. */
export function parseKeySetNews(raw: unknown): readonly KeySetNews[] | undefined {
  return Array.isArray(raw) ? raw.slice(0, KEY_SETS_MAX).flatMap((each) => parseOne(each) ?? []) : undefined
}

function parseOne(raw: unknown): KeySetNews | undefined {
  if (!isRecord(raw) || !isName(raw['key']) || !isName(raw['version']) || !isCount(raw['age'])) return undefined
  const news = { key: keySetKey(raw['key']), version: raw['version'], age: ms(raw['age']) }
  return withKeys(raw['since'] === undefined || !isCount(raw['since']) ? news : { ...news, since: ms(raw['since']) }, raw)
}

function withKeys(news: KeySetNews, raw: Readonly<Record<string, unknown>>): KeySetNews | undefined {
  if (raw['keys'] === undefined) return news
  const keys = parseKeys(raw['keys'])
  return keys === undefined ? undefined : { ...news, keys }
}

/** Looked at as if they came from the endpoint itself: a forged secret or a weak key counts nowhere. */
export function parseKeys(raw: unknown): readonly PublicJwk[] | undefined {
  const read = readKeySet({ keys: raw }, 'endpoint')
  return read.ok ? read.value.keys : undefined
}

/** Of a base that is learned. Undefined when one of them is none. */
export function parseKeySources(raw: unknown): readonly KeySetSource[] | undefined {
  return Array.isArray(raw) && raw.length <= KEY_SETS_MAX && raw.every(isSource) ? raw : undefined
}

function isSource(raw: unknown): raw is KeySetSource {
  if (!isRecord(raw) || !isName(raw['key']) || typeof raw['url'] !== 'string' || raw['url'].length > URL_MAX) return false
  if (!/^https?:\/\//.test(raw['url']) || !URL.canParse(raw['url'])) return false
  return raw['kind'] === 'jwks' || (raw['kind'] === 'discovery' && typeof raw['issuer'] === 'string')
}

const isName = (raw: unknown): raw is string => typeof raw === 'string' && raw.length > 0 && raw.length <= NAME_MAX
const isCount = (raw: unknown): raw is number => typeof raw === 'number' && Number.isFinite(raw) && raw >= 0
