/** What an ingress saw, as evidence for measurements: nothing here is believed from the gateway's own log. */
import type { IncomingMessage } from 'node:http'

/** The load generator's number of a request. */
export const LOAD_ID_HEADER = 'x-load-id'

export interface SeenRequest {
  /** Absent when the request did not come from the load generator. */
  readonly id?: string
  readonly method: string
  /** Milliseconds of the machine's clock, which ingresses and load generator share. */
  readonly at: number
  readonly attempt: number
  readonly probation: boolean
}

/** Two hours at 100 a second. The oldest are forgotten. */
const KEPT_MAX = 720_000

export class SeenRequests {
  #requests: SeenRequest[] = []
  count = 0

  note(request: IncomingMessage): void {
    const id = request.headers[LOAD_ID_HEADER]
    this.count += 1
    this.#requests.push({
      ...(typeof id === 'string' ? { id } : {}),
      method: request.method ?? '',
      at: performance.timeOrigin + performance.now(),
      attempt: Number(request.headers['meridian-attempt'] ?? 1),
      probation: request.headers['meridian-probation'] !== undefined,
    })
    if (this.#requests.length > KEPT_MAX) this.#requests = this.#requests.slice(KEPT_MAX / 2)
  }

  all(): readonly SeenRequest[] {
    return this.#requests
  }

  forget(): void {
    this.#requests = []
    this.count = 0
  }
}
