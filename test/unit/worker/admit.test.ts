/** What a demand makes of what was found out: every demand against every finding of both kinds. */
import { describe, expect, test } from 'vitest'
import type { Authentication, HostAdmission, Requirement, RouteAdmission } from '../../../config/admission.ts'
import { issuerId, trustId } from '../../../config/ids.ts'
import { type Admission, admit } from '../../../worker/policy/admit.ts'
import type { Rules } from '../../../worker/policy/authorize.ts'
import type { CertificateFinding, TokenFinding } from '../../../worker/policy/identity.ts'
import { MatchRequest } from '../../../worker/policy/match-request.ts'
import { testBase } from '../../workerd/gateway/base.ts'
import { headOf } from './matching.ts'

const issuer = issuerId('idp')

const TOKENS = {
  none: { kind: 'absent' },
  good: { kind: 'verified', issuer, claims: { sub: 'ann' } },
  bad: { kind: 'refused', reason: 'expired' },
  'new-key': { kind: 'unknown-key', issuer },
  'no-keys': { kind: 'no-keys', issuer },
} as const satisfies Record<string, TokenFinding>

const CERTIFICATES = {
  none: { kind: 'absent' },
  good: { kind: 'verified', trust: trustId('partners'), fingerprint: 'ab', subject: 'CN=a', dns: [], uris: [], leaf: '', chain: [] },
  bad: { kind: 'refused', reason: 'revoked' },
  early: { kind: 'early' },
} as const satisfies Record<string, CertificateFinding>

const NO_RULES = (): never => {
  throw new Error('there are none')
}

interface Case {
  readonly require: Requirement
  readonly tokens?: boolean
  readonly certificates?: boolean
  readonly token: keyof typeof TOKENS
  readonly certificate: keyof typeof CERTIFICATES
  readonly mode?: Authentication['mode']
  readonly route?: RouteAdmission
}

function judged(
  { require, tokens = true, certificates = true, token, certificate, mode = 'strict', route }: Case,
  rulesOf: Parameters<typeof admit>[2] = NO_RULES,
): Admission {
  const host: HostAdmission = {
    pattern: 'shop.test',
    tokens: tokens ? [issuer] : [],
    certificates: certificates ? [trustId('partners')] : [],
    authentication: { require, mode },
  }
  const [made] = testBase({ endpoints: [], route: route === undefined ? {} : { admission: route } }).routes
  if (made === undefined) throw new Error('a base without a route')
  const identity = { host, token: TOKENS[token], certificate: CERTIFICATES[certificate] }
  return admit(made, new MatchRequest(headOf({}), new Headers(), identity), rulesOf)
}

const codeOf = (admission: Admission): string => (admission.kind === 'refused' ? admission.code : 'admitted')

const TOKEN = 'ERR_TOKEN_REQUIRED'
const NEW = 'ERR_TOKEN_KEY_UNKNOWN'
const KEYS = 'ERR_TOKEN_KEYS_UNAVAILABLE'
const CERT = 'ERR_CERTIFICATE_REQUIRED'
const EARLY = 'ERR_TOO_EARLY'
const IN = 'admitted'

describe('each demand', () => {
  // Token:                                  none   good  bad    new-key no-keys
  test.each<[Requirement, keyof typeof CERTIFICATES, readonly string[]]>([
    ['all', 'none', [TOKEN, CERT, TOKEN, NEW, KEYS]],
    ['all', 'good', [TOKEN, IN, TOKEN, NEW, KEYS]],
    ['all', 'bad', [TOKEN, CERT, TOKEN, NEW, KEYS]],
    ['all', 'early', [EARLY, EARLY, EARLY, EARLY, EARLY]],
    ['any', 'none', [TOKEN, IN, TOKEN, NEW, KEYS]],
    ['any', 'good', [IN, IN, IN, IN, IN]],
    ['any', 'bad', [TOKEN, IN, TOKEN, NEW, KEYS]],
    // A token that is bound to the certificate is refused until that is known, so one that is bad may be good.
    ['any', 'early', [EARLY, IN, EARLY, EARLY, EARLY]],
    ['token', 'none', [TOKEN, IN, TOKEN, NEW, KEYS]],
    ['token', 'good', [TOKEN, IN, TOKEN, NEW, KEYS]],
    ['token', 'bad', [TOKEN, CERT, TOKEN, NEW, KEYS]],
    ['token', 'early', [EARLY, EARLY, EARLY, EARLY, EARLY]],
    ['certificate', 'none', [CERT, CERT, CERT, CERT, CERT]],
    ['certificate', 'good', [IN, IN, TOKEN, NEW, KEYS]],
    ['certificate', 'bad', [CERT, CERT, CERT, CERT, CERT]],
    ['certificate', 'early', [EARLY, EARLY, EARLY, EARLY, EARLY]],
    ['optional', 'none', [IN, IN, TOKEN, NEW, KEYS]],
    ['optional', 'good', [IN, IN, TOKEN, NEW, KEYS]],
    ['optional', 'bad', [CERT, CERT, TOKEN, NEW, KEYS]],
    ['optional', 'early', [EARLY, EARLY, EARLY, EARLY, EARLY]],
    ['none', 'none', [IN, IN, IN, IN, IN]],
    ['none', 'good', [IN, IN, IN, IN, IN]],
    ['none', 'bad', [IN, IN, IN, IN, IN]],
    ['none', 'early', [IN, IN, IN, IN, IN]],
  ])('%s, certificate %s', (require, certificate, expected) => {
    const tokens = Object.keys(TOKENS) as (keyof typeof TOKENS)[]
    expect(tokens.map((token) => codeOf(judged({ require, certificate, token })))).toEqual(expected)
  })

  test.each([
    { tokens: true, certificates: false, token: 'good', certificate: 'none' },
    { tokens: false, certificates: true, token: 'none', certificate: 'good' },
  ] as const)('all is all that the host takes: %o', (given) => expect(codeOf(judged({ require: 'all', ...given }))).toBe(IN))
})

