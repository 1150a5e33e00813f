/**
 * Path validation (RFC 5280 section 6) against authorities of the operator's own: finds a path from the leaf to one of them through what came
 * with it, in whatever order, and validates it. Where several lead there, as with cross-signed authorities, one good one is enough.
 */

import type { TrustedAuthority } from '../../../config/certificate-trust.ts'
import { hexOf } from '../../../config/hex.ts'
import { type Instant, instant } from '../../../config/units.ts'
import type { ChainVerdict, MakeChainVerifier, PresentedChain } from '../certificate/chain-port.ts'
import { elementsOf, only, sameOctets, TAG } from '../certificate/der.ts'
import { octetsOf } from '../certificate/octets.ts'
import { type Certificate, EXTENSION, orUndefined, parseCertificate } from '../certificate/parse-certificate.ts'
import { checkNames } from './check-names.ts'
import { checkPath, type Path } from './check-path.ts'
import { Engine } from './engine.ts'

/** The longest path that is followed, without the trusted authority. */
const PATH_MAX = 6
/** Signatures that are verified for one leaf: a hostile chain costs no more than that, about 10 ms. */
const SIGNATURES_MAX = 24

interface Anchor {
  readonly authority: TrustedAuthority
  readonly certificate: Certificate
}

interface Trusted {
  readonly anchors: readonly Anchor[]
  readonly engine: Engine
}

export const makeChainVerifier: MakeChainVerifier = (authorities) => {
  const anchors = authorities.flatMap((authority): readonly Anchor[] => {
    const octets = octetsOf(authority.certificate)
    const certificate = octets === undefined ? undefined : parseCertificate(octets)
    return certificate === undefined ? [] : [{ authority, certificate }]
  })
  const trusted: Trusted = { anchors, engine: new Engine() }
  return (presented, now) => new Search(trusted, presented, now).run()
}

type Good = Extract<ChainVerdict, { kind: 'good' }>

class Search {
  readonly #trusted: Trusted
  readonly #presented: PresentedChain
  readonly #now: Instant
  #signatures = 0
  /** Why the first path that led to an authority is no good. */
  #reason: string | undefined
  #forged = false

  constructor(trusted: Trusted, presented: PresentedChain, now: Instant) {
    this.#trusted = trusted
    this.#presented = presented
    this.#now = now
  }

  async run(): Promise<ChainVerdict> {
    const good = await this.#from([this.#presented.leaf])
    if (good !== undefined) return good
    return { kind: 'bad', reason: this.#reason ?? (this.#forged ? FORGED : STRANGER) }
  }

  /** The first good path that goes on from the last certificate of one. */
  async #from(path: Path): Promise<Good | undefined> {
    const last = path.at(-1)
    if (last === undefined) return undefined
    for (const anchor of this.#trusted.anchors) {
      if (!(await this.#isIssuedBy(last, anchor.certificate))) continue
      const good = await this.#validate(path, anchor)
      if (good !== undefined) return good
    }
    if (path.length >= PATH_MAX) return undefined
    for (const other of this.#presented.others) {
      if (path.some(({ der }) => sameOctets(der, other.der)) || this.#isAnchor(other)) continue
      if (!(await this.#isIssuedBy(last, other))) continue
      const good = await this.#from([...path, other])
      if (good !== undefined) return good
    }
    return undefined
  }

  async #validate(path: Path, { authority, certificate }: Anchor): Promise<Good | undefined> {
    const whole = [...path, certificate]
    const problem = checkPath(whole, this.#now) ?? checkNames(whole) ?? (await this.#trusted.engine.refusalOf(whole, this.#now))
    if (problem === undefined) {
      const from = instant(Math.max(...whole.map(({ notBefore }) => notBefore)))
      const until = instant(Math.min(...whole.map(({ notAfter }) => notAfter)))
      return { kind: 'good', path, authority, from, until }
    }
    this.#reason ??= problem
    return undefined
  }

  async #isIssuedBy(certificate: Certificate, issuer: Certificate): Promise<boolean> {
    if (!sameOctets(certificate.issuer, issuer.subject) || !mayBeKeyOf(certificate, issuer)) return false
    this.#signatures += 1
    if (this.#signatures > SIGNATURES_MAX) {
      this.#reason ??= 'its chain has too many ways to go'
      return false
    }
    const signed = await this.#trusted.engine.isSignedBy(certificate, issuer)
    this.#forged ||= !signed
    return signed
  }

  /** An authority that is trusted is looked for among the trusted ones. */
  #isAnchor({ der }: Certificate): boolean {
    return this.#trusted.anchors.some(({ certificate }) => sameOctets(certificate.der, der))
  }
}

const STRANGER = 'no path leads from it to an authority of the bundle'
const FORGED = 'a signature of its path is not that of the authority it names'

/** Key identifiers only choose among authorities of one name (RFC 5280 section 4.2.1.1): where one is missing or unread, the signature says. */
function mayBeKeyOf(certificate: Certificate, issuer: Certificate): boolean {
  const wanted = orUndefined(() => keyIdentifierOf(certificate))
  const own = issuer.extensions.get(EXTENSION.subjectKeyIdentifier)
  const has = own === undefined ? undefined : orUndefined(() => hexOf(only(own.value, TAG.octetString).content))
  return wanted === undefined || has === undefined || wanted === has
}

const KEY_IDENTIFIER_TAG = 0x80

function keyIdentifierOf({ extensions }: Certificate): string | undefined {
  const extension = extensions.get(EXTENSION.authorityKeyIdentifier)
  const parts = extension === undefined ? [] : elementsOf(only(extension.value, TAG.sequence).content)
  const identifier = parts.find(({ tag }) => tag === KEY_IDENTIFIER_TAG)
  return identifier === undefined ? undefined : hexOf(identifier.content)
}
