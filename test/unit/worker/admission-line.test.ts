/** Whom the log names: what was verified by whose word it is, what was refused by what was presented, and whom it is about only where the host says so. */
import { expect, test } from 'vitest'
import { issuerId, trustId } from '../../../config/ids.ts'
import { admissionLine } from '../../../worker/observe/admission-line.ts'
import type { CertificateFinding, Identity, TokenFinding } from '../../../worker/policy/identity.ts'

const issuer = issuerId('idp')
const FINGERPRINT = 'ab'.repeat(32)

const GOOD_TOKEN: TokenFinding = { kind: 'verified', issuer, claims: { sub: 'ann' } }
const GOOD: CertificateFinding = {
  kind: 'verified',
  trust: trustId('partners'),
  fingerprint: FINGERPRINT,
  subject: 'CN=a',
  dns: [],
  uris: [],
  leaf: '',
  chain: [],
}
const BAD: CertificateFinding = { kind: 'refused', reason: 'expired', fingerprint: FINGERPRINT, issuer: `CN=${'x'.repeat(400)}\u2028` }
const NONE = { kind: 'absent' } as const

function lineOf(token: TokenFinding, certificate: CertificateFinding, { logSubject = false, turnedAway = true } = {}): object {
  const host = { pattern: '*', tokens: [issuer], certificates: [], authentication: { require: 'any', mode: 'permissive' } } as const
  const identity: Identity = { host: logSubject ? { ...host, logSubject: true } : host, token, certificate }
  const audited = turnedAway ? { wouldRefuse: { code: 'ERR_TOKEN_REQUIRED', reason: 'no token' } as const, unsaid: 0 } : undefined
  return admissionLine({ identity }, audited, turnedAway ? { address: '192.0.2.7' } : undefined)
}

test.each<[string, object, object | undefined]>([
  ['what is verified, by whose word', lineOf(GOOD_TOKEN, GOOD, { turnedAway: false }), { issuer: 'idp', trust: 'partners' }],
  [
    'and whom it is about, where the host says so',
    lineOf(GOOD_TOKEN, GOOD, { turnedAway: false, logSubject: true }),
    { issuer: 'idp', trust: 'partners', sub: 'ann', certificate: FINGERPRINT },
  ],
  [
    'a refused token, by whose it claims to be',
    lineOf({ kind: 'refused', reason: 'expired', issuer }, NONE),
    { refusedToken: { issuer: 'idp' } },
  ],
  ['one whose key is not known', lineOf({ kind: 'unknown-key', issuer }, NONE), { refusedToken: { issuer: 'idp' } }],
  ['nothing of a token of nobody', lineOf({ kind: 'refused', reason: 'its iss is none' }, NONE), undefined],
  ['nothing of nobody', lineOf(NONE, NONE), undefined],
  ['the address of nobody, where the host says so', lineOf(NONE, NONE, { logSubject: true }), { client: '192.0.2.7' }],
])('it says %s', (_, line, identity) => expect('identity' in line ? line.identity : undefined).toEqual(identity))

test('a refused certificate is named by its fingerprint and by who issued it, in bounded text', () => {
  expect(lineOf(NONE, BAD)).toEqual({
    identity: { refusedCertificate: { fingerprint: FINGERPRINT, issuer: expect.stringMatching(/^CN=x{253}…$/) } },
    wouldRefuse: { code: 'ERR_TOKEN_REQUIRED', reason: 'no token' },
  })
})
