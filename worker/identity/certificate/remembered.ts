/** What was found out about certificates before, by what was presented: bounded in characters, the oldest forgotten first. */

/** Of all keys: with 4 KiB for a leaf and its chain, the 500 clients that were seen last. */
const CHARACTERS_MAX = 2 * 1024 * 1024

export class Remembered<Found> {
  readonly #found = new Map<string, Found>()
  readonly #charactersMax: number
  #characters = 0

  constructor(charactersMax = CHARACTERS_MAX) {
    this.#charactersMax = charactersMax
  }

  get(key: string): Found | undefined {
    return this.#found.get(key)
  }

  /** A key that does not fit alone is not kept. */
  keep(key: string, found: Found): void {
    if (this.#found.delete(key)) this.#characters -= key.length
    if (key.length > this.#charactersMax) return
    this.#found.set(key, found)
    this.#characters += key.length
    for (const oldest of this.#found.keys()) {
      if (this.#characters <= this.#charactersMax) break
      this.#found.delete(oldest)
      this.#characters -= oldest.length
    }
  }
}
