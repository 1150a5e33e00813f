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
    return ask(asked, facts, inbound.receivedAt, { reasons: [], fingerprint: facts.fingerprint })
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

/** What the trusts before have said. */
interface Refusals {
  readonly reasons: readonly string[]
  /** Empty where nobody knows it. */
  readonly fingerprint: string
}

/** One trust after another, until one takes the certificate. */
function ask(
  [first, ...rest]: readonly NamedJudge[],
  facts: ConnectionFacts,
  now: Instant,
  { reasons, fingerprint }: Refusals,
): Soon<CertificateFinding> {
  if (first === undefined) return refuse(facts, { reasons, fingerprint })
  const next = (found: CertificateFinding): Soon<CertificateFinding> => {
    if (found.kind !== 'refused') return found
    const said = [...reasons, `${first.id}: ${found.reason}`]
    return ask(rest, facts, now, { reasons: said, fingerprint: found.fingerprint ?? fingerprint })
  }
  const found = first.judge(facts, now)
  return found instanceof Promise ? found.then(next) : next(found)
}

/** Whose it would have been is said with it: operators have to find whom they turn away. */
const refuse = ({ issuerName }: ConnectionFacts, { reasons, fingerprint }: Refusals): CertificateFinding => ({
  kind: 'refused',
  reason: reasons.join('; '),
  ...(fingerprint === '' ? {} : { fingerprint }),
  ...(issuerName === '' ? {} : { issuer: issuerName }),
})