describe('in early data', () => {
  test('operators hear what is wrong beside it, and the client of no token', () => {
    const admission = judged({ require: 'any', token: 'bad', certificate: 'early' })
    expect(admission).toEqual({
      kind: 'refused',
      code: EARLY,
      reason: 'the request came in early data; without its certificate: expired',
    })
  })

  test('a rule that denies what is not known yet is asked again', () => {
    const rules: Rules = { mode: 'enforce', rules: [] }
    const authorization = { mode: 'enforce', rules: [] } as const
    const admission = judged({ require: 'none', token: 'none', certificate: 'early', route: { authorization } }, () => rules)
    expect(codeOf(admission)).toBe(EARLY)
    expect(codeOf(judged({ require: 'none', token: 'none', certificate: 'bad', route: { authorization } }, () => rules))).toBe(
      'ERR_FORBIDDEN',
    )
  })

  test('permissive, it comes in and the log says so', () =>
    expect(judged({ require: 'any', token: 'none', certificate: 'early', mode: 'permissive' })).toMatchObject({
      kind: 'admitted',
      wouldRefuse: { code: EARLY },
    }))
})

test('what a route demands of a host that takes nothing is met by nobody', () => {
  const takesNone = { tokens: false, certificates: false, token: 'none', certificate: 'none' } as const
  for (const require of ['all', 'any', 'token', 'certificate'] as const) {
    const admission = judged({ require: 'none', ...takesNone, route: { authentication: { require } } })
    expect(admission.kind, require).toBe('refused')
  }
})

test('a permissive demand lets everybody in and says who would not be', () => {
  const admission = judged({ require: 'all', token: 'bad', certificate: 'good', mode: 'permissive' })
  expect(admission).toMatchObject({ kind: 'admitted', wouldRefuse: { code: TOKEN, reason: 'expired' } })
  expect(judged({ require: 'all', token: 'good', certificate: 'good', mode: 'permissive' })).toEqual({ kind: 'admitted' })
})

test.each<[Requirement, keyof typeof TOKENS, keyof typeof CERTIFICATES, string]>([
  ['any', 'none', 'bad', 'no token; the certificate: revoked'],
  ['any', 'bad', 'none', 'the token: expired; no certificate'],
  ['any', 'bad', 'bad', 'the token: expired; the certificate: revoked'],
  ['any', 'no-keys', 'bad', 'the token: the keys of idp are not known, or too old; the certificate: revoked'],
  ['all', 'bad', 'bad', 'the token: expired; the certificate: revoked'],
  ['all', 'none', 'good', 'no token'],
  ['token', 'none', 'bad', 'no token; the certificate: revoked'],
  ['token', 'bad', 'none', 'expired'],
  ['certificate', 'bad', 'bad', 'the certificate: revoked; the token: expired'],
  ['optional', 'bad', 'bad', 'the token: expired; the certificate: revoked'],
])('%s: operators read what is wrong with token %s and certificate %s', (require, token, certificate, reason) =>
  expect(judged({ require, token, certificate })).toMatchObject({ kind: 'refused', reason }),
)

test('what a route says goes before what its host says, field by field', () => {
  const bare = { token: 'none', certificate: 'none' } as const
  expect(codeOf(judged({ require: 'all', ...bare, route: { authentication: { require: 'none' } } }))).toBe(IN)
  expect(codeOf(judged({ require: 'none', ...bare, route: { authentication: { require: 'token' } } }))).toBe(TOKEN)
  const permissive = judged({ require: 'all', ...bare, route: { authentication: { mode: 'permissive' } } })
  expect(permissive).toMatchObject({ kind: 'admitted', wouldRefuse: { code: TOKEN } })
})

test('the client is told whether it had presented a token, and nothing of why it is bad', () => {
  expect(judged({ require: 'token', token: 'none', certificate: 'none' })).toMatchObject({ presented: false })
  expect(judged({ require: 'token', token: 'bad', certificate: 'none' })).toMatchObject({ presented: true, reason: 'expired' })
})
