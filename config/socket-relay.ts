/** How WebSockets are relayed by the routes that ask for it. All others are handed over to the runtime, which is cheaper and knows no bound. */
import type { Bytes, DurationMs } from './units.ts'

export interface SocketRelaySettings {
  /** Sockets of an endpoint that goes out are ended at random moments within this time, so that clients do not all come back at once. Default 30 s. */
  readonly drainWithin: DurationMs
  /** Largest message, either way. A larger one ends the socket with 1009. Default 1 MiB; the runtime takes 32 MiB. */
  readonly messageMax: Bytes
  /** So much is carried to one side, then the socket is ended with 1012: what a side has not read is held in memory, and nobody can see how much that is. Default 16 MiB. */
  readonly renewAfter: Bytes
}
