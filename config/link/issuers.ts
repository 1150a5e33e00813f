/** What issuers must not contradict: one source of keys, algorithms that those can verify, and one issuer for an `iss` wherever it counts. */

import { discoveryUrl, type IssuerFile } from '../compile-issuer.ts'
import type { Path } from '../defect.ts'
import { own } from '../document.ts'
import { isAddress, isPrivateName } from '../hosts.ts'
import type { PublicJwk } from '../key-set.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import type { SigningAlgorithm } from '../token-issuer.ts'
import { type Findings, few, isGiven, isSure, lost, refuse } from './findings.ts'

export function linkIssuers(file: GatewayFile, findings: Findings): void {
  for (const [name, issuer] of Object.entries(file.issuers)) {
    const path = ['issuers', name]
    refuseSources(issuer, path, findings)
    refuseAlgorithms(issuer, path, findings)
    if (issuer.keys !== undefined) refuseKeys(issuer, issuer.keys, path, findings)
    refuseEmptyLists(issuer, path, findings)
    refuseUnprovable(issuer, path, findings)
    if (!file.admission.some(({ tokens }) => tokens.includes(name)) && !file.operators.issuers.includes(name))
      findings.notes.push({
        code: 'ISSUER_UNUSED',
        path,
        text: 'neither an admission ("tokens") nor the operators name it: its tokens count nowhere',
      })
  }
  for (const [index, admission] of file.admission.entries()) linkTokens(file, admission, ['admission', index], findings)
}

const SOURCES = ['jwks', 'discovery', 'keys'] as const

function refuseSources(issuer: IssuerFile, path: Path, findings: Findings): void {
  const said = SOURCES.filter((source) => issuer[source] !== undefined || lost([...path, source], findings))
  if (said.length === 0 && SOURCES.every((source) => isSure([...path, source], findings)))
    refuse(findings, {
      code: 'FIELD_MISSING',
      path,
      expected: 'one of the fields "jwks", "discovery" and "keys": where its public keys are',
      found: 'none',
    })
  for (const source of said.slice(1))
    refuse(findings, {
      code: 'FIELDS_EXCLUSIVE',
      path: [...path, source],
      expected: `one source of keys ("${said[0]}" is there as well)`,
      found: `"${source}"`,
    })
  if (issuer.discovery === true && !/^https?:\/\/[^\s?#]+$/.test(issuer.issuer)) {
    const expected = 'an issuer that is a URL, where "discovery: true" looks below it'
    refuse(findings, {
      code: 'ISSUER_WITHOUT_URL',
      path: [...path, 'issuer'],
      expected,
      suggestion: 'write the URL of the document in "discovery"',
    })
  }
}

const isShared = (algorithm: SigningAlgorithm): boolean => algorithm.startsWith('HS')

/** A public key that is taken for a shared secret verifies what everybody can sign (RFC 8725 section 2.1). */
function refuseAlgorithms({ algorithms, keys, discovery, jwks }: IssuerFile, path: Path, findings: Findings): void {
  const at = [...path, 'algorithms']
  const shared = algorithms.filter(isShared)
  if (lost(at, findings) || shared.length === 0) return
  if (shared.length < algorithms.length)
    refuse(findings, {
      code: 'ALGORITHMS_CONFUSED',
      path: at,
      expected: `HS* alone: with public keys beside it everybody could sign (${few(shared)})`,
    })
  else if (keys === undefined && (jwks !== undefined || discovery !== undefined) && isSure([...path, 'keys'], findings))
    refuse(findings, {
      code: 'ALGORITHMS_CONFUSED',
      path: at,
      expected: 'HS* only with "keys" of "kty: oct": a secret is nothing to fetch',
    })
}

function refuseKeys({ algorithms }: IssuerFile, keys: readonly PublicJwk[], issuer: Path, findings: Findings): void {
  const path = [...issuer, 'keys']
  if (lost(path, findings)) return
  if (keys.length === 0) refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path, expected: 'at least one public key' })
  for (const [index, key] of keys.entries()) {
    const { kid } = key
    const owner = keys.findIndex((other) => other.kid === kid)
    if (kid !== undefined && owner < index)
      refuse(findings, {
        code: 'NAME_TAKEN',
        path: [...path, index],
        expected: `a kid that no other key has (keys[${owner}] has it)`,
        found: kid,
      })
    if (algorithms.length === 0 || algorithms.some((algorithm) => fits(key, algorithm))) continue
    if (!isSure([...issuer, 'algorithms'], findings)) continue
    const expected = `a key for one of its algorithms (${few(algorithms)})`
    const found = key.alg ?? `${key.kty}${key.crv === undefined ? '' : ` ${key.crv}`}`
    const suggestion = key.kty === 'oct' ? 'name HS256 alone in "algorithms"' : undefined
    refuse(findings, { code: 'KEY_UNUSABLE', path: [...path, index], expected, found, suggestion })
  }
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', EdDSA: 'Ed25519' }

