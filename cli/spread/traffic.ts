/** Steady requests to every isolate, and who answered them: a change is in force at an isolate with the first request that was answered by its word. */

/** From one request to the next, at each isolate: ten a second keep it among those with traffic, and are the resolution of what is measured. */
const EVERY_MS = 100
const TIMEOUT_MS = 5000

interface Answer {
  /** When the request was sent. */
  readonly at: number
  /** Who answered without a rescue; empty: nobody. */
  readonly endpoint: string
}

export class Traffic {
  readonly #urls: readonly string[]
  readonly #last = new Map<string, Answer>()
  /** By endpoint, when the last request that it answered was sent. */
  readonly #sentTo = new Map<string, number>()
  readonly #waiting = new Set<() => void>()
  #failed = 0
  #sent = 0
  #timer: NodeJS.Timeout | undefined

  /** Of each isolate. */
  constructor(urls: readonly string[]) {
    this.#urls = urls
  }

  begin(): void {
    this.#timer = setInterval(() => {
      for (const url of this.#urls) void this.#ask(url)
    }, EVERY_MS)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  get counts(): { readonly sent: number; readonly failed: number } {
    return { sent: this.#sent, failed: this.#failed }
  }

  /** When the last request was sent that such an endpoint answered; 0: none. */
  lastSent(isSuch: (endpoint: string) => boolean): number {
    return Math.max(0, ...[...this.#sentTo].flatMap(([endpoint, at]) => (isSuch(endpoint) ? [at] : [])))
  }

  /** Until each isolate has answered a request sent after `from` by an endpoint that `isNew` takes: ms from `from` to the last of them. Infinity: not within. */
  async spread(from: number, isNew: (endpoint: string) => boolean, withinMs: number): Promise<number> {
    const first = new Map<string, number>()
    const end = from + withinMs
    while (first.size < this.#urls.length) {
      if (performance.now() > end) return Number.POSITIVE_INFINITY
      await this.#next()
      for (const [url, { at, endpoint }] of this.#last) if (!first.has(url) && at >= from && isNew(endpoint)) first.set(url, at)
    }
    return Math.max(...first.values()) - from
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(done, EVERY_MS)
      this.#waiting.add(done)
    })
  }

  async #ask(url: string): Promise<void> {
    const at = performance.now()
    this.#sent += 1
    const endpoint = await whoAnswers(url)
    if (endpoint === '') this.#failed += 1
    if ((this.#last.get(url)?.at ?? 0) < at) this.#last.set(url, { at, endpoint })
    this.#sentTo.set(endpoint, Math.max(at, this.#sentTo.get(endpoint) ?? 0))
    for (const wake of this.#waiting) wake()
  }
}

async function whoAnswers(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    await response.arrayBuffer()
    const isFirst = response.headers.get('meridian-attempts') === '1'
    return response.ok && isFirst ? (response.headers.get('meridian-endpoint') ?? '') : ''
  } catch {
    return ''
  }
}
