/** What the base knows of a client certificate that the edge presents to endpoints: its binding, and when an operator says that it ends. */
import type { Instant } from './units.ts'

export interface EdgeCertificate {
  /** In `[[mtls_certificates]]` of wrangler.toml. */
  readonly binding: string
  /** The beginning of the day in which it ends: the platform does not tell a Worker of its own certificate. */
  readonly notAfter: Instant
}
