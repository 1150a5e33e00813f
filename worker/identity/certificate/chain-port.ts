/**
 * Path validation as the gateway asks for it. Who validates is `worker/identity/chain`, which is bundled only where the configuration says
 * `verify: bundle`: it weighs more than the rest of the gateway.
 */
import type { TrustedAuthority } from '../../../config/certificate-trust.ts'
import type { Instant } from '../../../config/units.ts'
import type { Certificate } from './parse-certificate.ts'

export interface PresentedChain {
  readonly leaf: Certificate
  /** What came with it, in whatever order. */
  readonly others: readonly Certificate[]
}

export type ChainVerdict =
  | {
      readonly kind: 'good'
      /** From the leaf up to what the authority issued, without the authority. */
      readonly path: readonly Certificate[]
      readonly authority: TrustedAuthority
      /** When all of it is valid, the authority included. */
      readonly from: Instant
      readonly until: Instant
    }
  /** For operators. */
  | { readonly kind: 'bad'; readonly reason: string }

/** Never rejects. */
export type VerifyChain = (presented: PresentedChain, now: Instant) => Promise<ChainVerdict>

export type MakeChainVerifier = (authorities: readonly TrustedAuthority[]) => VerifyChain
