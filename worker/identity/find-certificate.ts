/**
 * What the certificate of a connection proves, by the trusts that its host names: the first that takes it decides whose it is. Whether one is
 * needed is for `admit` to say.
 */
import type { AdmissionBase } from '../../config/admission.ts'
import type { CertificateTrust } from '../../config/certificate-trust.ts'
import type { TrustId } from '../../config/ids.ts'
import type { Instant } from '../../config/units.ts'
import { type CertificateFinding, EARLY, NO_CERTIFICATE } from '../policy/identity.ts'
import type { MakeChainVerifier } from './certificate/chain-port.ts'
import { type ConnectionFacts, connectionFacts, isEarly } from './certificate/connection-facts.ts'
import { bundleJudge } from './certificate/judge-bundle.ts'
import { cloudflareJudge } from './certificate/judge-cloudflare.ts'
import type { IdentityPorts, Soon } from './identify.ts'

type Judge = (facts: ConnectionFacts, now: Instant) => Soon<CertificateFinding>

interface NamedJudge {
  readonly id: TrustId
  readonly judge: Judge
}

/** `make` is there where the configuration says `verify: bundle`. */
export function certificateFinder({ trusts }: AdmissionBase, make: MakeChainVerifier | undefined): IdentityPorts['findCertificate'] {
  const judges = new Map(trusts.map((trust) => [trust.id, { id: trust.id, judge: judgeOf(trust, make) }]))
  return ({ request, inbound, host }) => {
    if (isEarly(request.headers)) return EARLY
    const facts = connectionFacts(request.cf)
    if (facts === undefined) return NO_CERTIFICATE
    const asked = host.certificates.flatMap((id) => judges.get(id) ?? [])
    return ask(asked, facts, inbound.receivedAt, [])
  }
}

function judgeOf(trust: CertificateTrust, make: MakeChainVerifier | undefined): Judge {
  const { verify } = trust
  switch (verify.kind) {
    case 'cloudflare':
      return cloudflareJudge(trust, verify)
    case 'bundle':
      return bundleJudge(trust, verify, make)
    default:
      return verify satisfies never
  }
}

/** One trust after another, until one takes the certificate. */
function ask(
  [first, ...rest]: readonly NamedJudge[],
  facts: ConnectionFacts,
  now: Instant,
  refusals: readonly string[],
): Soon<CertificateFinding> {
  if (first === undefined)
    return { kind: 'refused', reason: refusals.join('; '), ...(facts.fingerprint === '' ? {} : { fingerprint: facts.fingerprint }) }
  const next = (found: CertificateFinding): Soon<CertificateFinding> =>
    found.kind === 'refused' ? ask(rest, facts, now, [...refusals, `${first.id}: ${found.reason}`]) : found
  const found = first.judge(facts, now)
  return found instanceof Promise ? found.then(next) : next(found)
}
