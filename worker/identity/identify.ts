/**
 * Who sent a request, before its route is looked for: what the connection proves, then what its token does. It refuses nothing: a route says
 * what is demanded. A host that nothing is demanded of costs a look-up, a gateway that demands nothing not even that.
 */
import type { AdmissionBase, HostAdmission } from '../../config/admission.ts'
import type { ArrivingRequest, Inbound } from '../inbound/read-inbound.ts'
import { hostPatterns, ofMostSpecific } from '../policy/host-patterns.ts'
import { type CertificateFinding, type Identity, NO_CERTIFICATE, NO_TOKEN, type TokenFinding } from '../policy/identity.ts'
import type { Platform } from '../ports.ts'
import { withoutTokens } from './token/shown-token.ts'

/** A request whose sender is to be found out. */
export interface Unidentified {
  readonly request: ArrivingRequest
  readonly inbound: Inbound
  readonly host: HostAdmission
  /** Without its tokens; undefined where it has none. */
  readonly query?: string | undefined
}

/** A value where it is known at once, which it is for most. */
export type Soon<Value> = Value | Promise<Value>

export type Identify = (request: ArrivingRequest, inbound: Inbound, platform: Platform) => Soon<Identity | undefined>

export interface IdentityPorts {
  /** Of a host that takes certificates. Never rejects. */
  readonly findCertificate: (unidentified: Unidentified, platform: Platform) => Soon<CertificateFinding>
  /** Of a host that takes tokens; a token may be bound to the certificate. Never rejects. */
  readonly findToken: (unidentified: Unidentified, certificate: CertificateFinding, platform: Platform) => Soon<TokenFinding>
}

export function makeIdentify(admission: AdmissionBase, ports: IdentityPorts): Identify {
  const hosts = hostPatterns(new Map(admission.hosts.map((host) => [host.pattern, host])))
  const hiding = new Map(admission.hosts.map((host) => [host, queryNames(host, admission)]))
  return (request, inbound, platform) => {
    const host = ofMostSpecific(hosts, inbound.host)
    if (host === undefined) return undefined
    const unidentified = { request, inbound, host, query: withoutTokens(inbound.query, hiding.get(host) ?? []) }
    const certificate = host.certificates.length === 0 ? NO_CERTIFICATE : ports.findCertificate(unidentified, platform)
    return certificate instanceof Promise
      ? certificate.then((found) => withToken(unidentified, found, ports, platform))
      : withToken(unidentified, certificate, ports, platform)
  }
}

function withToken(
  unidentified: Unidentified,
  certificate: CertificateFinding,
  { findToken }: IdentityPorts,
  platform: Platform,
): Soon<Identity> {
  const { host, query } = unidentified
  const rest = query === undefined ? { host, certificate } : { host, certificate, query }
  const token = host.tokens.length === 0 ? NO_TOKEN : findToken(unidentified, certificate, platform)
  return token instanceof Promise ? token.then((found) => ({ ...rest, token: found })) : { ...rest, token }
}

/** Parameters that hold tokens, whatever becomes of those. */
const queryNames = ({ tokens }: HostAdmission, { issuers }: AdmissionBase): readonly string[] =>
  issuers
    .filter(({ id }) => tokens.includes(id))
    .flatMap(({ from }) => from.flatMap((place) => (place.kind === 'query' ? [place.name] : [])))
