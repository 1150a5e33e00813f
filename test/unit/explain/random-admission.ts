/** Random admissions as a file would say them, and who somebody is by what a header of the test says. */
import type { AdmissionBase } from '../../../config/admission.ts'
import { issuerId, trustId } from '../../../config/ids.ts'
import { type Identify, makeIdentify } from '../../../worker/identity/identify.ts'
import { type CertificateFinding, EARLY, NO_CERTIFICATE, NO_TOKEN, type TokenFinding } from '../../../worker/policy/identity.ts'
import { chance, maybe, oneOf, type Roll } from './rolls.ts'

export const PROOFS = {
  issuers: {
    idp: { issuer: 'https://id.example.com', audiences: ['shop'], discovery: true, from: [{ header: 'x-shown' }, { query: 'shown' }] },
  },
  trusts: { partners: { verify: 'cloudflare' } },
}

const RULES = [
  [{ effect: 'allow' }],
  [{ effect: 'deny', methods: ['DELETE'] }, { effect: 'allow' }],
  [
    { name: 'gold', effect: 'allow', claims: { tier: 'gold' } },
    { effect: 'deny', paths: ['/a'] },
    { effect: 'allow', methods: ['GET', 'HEAD'] },
  ],
  [
    { effect: 'deny', countries: ['DE'] },
    { effect: 'allow', clients: ['192.0.2.0/24', '2001:db8::/32'] },
    { effect: 'allow', certificate: {} },
  ],
  [{ effect: 'allow', headers: { 'x-tenant': 'one' } }],
] as const

const randomAuthorization = (roll: Roll): object => ({ ...maybe(roll, 0.4, () => ({ mode: 'audit' })), rules: oneOf(roll, RULES) })

export const randomRouteAdmission = (roll: Roll): object => ({
  ...maybe(roll, 0.4, () => ({ require: oneOf(roll, ['none', 'optional', 'token', 'any']) })),
  ...maybe(roll, 0.3, () => ({ mode: oneOf(roll, ['strict', 'permissive']) })),
  ...maybe(roll, 0.4, () => ({ authorization: randomAuthorization(roll) })),
})

export const randomAdmission = (hosts: readonly string[], roll: Roll): object => ({
  hosts: hosts.filter(() => chance(roll, 0.8)),
  tokens: ['idp'],
  certificates: ['partners'],
  require: oneOf(roll, ['all', 'any', 'token', 'certificate', 'optional', 'none', 'optional', 'none']),
  ...maybe(roll, 0.3, () => ({ mode: 'permissive' })),
  ...maybe(roll, 0.5, () => ({ authorization: randomAuthorization(roll) })),
})

/** What a request of the test proves: `x-proof` lists it. */
export const PROVED = [
  '',
  'gold',
  'silver',
  'bad-token',
  'new-key',
  'certificate',
  'gold certificate',
  'gold bad-certificate',
  'early',
  'bad-token early',
] as const

export function identifyByHeader(admission: AdmissionBase | undefined): Identify | undefined {
  if (admission === undefined) return undefined
  const proofOf = (headers: Headers): readonly string[] => (headers.get('x-proof') ?? '').split(' ')
  return makeIdentify(admission, {
    findToken: ({ request }) => tokenOf(proofOf(request.headers)),
    findCertificate: ({ request }) => certificateOf(proofOf(request.headers)),
  })
}

function tokenOf(proof: readonly string[]): TokenFinding {
  const issuer = issuerId('idp')
  const tier = proof.find((each) => each === 'gold' || each === 'silver')
  if (tier !== undefined) return { kind: 'verified', issuer, claims: { tier, sub: 'ann' } }
  if (proof.includes('new-key')) return { kind: 'unknown-key', issuer }
  return proof.includes('bad-token') ? { kind: 'refused', reason: 'expired' } : NO_TOKEN
}

function certificateOf(proof: readonly string[]): CertificateFinding {
  if (proof.includes('early')) return EARLY
  if (proof.includes('bad-certificate')) return { kind: 'refused', reason: 'revoked' }
  if (!proof.includes('certificate')) return NO_CERTIFICATE
  return { kind: 'verified', trust: trustId('partners'), fingerprint: 'ab', subject: 'CN=a', dns: [], uris: [], leaf: '', chain: [] }
}
