/** What must hold where endpoints are told who sent a request: that they can believe it, and that there is somebody to tell of. */

import type { Path } from '../defect.ts'
import { own } from '../document.ts'
import type { LinkedPool } from '../link-gateway.ts'
import type { GatewayFile, ReleaseFile, RouteFile } from '../parse-gateway.ts'
import { TRACKS } from '../release.ts'
import { poolsNamedBy } from './actions.ts'
import { admissionOf, isSureOfProofs } from './admission.ts'
import { type Findings, few, isSure, refuse } from './findings.ts'
import { refuseUntoldIssuer } from './told-issuers.ts'

type IdentityFile = NonNullable<RouteFile['identity']>
type Pools = ReadonlyMap<string, LinkedPool>

export function linkIdentity(file: GatewayFile, pools: Pools, findings: Findings): void {
  for (const [name, { endpoints }] of Object.entries(file.pools)) {
    for (const [id, { clientCertificate, url }] of Object.entries(endpoints)) {
      if (clientCertificate !== undefined && url.scheme !== 'https')
        refuse(findings, {
          code: 'CERTIFICATE_WITHOUT_TLS',
          path: ['pools', name, 'endpoints', id, 'clientCertificate'],
          expected: 'an https URL beside it',
        })
    }
  }
  for (const [index, route] of file.routes.entries()) {
    const { identity } = route
    const path = ['routes', index, 'identity']
    if (identity === undefined) continue
    const serving = servingPools(route, file)
    refuseVain(route, identity, { path, serving }, findings)
    refuseUnbelieved(route, pools, { path, serving }, findings)
    refuseUnprovable(file, route, path, findings)
    refuseUntoldIssuer(file, route, ['routes', index], findings)
    refuseOverlaps(identity, path, findings)
    refuseOverwritten(route, pools, { path: ['routes', index], serving, release: own(file.releases, route.release ?? '') }, findings)
  }
}

/** Mirrors are told nothing. */
const servingPools = (route: RouteFile, { releases }: GatewayFile): readonly string[] => [
  ...new Set(poolsNamedBy({ ...route, mirrors: [] }, releases)),
]

const tellsOf = ({ xfcc, clientCert, claims }: IdentityFile): boolean => xfcc || clientCert || claims.length > 0

const TOLD = ['xfcc', 'clientCert', 'claims', 'token'] as const

interface Serving {
  readonly path: Path
  /** Its pools. */
  readonly serving: readonly string[]
  readonly release?: ReleaseFile | undefined
}

function refuseVain(route: RouteFile, identity: IdentityFile, { path, serving }: Serving, findings: Findings): void {
  if (serving.length === 0 && route.release === undefined && !isSure([...path.slice(0, -1), 'pool'], findings)) return
  if (serving.length === 0 && route.release === undefined)
    refuse(findings, {
      code: 'FIELD_WITHOUT_EFFECT',
      path,
      expected: 'a pool beside it: this route asks no endpoint, so there is nobody to tell',
      atKey: true,
    })
  else if (!tellsOf(identity) && identity.token === undefined && TOLD.every((field) => isSure([...path, field], findings)))
    refuse(findings, { code: 'FIELD_MISSING', path, expected: 'at least one of xfcc, clientCert, claims, token' })
}

/** Whoever finds an ingress could say the same: it must know that the edge says it. */
function refuseUnbelieved(route: RouteFile, pools: Pools, { path, serving }: Serving, findings: Findings): void {
  const { identity } = route
  if (identity === undefined || !tellsOf(identity) || identity.token !== undefined || !isSure([...path, 'token'], findings)) return
  const bare = serving.flatMap((name) => {
    const endpoints = pools.get(name)?.endpoints ?? []
    return endpoints.flatMap(({ name: id, file }) =>
      file.clientCertificate === undefined && isSure(['pools', name, 'endpoints', id, 'clientCertificate'], findings)
        ? [`${name}.${id}`]
        : [],
    )
  })
  if (bare.length === 0) return
  const expected = 'proof that the edge says it: "token: true" in it, or a "clientCertificate" on each endpoint of its pools'
  refuse(findings, { code: 'IDENTITY_UNBELIEVED', path, expected, found: `neither for ${few(bare)}` })
}

