/**
 * What the log says of who sent a request. Whose word it is, never whom it is about, unless the host's admission says `logSubject`: a log
 * is kept longer and read by more people than a token. Of what was refused it says what was presented, or nobody could find whom it turns away.
 */
import type { Admitted } from '../policy/admit.ts'
import { type CertificateFinding, holderOf, type Identity, type TokenFinding } from '../policy/identity.ts'
import type { Audited } from './audit.ts'
import { bounded } from './bounded-text.ts'

/** A request that was refused, or would be if nobody only looked. */
export interface TurnedAway {
  readonly address: string | undefined
}

/** `turnedAway`: undefined when it was let in for good. */
export const admissionLine = ({ identity }: Admitted, audited: Audited | undefined, turnedAway: TurnedAway | undefined): object => ({
  ...identityLine(identity, turnedAway),
  ...(audited === undefined ? {} : { wouldRefuse: { ...audited.wouldRefuse, reason: bounded(audited.wouldRefuse.reason) } }),
  ...(audited === undefined || audited.unsaid === 0 ? {} : { wouldRefuseUnsaid: audited.unsaid }),
})

/** Why something is not verified is in the reason. */
function identityLine(identity: Identity | undefined, turnedAway: TurnedAway | undefined): object {
  if (identity === undefined) return {}
  const { token, certificate, host } = identity
  const whose = {
    ...(token.kind === 'verified' ? { issuer: token.issuer } : refusedToken(token)),
    ...(certificate.kind === 'verified' ? { trust: certificate.trust } : refusedCertificate(certificate)),
    ...(host.logSubject === true ? subjectLine(identity, turnedAway) : {}),
  }
  return Object.keys(whose).length === 0 ? {} : { identity: whose }
}

/** Whose word it claims to be, where that is one of those that count. */
const refusedToken = (token: Exclude<TokenFinding, { kind: 'verified' }>): object =>
  token.kind === 'absent' || token.issuer === undefined ? {} : { refusedToken: { issuer: token.issuer } }

function refusedCertificate(certificate: Exclude<CertificateFinding, { kind: 'verified' }>): object {
  if (certificate.kind !== 'refused') return {}
  const { fingerprint, issuer } = certificate
  return {
    refusedCertificate: {
      ...(fingerprint === undefined ? {} : { fingerprint: bounded(fingerprint) }),
      ...(issuer === undefined ? {} : { issuer: bounded(issuer) }),
    },
  }
}

function subjectLine({ token, certificate }: Identity, turnedAway: TurnedAway | undefined): object {
  const sub = token.kind === 'verified' ? token.claims['sub'] : undefined
  return {
    ...(typeof sub === 'string' ? { sub: bounded(sub) } : {}),
    ...(certificate.kind === 'verified' ? { certificate: bounded(holderOf(certificate)) } : {}),
    ...(turnedAway?.address === undefined ? {} : { client: turnedAway.address }),
  }
}
