/** L0 of keys: the key sets that the isolate holds, and how old they are. Ages count from the last time that their issuer confirmed them. */
import type { KeySetKey } from '../../config/ids.ts'
import { ageOfKeys, KEYS_GOOD_FOR, type KeySetNews, type KeySetSource, type PublicJwk } from '../../config/key-set.ts'
import { KNOWN_KEYS_HELD } from '../../config/known-keys.ts'
import { type Instant, instant } from '../../config/units.ts'

interface HeldKeySet {
  readonly keys: readonly PublicJwk[]
  readonly version: string
  readonly confirmedAt: Instant
}

/** Older sets are looked for elsewhere while there is time. */
const RENEWED_AFTER = KEYS_GOOD_FOR - KNOWN_KEYS_HELD / 2

export class HeldKeys {
  readonly sources: readonly KeySetSource[]
  readonly #sets = new Map<KeySetKey, HeldKeySet>()

  constructor(sources: readonly KeySetSource[]) {
    this.sources = sources
  }

  /** The same list as long as its keys are the same; undefined when they were never known, or are too old. */
  keysOf(key: KeySetKey, now: Instant): readonly PublicJwk[] | undefined {
    const set = this.#sets.get(key)
    return set === undefined || ageOfKeys(set.confirmedAt, now) >= KEYS_GOOD_FOR ? undefined : set.keys
  }

  /** Some tokens cannot be verified. */
  lacks(now: Instant): boolean {
    for (const { key } of this.sources) if (this.keysOf(key, now) === undefined) return true
    return false
  }

  /** Lacking, or about to. */
  expiring(now: Instant): readonly KeySetKey[] {
    return this.sources.flatMap(({ key }) => {
      const set = this.#sets.get(key)
      return set === undefined || ageOfKeys(set.confirmedAt, now) >= RENEWED_AFTER ? [key] : []
    })
  }

  versionOf(key: KeySetKey): string | undefined {
    return this.#sets.get(key)?.version
  }

  versions(): Readonly<Record<KeySetKey, string>> {
    return Object.fromEntries([...this.#sets].map(([key, { version }]) => [key, version]))
  }

  /** What would be told to another isolate. */
  tell(now: Instant): readonly KeySetNews[] {
    return [...this.#sets].map(([key, { keys, version, confirmedAt }]) => ({ key, version, age: ageOfKeys(confirmedAt, now), keys }))
  }

  /** What the issuer confirmed later counts. A version without its keys changes nothing, unless it is the one that is held. */
  take(news: readonly KeySetNews[], now: Instant): void {
    for (const { key, version, age, keys } of news) {
      if (age >= KEYS_GOOD_FOR || !this.sources.some((source) => source.key === key)) continue
      const held = this.#sets.get(key)
      const confirmedAt = instant(now - age)
      // Confirmed in the future: before the clock was set back.
      if (held !== undefined && held.confirmedAt > confirmedAt && held.confirmedAt <= now) continue
      if (held?.version === version) this.#sets.set(key, { ...held, confirmedAt })
      else if (keys !== undefined) this.#sets.set(key, { keys, version, confirmedAt })
    }
  }
}
