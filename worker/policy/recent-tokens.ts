/** Tokens of the edge that were signed lately, for attempts that say the same. Bounded in number and in bytes; what was used longest ago goes first. */
import { type Bytes, bytes, type Instant } from '../../config/units.ts'
import { EDGE_TOKEN_REUSED } from './edge-token.ts'

/** Two requests of ten clients a second at fifty paths each. */
export const RECENT_TOKENS_MAX = 1000
/** Of an isolate's 128 MB. A token and what it is about are a kilobyte or two, and as large as the client's own token at most. */
export const RECENT_BYTES_MAX: Bytes = bytes(2 * 1024 * 1024)

interface Recent {
  readonly token: string
  readonly until: Instant
  /** UTF-16 code units of it and of its key. */
  readonly size: number
}

export class RecentTokens {
  readonly #held = new Map<string, Recent>()
  #size = 0

  get count(): number {
    return this.#held.size
  }

  get size(): number {
    return this.#size
  }

  /** The token that was signed for this within the last ten seconds. */
  get(about: string, now: Instant): string | undefined {
    const recent = this.#held.get(about)
    if (recent === undefined) return undefined
    this.#held.delete(about)
    // A clock that was put back would otherwise keep a token for longer than its life.
    if (now >= recent.until || recent.until - now > EDGE_TOKEN_REUSED) {
      this.#size -= recent.size
      return undefined
    }
    this.#held.set(about, recent)
    return recent.token
  }

  put(about: string, token: string, signedAt: Instant): void {
    const size = 2 * (about.length + token.length)
    if (size > RECENT_BYTES_MAX / 16) return
    this.#drop(about)
    this.#held.set(about, { token, until: (signedAt + EDGE_TOKEN_REUSED) as Instant, size })
    this.#size += size
    for (const [oldest] of this.#held) {
      if (this.#held.size <= RECENT_TOKENS_MAX && this.#size <= RECENT_BYTES_MAX) return
      this.#drop(oldest)
    }
  }

  #drop(about: string): void {
    const recent = this.#held.get(about)
    if (recent === undefined) return
    this.#held.delete(about)
    this.#size -= recent.size
  }
}
