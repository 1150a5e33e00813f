/**
 * Tokens that have been verified, by their whole text: a client repeats its token for minutes, and a verification costs more than all else
 * of a request. A place in it is won by a good signature only, so nobody can push out others with rubbish.
 */

/** Tokens of a generation; two are kept. */
const COUNT_MAX = 1000
/** Characters of their tokens. What is kept of one is about four times as much: 8 MB in all. */
const CHARACTERS_MAX = 1024 * 1024

/** Two generations: what is asked for moves to the younger, and the elder is forgotten whole when the younger is full. */
export class KnownTokens<Entry> {
  #younger = new Map<string, Entry>()
  #elder = new Map<string, Entry>()
  #characters = 0

  get(token: string): Entry | undefined {
    const young = this.#younger.get(token)
    if (young !== undefined) return young
    const old = this.#elder.get(token)
    if (old === undefined) return undefined
    this.#elder.delete(token)
    this.add(token, old)
    return old
  }

  add(token: string, entry: Entry): void {
    if (this.#younger.size >= COUNT_MAX || this.#characters + token.length > CHARACTERS_MAX) {
      this.#elder = this.#younger
      this.#younger = new Map()
      this.#characters = 0
    }
    if (!this.#younger.has(token)) this.#characters += token.length
    this.#younger.set(copyOf(token), entry)
  }

  delete(token: string): void {
    if (this.#younger.delete(token)) this.#characters -= token.length
    this.#elder.delete(token)
  }

  get size(): number {
    return this.#younger.size + this.#elder.size
  }
}

/** A part of a text keeps the whole of it in memory: of a cookie that would be all cookies of its request. */
const copyOf = (token: string): string => token.split('.').join('.')
