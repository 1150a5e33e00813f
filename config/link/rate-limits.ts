/** What limits must not contradict: names of their own, what their counter can count, and keys that somebody can prove. */
import type { Path } from '../defect.ts'
import { showDuration } from '../fields.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { COLO_PERIODS } from '../rate-limit.ts'
import type { RateLimitFile } from '../schema/rate-limits.ts'
import { type AdmissionFile, admissionOf, isSureOfProofs } from './admission.ts'
import { type Findings, isSure, lost, refuse } from './findings.ts'

export function linkRateLimits(file: GatewayFile, findings: Findings): void {
  const names = new Map<string, string>()
  for (const [index, admission] of file.admission.entries()) {
    const path = ['admission', index]
    for (const place of limitsAt(admission.rateLimits, path)) {
      refuseSharedName(place, names, findings)
      refuseUncountable(place, findings)
      refuseUnprovable(place, [{ host: 'its hosts', admission }], findings)
    }
  }
  for (const [index, { admission, hosts }] of file.routes.entries()) {
    if (admission === undefined) continue
    for (const place of limitsAt(admission.rateLimits, ['routes', index, 'admission'])) {
      refuseSharedName(place, names, findings)
      refuseUncountable(place, findings)
      refuseUnprovable(
        place,
        hosts.map((host) => ({ host, admission: admissionOf(file, host) })),
        findings,
      )
    }
  }
}

interface Place {
  readonly limit: RateLimitFile
  readonly path: Path
}

const limitsAt = (limits: readonly RateLimitFile[], path: Path): readonly Place[] =>
  limits.map((limit, index) => ({ limit, path: [...path, 'rateLimits', index] }))

function refuseSharedName({ limit, path }: Place, names: Map<string, string>, findings: Findings): void {
  const owner = names.get(limit.name)
  names.set(limit.name, owner ?? path.join('.'))
  if (owner !== undefined)
    refuse(findings, { code: 'NAME_TAKEN', path: [...path, 'name'], expected: `a name that no other limit has (${owner} has it)` })
}

interface Countable {
  readonly limit: Pick<RateLimitFile, 'rate' | 'burst' | 'scope'>
  readonly path: Path
}

/** The platform's counter knows two periods, and no burst beside its rate. */
export function refuseUncountable({ limit, path }: Countable, findings: Findings): void {
  const { scope, rate, burst } = limit
  if (scope !== 'colo' || !isSure([...path, 'scope'], findings)) return
  if (!COLO_PERIODS.some((period) => rate.window === period * 1000))
    refuse(findings, {
      code: 'LIMIT_UNCOUNTABLE',
      path: [...path, 'rate'],
      expected: `a rate in ${COLO_PERIODS.map((period) => showDuration(period * 1000)).join(' or ')}, all that the counter of a colo knows`,
    })
  if (burst !== undefined && burst !== rate.limit)
    refuse(findings, {
      code: 'LIMIT_UNCOUNTABLE',
      path: [...path, 'burst'],
      expected: 'no burst: the counter of a colo has none beside its rate',
    })
}

interface Counted {
  readonly host: string
  readonly admission: AdmissionFile | undefined
}

/** A key that nobody can prove would count all requests together. */
function refuseUnprovable({ limit: { by }, path }: Place, counted: readonly Counted[], findings: Findings): void {
  if ((by.kind !== 'claim' && by.kind !== 'identity') || lost([...path, 'by'], findings) || !isSureOfProofs(findings)) return
  for (const { host, admission } of counted) {
    const proves = (admission?.tokens.length ?? 0) > 0 || (by.kind === 'identity' && (admission?.certificates.length ?? 0) > 0)
    if (proves) continue
    const what = by.kind === 'claim' ? '"tokens"' : '"tokens" or "certificates"'
    refuse(findings, {
      code: 'PROOF_MISSING',
      path: [...path, 'by'],
      expected: `an admission for ${host} with ${what}, or all would be counted together`,
    })
    return
  }
}
