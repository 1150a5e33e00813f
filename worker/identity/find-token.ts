/**
 * What the token of a request proves, by the issuers that its host takes. In this order: where it is, whose it says it is, what it says, whose
 * signature it has, to whom it is bound. What costs nothing is asked first; the whole of a token that was good is remembered.
 */
import type { AdmissionBase, HostAdmission } from '../../config/admission.ts'
import type { PublicJwk } from '../../config/key-set.ts'
import type { TokenIssuer, TokenPlace } from '../../config/token-issuer.ts'
import { type Instant, ms, seconds } from '../../config/units.ts'
import type { RegexOf } from '../policy/conditions.ts'
import { type CertificateFinding, NO_TOKEN, type TokenFinding, type VerifiedToken } from '../policy/identity.ts'
import { endOf, type JudgeToken, tokenJudge } from '../policy/judge-token.ts'
import type { Platform } from '../ports.ts'
import type { IdentityPorts, Soon, Unidentified } from './identify.ts'
import type { KeyRing } from './key-ring.ts'
import { type Confirmation, confirmationOf, flawOfCertificate } from './token/confirmation.ts'
import { KnownTokens } from './token/known-tokens.ts'
import { flawOfProof, PROOF_AGE_MAX } from './token/prove-key.ts'
import { type JoseHeader, readJws, type UnverifiedJws } from './token/read-jws.ts'
import { ReadyKeys } from './token/ready-keys.ts'
import { type ShownToken, shownToken } from './token/shown-token.ts'
import { UsedProofs } from './token/used-proofs.ts'
import { verifyJws } from './token/verify-jws.ts'

export interface TokenPorts {
  readonly keys: KeyRing
  readonly regexOf: RegexOf
}

/** An issuer, made ready. */
interface Judge {
  readonly issuer: TokenIssuer
  readonly algorithms: ReadonlySet<string>
  readonly judge: JudgeToken
}

/** A place of a host, with the issuers that look there. */
type HostPlace = TokenPlace & { readonly judges: readonly Judge[] }

interface HostTokens {
  readonly places: readonly HostPlace[]
  /** Of the issuer that takes the longest. */
  readonly sizeMax: number
  readonly absent: TokenFinding
}

/** A token that was good, and as long as it stays so. */
interface Known {
  readonly judge: Judge
  readonly keys: readonly PublicJwk[]
  readonly until: Instant
  readonly finding: VerifiedToken
  readonly confirmation: Exclude<Confirmation, { kind: 'refused' }>
}

/** A proof may be early by the skew, and late by it: the longest that an operator may say. */
const PROOF_LIVES = ms(PROOF_AGE_MAX + 2 * seconds(300))

/** An issuer has one for each of its keys; one that writes something new into each gains nothing. */
const HEADERS_MAX = 100

export function tokenFinder({ issuers, hosts }: AdmissionBase, { keys, regexOf }: TokenPorts): IdentityPorts['findToken'] {
  const judges = new Map(
    issuers.map((issuer) => [issuer.id, { issuer, algorithms: new Set<string>(issuer.algorithms), judge: tokenJudge(issuer, regexOf) }]),
  )
  const byHost = new Map(
    hosts.map((host) => [host, hostTokens(host.tokens.flatMap((id) => judges.get(id) ?? []))] satisfies [HostAdmission, HostTokens]),
  )
  const finder = new TokenFinder(keys)
  return (asking, certificate, platform) => {
    const host = byHost.get(asking.host)
    return host === undefined ? NO_TOKEN : finder.find(asking, host, certificate, platform)
  }
}

function hostTokens(judges: readonly Judge[]): HostTokens {
  const places = new Map<string, TokenPlace & { readonly judges: Judge[] }>()
  for (const judge of judges) {
    for (const place of judge.issuer.from) {
      const key = JSON.stringify(place)
      const held = places.get(key) ?? { ...place, judges: [] }
      held.judges.push(judge)
      places.set(key, held)
    }
  }
  const needsProof = judges.some(({ issuer }) => issuer.binding === 'dpop')
  return {
    places: [...places.values()],
    sizeMax: Math.max(0, ...judges.map(({ issuer }) => issuer.sizeMax)),
    absent: needsProof ? { kind: 'absent', challenge: 'dpop' } : NO_TOKEN,
  }
}

const refused = (reason: string, issuer?: TokenIssuer): Extract<TokenFinding, { kind: 'refused' }> => ({
  kind: 'refused',
  reason,
  ...(issuer === undefined ? {} : { issuer: issuer.id }),
  ...(issuer?.binding === 'dpop' ? { challenge: 'dpop' } : {}),
})

type Shown = Extract<ShownToken<HostPlace>, { kind: 'token' }>

class TokenFinder {
  readonly #keys: KeyRing
  readonly #known = new KnownTokens<Known>()
  readonly #headers = new Map<string, JoseHeader>()
  readonly #ready = new ReadyKeys()
  readonly #proofs = new UsedProofs(PROOF_LIVES)

  constructor(keys: KeyRing) {
    this.#keys = keys
  }

