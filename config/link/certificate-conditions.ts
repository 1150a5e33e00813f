/**
 * What conditions on certificates must not contradict where they are asked: SPIFFE ids of trust domains that somebody vouches for, trusts that count,
 * and DNS names that are one trust's to issue.
 */

import type { CertificateMatch } from '../certificate-trust.ts'
import type { Path } from '../defect.ts'
import { namesAt, own } from '../document.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { didYouMean } from '../suggest.ts'
import { type Findings, few, isSaid, isSure, lostFields, refuse } from './findings.ts'
import { type AdmissionFile, allOf, judgesOf } from './judged-by.ts'

/** What says for which domains a trust vouches, and where it counts. */
const VOUCHING: ReadonlySet<string> = new Set(['trustDomains', 'authorities'])
const TAKING: ReadonlySet<string> = new Set(['hosts', 'certificates'])

interface Asked {
  readonly match: CertificateMatch
  /** Whether whoever meets it comes in by it. */
  readonly admits: boolean
  /** Trusts that count where it is asked: never empty, that is a defect of its own. */
  readonly trusts: readonly string[]
  /** Of the condition. */
  readonly path: Path
}

export function linkCertificateConditions(file: GatewayFile, findings: Findings): void {
  if (!isSaid('trusts', findings) || !isSaid('admission', findings)) return
  if (lostFields(['admission'], TAKING, findings, 'list')) return
  const isSureOfDomains = !lostFields(['trusts'], VOUCHING, findings, 'list')
  for (const asked of conditionsOf(file)) {
    if (isSureOfDomains) refuseStrange(asked, vouchedFor(file, asked.trusts), findings)
    refuseStranger(asked, file, findings)
    refuseUnbound(asked, findings)
  }
}

function* conditionsOf(file: GatewayFile): Generator<Asked> {
  for (const [index, admission] of file.admission.entries())
    yield* ofRules(admission.authorization, [admission], ['admission', index, 'authorization', 'rules'])
  for (const [index, { hosts, admission, certificate }] of file.routes.entries()) {
    if (admission?.authorization === undefined && certificate === undefined) continue
    const judges = hosts.flatMap((host) => allOf(judgesOf(file, host)).map((judge) => judge.admission))
    const [trusts, path] = [trustsOf(judges), ['routes', index]]
    if (certificate !== undefined && trusts.length > 0) yield { match: certificate, admits: true, trusts, path: [...path, 'certificate'] }
    yield* ofRules(admission?.authorization, judges, [...path, 'admission', 'authorization', 'rules'])
  }
}

function* ofRules(authorization: AdmissionFile['authorization'], judges: readonly AdmissionFile[], path: Path): Generator<Asked> {
  const trusts = trustsOf(judges)
  if (trusts.length === 0) return
  for (const [place, { certificate: match, effect }] of (authorization?.rules ?? []).entries())
    if (match !== undefined) yield { match, admits: effect === 'allow', trusts, path: [...path, place, 'certificate'] }
}

const trustsOf = (judges: readonly AdmissionFile[]): readonly string[] => [...new Set(judges.flatMap(({ certificates }) => certificates))]

function vouchedFor({ trusts }: GatewayFile, names: readonly string[]): ReadonlySet<string> {
  const domains = names.flatMap((name) => {
    const { trustDomains = [], authorities = [] } = own(trusts, name) ?? {}
    return [...trustDomains, ...authorities.flatMap((authority) => authority.trustDomains ?? [])]
  })
  return new Set(domains)
}

function refuseStrange({ match, path }: Asked, vouched: ReadonlySet<string>, findings: Findings): void {
  for (const [index, id] of (match.spiffe ?? []).entries()) {
    const [, , domain = ''] = id.split('/')
    if (vouched.has(domain)) continue
    const expected = `a trust domain that a trust of its hosts vouches for: ${few([...vouched])}`
    refuse(findings, { code: 'TRUST_DOMAIN_UNVOUCHED', path: [...path, 'spiffe', index], expected })
  }
}

/** A trust that is none, or one that is asked nothing where the condition is. */
function refuseStranger({ match: { trust }, trusts, path }: Asked, file: GatewayFile, findings: Findings): void {
  if (trust === undefined || trusts.includes(trust)) return
  const isKnown = own(file.trusts, trust) !== undefined || namesAt(findings.parsed.document, ['trusts']).includes(trust)
  refuse(findings, {
    code: isKnown ? 'PROOF_MISSING' : 'TRUST_UNKNOWN',
    path: [...path, 'trust'],
    expected: `one of the trusts that count here: ${few(trusts)}`,
    suggestion: didYouMean(trust, trusts),
  })
}

/** What says whose certificates are meant. */
const BINDING = ['trust', 'spiffe', 'fingerprints'] as const

/**
 * Each trust may issue any DNS name: without saying which is meant, whoever gets a certificate of one passes for a client of another. A SPIFFE id
 * is of the one that vouches for its trust domain, a fingerprint of one certificate, and a `deny` that holds too often lets nobody in.
 */
function refuseUnbound({ match, admits, trusts, path }: Asked, findings: Findings): void {
  const { trust, dns, spiffe, fingerprints } = match
  if (!admits || trusts.length < 2 || dns === undefined) return
  if (trust !== undefined || spiffe !== undefined || fingerprints !== undefined) return
  if (!BINDING.every((field) => isSure([...path, field], findings))) return
  refuse(findings, {
    code: 'TRUST_UNSAID',
    path: [...path, 'dns'],
    expected: `a field "trust" beside it, because each of these trusts may issue any name: ${few(trusts)}`,
  })
}