/** RFC 7518 section 3.1, RFC 8037 section 3.1. */
function fits({ kty, crv, alg }: PublicJwk, algorithm: SigningAlgorithm): boolean {
  if (alg !== undefined && alg !== algorithm) return false
  if (kty === 'oct') return isShared(algorithm)
  return kty === 'RSA' ? /^[RP]S/.test(algorithm) : CURVES[algorithm] === crv
}

function refuseEmptyLists({ audiences, algorithms, from }: IssuerFile, path: Path, findings: Findings): void {
  for (const [name, held, one] of [
    ['audiences', audiences, 'audience'],
    ['algorithms', algorithms, 'algorithm'],
    ['from', from, 'place'],
  ] as const)
    if (held.length === 0 && !lost([...path, name], findings))
      refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path: [...path, name], expected: `at least one ${one}` })
}

/** RFC 9449 section 7.1: a bound token comes under the scheme DPoP, which only `authorization` has. */
function refuseUnprovable({ binding, from }: IssuerFile, path: Path, findings: Findings): void {
  if (binding !== 'dpop' || !isSure([...path, 'from'], findings)) return
  if (from.some((place) => place.kind === 'header' && place.name === 'authorization' && place.scheme?.toLowerCase() === 'bearer')) return
  const at = isGiven([...path, 'from'], findings) ? 'from' : 'binding'
  refuse(findings, {
    code: 'BINDING_UNPROVABLE',
    path: [...path, at],
    expected: '{ header: authorization, scheme: Bearer } among the places, with "binding: dpop"',
  })
}

/** A token is told by its `iss` whose it is. */
function linkTokens(file: GatewayFile, { tokens, certificates }: GatewayFile['admission'][number], path: Path, findings: Findings): void {
  if (lost([...path, 'tokens'], findings)) return
  const seen = new Map<string, string>()
  for (const [index, name] of tokens.entries()) {
    const issuer = own(file.issuers, name)
    if (issuer === undefined) continue
    const owner = seen.get(issuer.issuer)
    const at = [...path, 'tokens', index]
    if (owner !== undefined)
      refuse(findings, {
        code: 'ISSUER_AMBIGUOUS',
        path: at,
        expected: `issuers of different "issuer": ${owner} says the same, and its audiences could be more`,
      })
    seen.set(issuer.issuer, owner ?? name)
    if (issuer.binding === 'certificate' && certificates.length === 0 && !lost([...path, 'certificates'], findings))
      refuse(findings, {
        code: 'BINDING_UNPROVABLE',
        path: at,
        expected: 'a field "certificates" beside it: tokens of this issuer are bound to one',
      })
  }
}

/** Keys that were read on the way would be anybody's. */
export function refuseUndeployableIssuers({ issuers }: GatewayFile, findings: Findings, hint: string): void {
  for (const [name, issuer] of Object.entries(issuers)) {
    const field = issuer.jwks === undefined ? 'discovery' : 'jwks'
    const url = URL.parse(issuer.jwks ?? discoveryUrl(issuer) ?? '')
    if (url === null) continue
    const path = issuer.discovery === true && field === 'discovery' ? ['issuers', name, 'issuer'] : ['issuers', name, field]
    if (isAddress(url.hostname) || isPrivateName(url.hostname))
      refuse(findings, { code: 'HOST_PRIVATE', path, expected: 'a public name, because vantages ask for the keys', suggestion: hint })
    else if (url.protocol !== 'https:')
      refuse(findings, { code: 'URL_INSECURE', path, expected: 'an https URL: whoever changes the keys on the way decides who comes in' })
  }
}
