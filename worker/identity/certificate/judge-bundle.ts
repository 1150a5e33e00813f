/** `verify: bundle`: the path is validated here, once for each chain that is presented, and the verdict remembered as long as it can hold. */

import type { CertificateTrust, CertificateVerification } from '../../../config/certificate-trust.ts'
import { hexOf } from '../../../config/hex.ts'
import { type Instant, instant } from '../../../config/units.ts'
import type { CertificateFinding } from '../../policy/identity.ts'
import type { Soon } from '../identify.ts'
import type { MakeChainVerifier, VerifyChain } from './chain-port.ts'
import type { ConnectionFacts } from './connection-facts.ts'
import { hold, refuse } from './holder.ts'
import { base64Of, octetsOf } from './octets.ts'
import { type Certificate, parseCertificate } from './parse-certificate.ts'
import { Remembered } from './remembered.ts'

type ByBundle = Extract<CertificateVerification, { kind: 'bundle' }>

/** Characters of base64 of one certificate. Real ones have two thousand; with RSA keys of 8192 bits and many names six thousand. */
const CERTIFICATE_MAX = 16 * 1024
/** Certificates that come with the leaf. TLS stacks stop between six and ten. */
const CHAIN_MAX = 8
/** A refusal may be mended by the clock alone, or by an operator's clock: it is judged anew this soon. */
const REFUSED_FOR_MS = 10_000

interface Verdict {
  readonly finding: CertificateFinding
  readonly from: Instant
  readonly until: Instant
}

export function bundleJudge(trust: CertificateTrust, { authorities }: ByBundle, make: MakeChainVerifier | undefined) {
  const verify = make?.(authorities)
  const verdicts = new Remembered<Verdict>()
  const revoked = new Set(trust.revoked)
  return (facts: ConnectionFacts, now: Instant): Soon<CertificateFinding> => {
    // A bundle without the validator is a fault of the build: nobody gets in by it.
    if (verify === undefined) return refuse('this gateway was built without path validation', facts.fingerprint)
    const { leaf, chain } = facts
    if (facts.revoked) return refuse('Cloudflare says that it is revoked', facts.fingerprint)
    if (leaf === '') return refuse('the platform did not hand it over', facts.fingerprint)
    if (leaf.length > CERTIFICATE_MAX || chain.length > CHAIN_MAX || chain.some(({ length }) => length > CERTIFICATE_MAX))
      return refuse('its chain is too large', facts.fingerprint)
    const key = [leaf, ...chain].join()
    const known = verdicts.get(key)
    if (known !== undefined && now >= known.from && now <= known.until) return known.finding
    return judge(facts, { trust, revoked, verify, now }).then((verdict) => {
      verdicts.keep(key, verdict)
      return verdict.finding
    })
  }
}

interface Judging {
  readonly trust: CertificateTrust
  readonly revoked: ReadonlySet<string>
  readonly verify: VerifyChain
  readonly now: Instant
}

async function judge(facts: ConnectionFacts, { trust, revoked, verify, now }: Judging): Promise<Verdict> {
  const refused = (reason: string, fingerprint: string): Verdict => ({
    finding: refuse(reason, fingerprint),
    from: now,
    until: instant(now + REFUSED_FOR_MS),
  })
  const leaf = read(facts.leaf)
  if (leaf === undefined) return refused('it is malformed', facts.fingerprint)
  const fingerprint = await fingerprintOf(leaf)
  const others = facts.chain.map(read)
  if (!areRead(others)) return refused('a certificate of its chain is malformed', fingerprint)
  const verdict = await verify({ leaf, others }, now)
  if (verdict.kind === 'bad') return refused(verdict.reason, fingerprint)
  const { path, authority, from, until } = verdict
  const fingerprints = await Promise.all(path.map(fingerprintOf))
  const finding = hold(
    { trust: trust.id, leaf, path, fingerprints, trustDomains: authority.trustDomains ?? [], revoked },
    { subject: facts.subject, leaf: facts.leaf, chain: path.slice(1).map(({ der }) => base64Of(der)) },
  )
  return { finding, from, until }
}

function read(base64: string): Certificate | undefined {
  const octets = octetsOf(base64)
  return octets === undefined ? undefined : parseCertificate(octets)
}

const areRead = (certificates: readonly (Certificate | undefined)[]): certificates is readonly Certificate[] =>
  certificates.every((certificate) => certificate !== undefined)

const fingerprintOf = async ({ der }: Certificate): Promise<string> =>
  hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(der))))