function refuseUnprovable(file: GatewayFile, route: RouteFile, path: Path, findings: Findings): void {
  const { identity, hosts, admission: own } = route
  if (identity === undefined || !isSureOfProofs(findings)) return
  const wants = [
    ...(identity.xfcc ? [{ field: ['xfcc'], of: 'certificates' as const }] : []),
    ...(identity.clientCert ? [{ field: ['clientCert'], of: 'certificates' as const }] : []),
    ...(identity.claims.length > 0 ? [{ field: ['claims'], of: 'tokens' as const }] : []),
    ...(identity.token !== undefined && identity.token.claims.length > 0 ? [{ field: ['token', 'claims'], of: 'tokens' as const }] : []),
  ]
  for (const { field, of } of wants) {
    const host = hosts.find((each) => !proves(admissionOf(file, each), own?.require, of))
    if (host === undefined) continue
    const expected =
      own?.require === 'none'
        ? `another demand than "require: none", with which nothing is verified`
        : `an admission for ${host} that verifies ${of}`
    refuse(findings, { code: 'PROOF_MISSING', path: [...path, ...field], expected, atKey: true })
  }
}

type AdmissionFile = GatewayFile['admission'][number]

function proves(
  admission: AdmissionFile | undefined,
  require: AdmissionFile['require'] | undefined,
  of: 'tokens' | 'certificates',
): boolean {
  if (admission === undefined || (require ?? admission.require) === 'none') return false
  return admission[of].length > 0
}

/** One header for each, and no claim within another that is repeated whole. */
function refuseOverlaps({ claims, token }: IdentityFile, path: Path, findings: Findings): void {
  if (token === undefined) return
  if (claims.some(({ header }) => header === token.header))
    refuse(findings, {
      code: 'IDENTITY_OVERLAPS',
      path: [...path, 'token', 'header'],
      expected: 'another header than those of "claims"',
      found: token.header,
    })
  for (const [index, claim] of token.claims.entries()) {
    const at = [...path, 'token', 'claims', index]
    const outer = token.claims.find(
      (other) => other !== claim && other.length < claim.length && other.every((name, place) => name === claim[place]),
    )
    if (outer !== undefined)
      refuse(findings, {
        code: 'IDENTITY_OVERLAPS',
        path: at,
        expected: `a claim that is not within ${outer.join('.')}, which is repeated whole`,
      })
    else if (claim.length === 1 && claim[0] === 'iss')
      refuse(findings, { code: 'IDENTITY_OVERLAPS', path: at, expected: 'another claim: "client.iss" is always there' })
  }
}

/** Headers that an operator sets by hand on the same requests: the identity comes last, so that they would never arrive. */
function refuseOverwritten(route: RouteFile, pools: Pools, { path, serving, release }: Serving, findings: Findings): void {
  const { identity } = route
  if (identity === undefined) return
  const told = new Set([...identity.claims.map(({ header }) => header), ...(identity.token === undefined ? [] : [identity.token.header])])
  const expected = 'a header in which "identity" tells nothing'
  const refuseEdits = (edits: RouteFile['requestHeaders'], at: Path): void => {
    for (const name of [...(edits?.set ?? []), ...(edits?.add ?? [])].map(([each]) => each).filter((each) => told.has(each)))
      refuse(findings, { code: 'HEADER_EDITS_CLASH', path: [...at, 'requestHeaders'], expected, found: name })
    for (const name of (edits?.remove ?? []).filter((each) => told.has(each)))
      refuse(findings, { code: 'HEADER_EDITS_CLASH', path: [...at, 'requestHeaders', 'remove'], expected, found: name })
  }
  refuseEdits(route.requestHeaders, path)
  for (const [index, pool] of route.pools?.entries() ?? []) refuseEdits(pool.requestHeaders, [...path, 'pools', index])
  for (const track of TRACKS) refuseEdits(release?.[track].requestHeaders, ['releases', route.release ?? '', track])
  for (const name of serving) {
    for (const { name: id, file } of pools.get(name)?.endpoints ?? []) {
      for (const [header] of file.headers.filter(([each]) => told.has(each)))
        refuse(findings, {
          code: 'HEADER_EDITS_CLASH',
          path: ['pools', name, 'endpoints', id, 'headers', header],
          expected,
          found: header,
          atKey: true,
        })
    }
  }
}
