/** Claims in headers where several issuers count: each may call somebody the same, so endpoints are told whose word a claim is. */
import type { Path } from '../defect.ts'
import { own } from '../document.ts'
import type { GatewayFile, RouteFile } from '../parse-gateway.ts'
import { type Findings, few, isSure, refuse } from './findings.ts'
import { allOf, judgesOf } from './judged-by.ts'

/** `path`: of the route. */
export function refuseUntoldIssuer(file: GatewayFile, route: RouteFile, path: Path, findings: Findings): void {
  const claims = route.identity?.claims ?? []
  const at = [...path, 'identity', 'claims']
  if (claims.length === 0 || claims.some(({ claim }) => claim.length === 1 && claim[0] === 'iss') || !isSure(at, findings)) return
  const names = believedOn(file, route)
  const issuers = new Set(names.map((name) => own(file.issuers, name)?.issuer ?? name))
  if (issuers.size < 2) return
  refuse(findings, {
    code: 'ISSUER_UNTOLD',
    path: at,
    expected: `a header with the claim "iss" among them, because several issuers count here (${few(names)}) and each may call somebody the same`,
    found: few(claims.map(({ header }) => header)),
    suggestion: 'add "x-issuer: iss", and let endpoints look at both',
    atKey: true,
  })
}

/** The issuers whose tokens the route tells of, by name. */
function believedOn(file: GatewayFile, { hosts, admission: demanded }: RouteFile): readonly string[] {
  const judges = hosts.flatMap((host) => allOf(judgesOf(file, host)).map(({ admission }) => admission))
  const telling = judges.filter(({ require }) => (demanded?.require ?? require) !== 'none')
  return [...new Set(telling.flatMap(({ tokens }) => tokens))]
}
