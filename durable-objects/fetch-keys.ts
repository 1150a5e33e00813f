/**
 * Fetches the keys of issuers for one vantage, beside its probes. When that is due and what counts of the answers is
 * `policy/fold-key-set.ts`'s. No request ever waits for it.
 */
import type { KeySetKey } from '../config/ids.ts'
import type { KeySetSource } from '../config/key-set.ts'
import { KEY_SET_BYTES_MAX, readKeySetText } from '../config/read-key-set.ts'
import { after, between, type Instant, ms } from '../config/units.ts'
import { foldFetch, foldWanted, isFetchDue, type KeyFetch, type KeySetFold } from './policy/fold-key-set.ts'
import { readDiscovery } from './policy/read-discovery.ts'
import type { ControlPlatform, DocumentAnswer } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** Of an object's six connections, which probes need. */
const AT_ONCE = 2
const FETCH_TIMEOUT = ms(3000)
/** A discovery document is read again so often: the place of keys hardly ever changes. */
const PLACE_GOOD_FOR = ms(3_600_000)

export class KeyFetcher {
  readonly #state: VantageState
  readonly #platform: ControlPlatform
  readonly #onNews: (now: Instant) => void
  readonly #running = new Set<KeySetKey>()

  /** `onNews` runs after a fetch that brought other keys. */
  constructor(state: VantageState, platform: ControlPlatform, onNews: (now: Instant) => void) {
    this.#state = state
    this.#platform = platform
    this.#onNews = onNews
  }

  /** Begins what is due; what finds no connection begins when one is free. Nobody waits for it, and it never rejects. */
  begin(now: Instant): void {
    for (const source of this.#state.keySources.values()) {
      if (this.#running.size >= AT_ONCE) return
      if (!this.#running.has(source.key) && isFetchDue(this.#state.keySet(source.key), now)) void this.#fetch(source)
    }
  }

  /** An isolate met keys that are in none of these sets. True when a fetch is under way that may bring them. */
  want(keys: readonly KeySetKey[], now: Instant): boolean {
    for (const key of keys) if (this.#state.keySources.has(key)) this.#state.keySets.set(key, foldWanted(this.#state.keySet(key), now))
    this.begin(now)
    return keys.some((key) => this.#running.has(key))
  }

  isRunning(key: KeySetKey): boolean {
    return this.#running.has(key)
  }

  async #fetch(source: KeySetSource): Promise<void> {
    const { key } = source
    const state = this.#state
    this.#running.add(key)
    state.counters.keyFetches += 1
    const before = state.keySet(key).good?.version
    const fetched = await this.#ask(source).catch((error): KeyFetch => ({ kind: 'failed', detail: String(error) }))
    this.#running.delete(key)
    const now = this.#platform.now()
    if (fetched.kind === 'failed') state.counters.keyFetchesFailed += 1
    if (!state.keySources.has(key)) return
    state.keySets.set(key, foldFetch(state.keySet(key), fetched, { now, draw: this.#platform.draw() }))
    if (state.keySet(key).good?.version !== before) this.#onNews(now)
    this.begin(now)
  }

  async #ask(source: KeySetSource): Promise<KeyFetch> {
    const place = source.kind === 'jwks' ? source.url : await this.#placeOf(source)
    if (typeof place !== 'string') return place
    const { good } = this.#state.keySet(source.key)
    const answer = await this.#platform.fetchDocument({
      url: place,
      timeout: FETCH_TIMEOUT,
      bytesMax: KEY_SET_BYTES_MAX,
      ...(good?.etag === undefined ? {} : { etag: good.etag }),
    })
    if (answer.kind === 'same')
      return good === undefined
        ? { kind: 'failed', detail: 'status 304 to a question without a tag' }
        : { ...answer, version: good.version }
    if (answer.kind === 'failed') return this.#misplaced(source, answer)
    const read = readKeySetText(answer.text)
    if (!read.ok) return this.#misplaced(source, { kind: 'failed', detail: `the key set: ${read.error}` })
    return { kind: 'keys', reading: read.value, ...(answer.etag === undefined ? {} : { etag: answer.etag }) }
  }

  /** What the discovery document said last is good for an hour, and for longer while it cannot be read. */
  async #placeOf(source: KeySetSource): Promise<string | KeyFetch> {
    const held = this.#state.keySet(source.key).place
    const now = this.#platform.now()
    if (held !== undefined && Math.abs(between(held.readAt, now)) < PLACE_GOOD_FOR) return held.url
    const answer = await this.#platform.fetchDocument({ url: source.url, timeout: FETCH_TIMEOUT, bytesMax: KEY_SET_BYTES_MAX })
    const read = readAnswer(answer, source)
    if (!read.ok) return held?.url ?? { kind: 'failed', detail: read.detail }
    // A tag means something at the place that gave it, and nothing at another.
    const moved = held !== undefined && held.url !== read.url
    this.#change(source.key, (fold) => ({ ...(moved ? withoutTag(fold) : fold), place: { url: read.url, readAt: now } }))
    return read.url
  }

  /** Keys that cannot be fetched may have moved: the discovery document is read again with the next try. */
  #misplaced(source: KeySetSource, failed: Extract<KeyFetch, { kind: 'failed' }>): KeyFetch {
    const long = after(this.#platform.now(), ms(-PLACE_GOOD_FOR))
    if (source.kind === 'discovery')
      this.#change(source.key, (fold) => (fold.place === undefined ? fold : { ...fold, place: { ...fold.place, readAt: long } }))
    return failed
  }

  #change(key: KeySetKey, change: (fold: KeySetFold) => KeySetFold): void {
    if (this.#state.keySources.has(key)) this.#state.keySets.set(key, change(this.#state.keySet(key)))
  }
}

function withoutTag({ good, ...fold }: KeySetFold): KeySetFold {
  if (good === undefined) return fold
  const { etag: _, ...untagged } = good
  return { ...fold, good: untagged }
}

type Place = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly detail: string }

function readAnswer(answer: DocumentAnswer, source: KeySetSource): Place {
  if (answer.kind !== 'fetched')
    return { ok: false, detail: `the discovery document: ${answer.kind === 'failed' ? answer.detail : 'status 304'}` }
  const read = readDiscovery(answer.text, source)
  return read.ok ? { ok: true, url: read.value } : { ok: false, detail: read.error }
}
