/** What the finder of certificates makes of a connection, by one trust. */
import type { CertificateTrust } from '../../../config/certificate-trust.ts'
import { trustId } from '../../../config/ids.ts'
import { instant } from '../../../config/units.ts'
import { makeChainVerifier } from '../../../worker/identity/chain/verify-chain.ts'
import { certificateFinder } from '../../../worker/identity/find-certificate.ts'
import type { Unidentified } from '../../../worker/identity/identify.ts'
import type { CertificateFinding } from '../../../worker/policy/identity.ts'
import { type Made, NOW, tlsClientAuth, trusted } from '../../chains.ts'

export interface Connection {
  readonly auth?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly now?: number
}

type Find = (connection: Connection) => Promise<CertificateFinding>

/** The same finder for each connection, as in an isolate. */
export function finderOf(trusts: readonly CertificateTrust[], make: typeof makeChainVerifier | null = makeChainVerifier): Find {
  const certificates = trusts.map(({ id }) => id)
  const host = { pattern: '*', tokens: [], certificates, authentication: { require: 'certificate', mode: 'strict' } } as const
  const find = certificateFinder({ issuers: [], trusts, hosts: [host] }, make ?? undefined)
  return async ({ auth, headers = {}, now = NOW }) => {
    const request = { headers: new Headers(headers), ...(auth === undefined ? {} : { cf: { colo: 'LHR', tlsClientAuth: auth } }) }
    // Nothing else of a request is looked at, and nothing of the platform.
    const unidentified = { request, inbound: { receivedAt: instant(now) }, host } as unknown as Unidentified
    return find(unidentified, undefined as never)
  }
}

export const trustOf = (verify: CertificateTrust['verify'], revoked: readonly string[] = [], name = 'partners'): CertificateTrust => ({
  id: trustId(name),
  verify,
  revoked,
})

export interface Given {
  readonly leaf: Made
  readonly chain?: readonly Made[]
  readonly now?: number
  /** In place of the root. */
  readonly roots?: readonly Made[]
}

/** By a bundle of authorities that all vouch for `example.org`. */
export function judgedBy(root: Made, { leaf, chain = [], now = NOW, roots = [root] }: Given): Promise<CertificateFinding> {
  const authorities = roots.map((made) => trusted(made, 'example.org'))
  return finderOf([trustOf({ kind: 'bundle', authorities })])({ auth: tlsClientAuth(leaf, chain), now })
}
