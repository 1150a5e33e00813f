/**
 * Makes objects of the names in a parsed configuration and finds what contradicts itself: after it, no lookup can fail and no
 * two settings exclude each other. What the result means for the request path is left to `compile-gateway.ts`.
 */
import type { CertificateReader } from './authority.ts'
import type { Coordinates } from './base.ts'
import type { Defect, Path } from './defect.ts'
import { linkAdmission } from './link/admission.ts'
import { linkAuthorization } from './link/authorization.ts'
import { linkCertificateConditions } from './link/certificate-conditions.ts'
import { refuseEmpty } from './link/counts.ts'
import { refuseUndeployable } from './link/deployable.ts'
import { linkEdgeCertificates } from './link/edge-certificates.ts'
import { noteWideExpressions } from './link/expressions.ts'
import type { Findings, Note } from './link/findings.ts'
import { linkHealth } from './link/health.ts'
import { linkIdentity } from './link/identity.ts'
import { linkIssuers } from './link/issuers.ts'
import { linkOperators } from './link/operators.ts'
import { linkPools } from './link/pools.ts'
import { linkRateLimits } from './link/rate-limits.ts'
import { linkReleases } from './link/releases.ts'
import { linkRoutes } from './link/routes.ts'
import { type LinkedTrust, linkTrusts } from './link/trusts.ts'
import type { EndpointFile, GatewayFile, ParsedGateway, PoolFile, RouteFile } from './parse-gateway.ts'

export type { Note } from './link/findings.ts'

export interface LinkedEndpoint {
  readonly name: string
  readonly file: EndpointFile
  readonly coordinates?: Coordinates
}

export interface LinkedPool {
  readonly name: string
  readonly file: PoolFile
  readonly endpoints: readonly LinkedEndpoint[]
}

export interface LinkedRoute {
  /** The route's name, or `routes[3]`. */
  readonly id: string
  readonly file: RouteFile
  readonly action: LinkedAction
  readonly home?: LinkedEndpoint
}

export type LinkedAction =
  | {
      readonly kind: 'forward'
      readonly pools: readonly LinkedWeightedPool[]
      readonly replies: readonly LinkedReply[]
      /** With the stable track as its only pool. */
      readonly release?: { readonly name: string; readonly canary: LinkedWeightedPool }
    }
  | { readonly kind: 'redirect'; readonly file: NonNullable<RouteFile['redirect']> }
  | { readonly kind: 'reply'; readonly file: NonNullable<RouteFile['reply']> }

export interface LinkedReply {
  readonly weight: number
  readonly file: NonNullable<RouteFile['reply']>
}

export interface LinkedWeightedPool {
  readonly pool: LinkedPool
  readonly weight: number
  /** Absent in the short form. */
  readonly file?: WeightedPoolFile
}

export type WeightedPoolFile = NonNullable<RouteFile['pools']>[number]

export interface LinkedGateway {
  readonly pools: readonly LinkedPool[]
  readonly routes: readonly LinkedRoute[]
  readonly releases: GatewayFile['releases']
  readonly health: GatewayFile['health']
  readonly inbound: GatewayFile['inbound']
  readonly replies: GatewayFile['replies']
  readonly matching: GatewayFile['matching']
  readonly edge: GatewayFile['edge']
  readonly admission: Pick<GatewayFile, 'issuers' | 'trusts' | 'admission' | 'operators'>
  /** What was read of the trusts, by name. */
  readonly trusts: ReadonlyMap<string, LinkedTrust>
}

export interface LinkOptions {
  /** True for a configuration that never leaves this machine: addresses, plain http and fewer than three vantages are allowed. */
  readonly local: boolean
  /** Of the machine that checks, in milliseconds since 1970: what may not lie too far ahead is measured from here. */
  readonly now: number
  /** Absent: nothing can be read, and a configuration that names certificates has a defect. */
  readonly certificates?: CertificateReader
}

export interface Linked {
  readonly defects: readonly Defect[]
  readonly notes: readonly Note[]
  /** Undefined when there are defects. */
  readonly gateway?: LinkedGateway
}

/** Links what was parsed. Defects of parsing are carried on, those of linking put behind them. */
export function linkGateway(parsed: ParsedGateway, options: LinkOptions): Linked {
  const { file } = parsed
  if (file === undefined) return { defects: parsed.defects, notes: [] }
  const findings: Findings = { defects: [], notes: [], parsed, now: options.now }
  refuseEmpty(file, findings)
  const pools = linkPools(file, findings)
  const routes = linkRoutes(file, pools, findings)
  noteWideExpressions(file, findings)
  linkHealth(file, findings)
  linkIssuers(file, findings)
  linkOperators(file, findings)
  linkAdmission(file, findings)
  const trusts = linkTrusts(file, options.certificates, findings)
  linkAuthorization(file, findings)
  linkCertificateConditions(file, findings)
  linkRateLimits(file, findings)
  linkReleases(file, findings)
  linkIdentity(file, pools, findings)
  linkEdgeCertificates(file, findings)
  if (!options.local) refuseUndeployable(file, findings)
  const placed = <Found extends { readonly path: Path }>(found: readonly Found[]) =>
    found.map((one) => ({ ...one, path: parsed.place(one.path) }))
  const defects = [...parsed.defects, ...placed(findings.defects)]
  const notes = placed(findings.notes)
  if (defects.length > 0) return { defects, notes }
  return {
    defects,
    notes,
    gateway: {
      pools: [...pools.values()],
      routes,
      releases: file.releases,
      health: file.health,
      inbound: file.inbound,
      replies: file.replies,
      matching: file.matching,
      edge: file.edge,
      admission: file,
      trusts,
    },
  }
}