  find(asking: Unidentified, host: HostTokens, certificate: CertificateFinding, platform: Platform): Soon<TokenFinding> {
    const shown = shownToken(asking, host.places)
    if (shown.kind === 'none') return host.absent
    if (shown.kind === 'refused') return refused(shown.reason)
    const known = this.#remembered(shown, asking.inbound.receivedAt)
    if (known !== undefined) return this.#confirm(known, shown, { asking, certificate })
    if (shown.token.length > host.sizeMax) return refused(`it is longer than ${host.sizeMax} bytes`)
    const read = readJws(shown.token, { known: this.#headers })
    return read.ok ? this.#verify(read.value, shown, { asking, certificate }, platform) : refused(read.error)
  }

  /** Of the same issuer, whose keys are the same, shown where that issuer looks, and not at its end. */
  #remembered({ token, places }: Shown, now: Instant): Known | undefined {
    const known = this.#known.get(token)
    if (known === undefined) return undefined
    const held = this.#keys.held(known.judge.issuer, now)
    if (now < known.until && held.kind === 'held' && held.keys === known.keys) return looksAt(known.judge, places) ? known : undefined
    this.#known.delete(token)
    return undefined
  }

  async #verify(jws: UnverifiedJws, shown: Shown, found: Found, platform: Platform): Promise<TokenFinding> {
    const now = found.asking.inbound.receivedAt
    const judge = judgeOf(shown, jws.payload['iss'])
    if (judge === undefined) return refused('its iss is none of those that count here')
    const { issuer } = judge
    const flaw = flawOf(jws, judge, now)
    if (flaw !== undefined) return refused(flaw, issuer)
    const held = this.#keys.held(issuer, now)
    if (held.kind === 'none') return { kind: 'no-keys', issuer: issuer.id }
    const confirmation = confirmationOf(jws.payload, issuer.binding)
    if (confirmation.kind === 'refused') return refused(confirmation.reason, issuer)
    switch (await verifyJws(jws, held.keys, this.#ready)) {
      case 'good': {
        const finding: VerifiedToken = { kind: 'verified', issuer: issuer.id, claims: jws.payload }
        const known = { judge, keys: held.keys, until: endOf(jws.payload, issuer), finding, confirmation }
        this.#known.add(jws.token, known)
        this.#rememberHeader(jws)
        return this.#confirm(known, shown, found)
      }
      case 'unknown-key':
        return this.#unknownKey(issuer, 'it names a key that its issuer does not have', platform)
      case 'of-no-key':
        return this.#unknownKey(issuer, 'its signature is bad', platform)
      case 'bad':
        return refused('its signature is bad', issuer)
    }
  }

  /** Of a good token: nobody else's header is looked for. */
  #rememberHeader({ head, header }: UnverifiedJws): void {
    if (this.#headers.has(head)) return
    if (this.#headers.size >= HEADERS_MAX) this.#headers.clear()
    // A part of a text keeps the whole of it in memory.
    this.#headers.set([...head].join(''), header)
  }

  /** Its key may have been published just now. `reason`: of keys that stand in the configuration, which do not become more. */
  #unknownKey(issuer: TokenIssuer, reason: string, platform: Platform): TokenFinding {
    if (issuer.keys.kind === 'static') return refused(reason, issuer)
    this.#keys.noteUnknownKey(issuer, platform)
    return { kind: 'unknown-key', issuer: issuer.id }
  }

  /** Who holds a token is asked of each request anew. */
  #confirm({ finding, confirmation, judge: { issuer } }: Known, { token, scheme }: Shown, found: Found): Soon<TokenFinding> {
    // RFC 9449 section 7.2: a bound token is no bearer token, and the other way round.
    const comesWithProof = scheme === 'dpop'
    if (confirmation.kind === 'bearer') return comesWithProof ? refused('it is not bound to a key, and comes as DPoP', issuer) : finding
    const flaw = flawOfCertificate(confirmation.fingerprint, found.certificate)
    if (flaw !== undefined) return refused(flaw, issuer)
    const { thumbprint } = confirmation
    if (thumbprint === undefined) return comesWithProof ? refused('it is not bound to a key, and comes as DPoP', issuer) : finding
    if (!comesWithProof) return { ...refused('it is bound to a key, and does not come as DPoP', issuer), challenge: 'dpop' }
    return flawOfProof(found.asking, { token, thumbprint, skew: issuer.skew }, this.#proofs).then((unproved) =>
      unproved === undefined ? finding : { kind: 'refused', reason: unproved, issuer: issuer.id, challenge: 'invalid-proof' },
    )
  }
}

interface Found {
  readonly asking: Unidentified
  readonly certificate: CertificateFinding
}

function judgeOf({ places }: Shown, iss: unknown): Judge | undefined {
  for (const { judges } of places) for (const judge of judges) if (judge.issuer.issuer === iss) return judge
  return undefined
}

const looksAt = (judge: Judge, places: readonly HostPlace[]): boolean => places.some(({ judges }) => judges.includes(judge))

function flawOf({ token, header: { algorithm, type }, payload }: UnverifiedJws, { issuer, algorithms, judge }: Judge, now: Instant) {
  if (token.length > issuer.sizeMax) return `it is longer than ${issuer.sizeMax} bytes`
  if (!algorithms.has(algorithm)) return 'its alg is none of those that count'
  return judge(payload, type, now)
}
