/**
 * What the log says of who sent a request. Whose word it is, never whom it is about, unless the host's admission says `logSubject`: a log
 * is kept longer and read by more people than a token.
 */
import type { Admitted } from '../policy/admit.ts'
import { holderOf, type Identity } from '../policy/identity.ts'
import type { Audited } from './audit.ts'
import { bounded } from './bounded-text.ts'

export const admissionLine = ({ identity }: Admitted, audited: Audited | undefined): object => ({
  ...identityLine(identity),
  ...(audited === undefined ? {} : { wouldRefuse: { ...audited.wouldRefuse, reason: bounded(audited.wouldRefuse.reason) } }),
  ...(audited === undefined || audited.unsaid === 0 ? {} : { wouldRefuseUnsaid: audited.unsaid }),
})

/** Of what is verified alone: why the rest is not is in the reason. */
function identityLine(identity: Identity | undefined): object {
  if (identity === undefined) return {}
  const { token, certificate, host } = identity
  const whose = {
    ...(token.kind === 'verified' ? { issuer: token.issuer } : {}),
    ...(certificate.kind === 'verified' ? { trust: certificate.trust } : {}),
    ...(host.logSubject === true ? subjectLine(identity) : {}),
  }
  return Object.keys(whose).length === 0 ? {} : { identity: whose }
}

function subjectLine({ token, certificate }: Identity): object {
  const sub = token.kind === 'verified' ? token.claims['sub'] : undefined
  return {
    ...(typeof sub === 'string' ? { sub: bounded(sub) } : {}),
    ...(certificate.kind === 'verified' ? { certificate: bounded(holderOf(certificate)) } : {}),
  }
}
