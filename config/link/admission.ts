/** What admissions must not contradict: names that exist, each host once, demands that can be met. */
import { takes } from '../hosts.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { didYouMean } from '../suggest.ts'
import { type Findings, few, isSure, lost, refuse } from './findings.ts'

export function linkAdmission(file: GatewayFile, findings: Findings): void {
  const seen = new Map<string, string>()
  for (const [index, admission] of file.admission.entries()) {
    const path = ['admission', index]
    for (const [place, host] of admission.hosts.entries()) {
      const owner = seen.get(host)
      if (owner !== undefined)
        refuse(findings, { code: 'HOST_ADMITTED_TWICE', path: [...path, 'hosts', place], expected: `each host once (${owner} has it)` })
      seen.set(host, owner ?? `admission[${index}]`)
    }
    refuseUnknown(admission.tokens, Object.keys(file.issuers), { path: [...path, 'tokens'], of: 'issuers' }, findings)
    refuseUnknown(admission.certificates, Object.keys(file.trusts), { path: [...path, 'certificates'], of: 'trusts' }, findings)
    refuseUnmeetable(admission, path, findings)
  }
  refuseRoutes(file, findings)
  noteUncovered(file, findings)
}

interface Naming {
  readonly path: readonly (string | number)[]
  readonly of: 'issuers' | 'trusts'
}

function refuseUnknown(names: readonly string[], known: readonly string[], { path, of }: Naming, findings: Findings): void {
  if (lost([of], findings)) return
  for (const [index, name] of names.entries()) {
    if (known.includes(name)) continue
    refuse(findings, {
      code: of === 'issuers' ? 'ISSUER_UNKNOWN' : 'TRUST_UNKNOWN',
      path: [...path, index],
      expected: `one of ${of}: ${few(known)}`,
      suggestion: didYouMean(name, known),
    })
  }
}

export type AdmissionFile = GatewayFile['admission'][number]

function refuseUnmeetable({ tokens, certificates, require }: AdmissionFile, path: readonly (string | number)[], findings: Findings): void {
  if (!['tokens', 'certificates', 'require'].every((field) => isSure([...path, field], findings))) return
  const wanted = unmet(require, { tokens, certificates })
  if (wanted !== undefined) refuse(findings, { code: 'DEMAND_UNMEETABLE', path: [...path, 'require'], expected: wanted, found: require })
}

/** What is missing for a demand to be met by anybody; undefined when it can be. */
function unmet(require: AdmissionFile['require'], { tokens, certificates }: Pick<AdmissionFile, 'tokens' | 'certificates'>) {
  const [has, holds] = [tokens.length > 0, certificates.length > 0]
  switch (require) {
    case 'token':
      return has ? undefined : 'a field "tokens" beside it, or nobody gets in'
    case 'certificate':
      return holds ? undefined : 'a field "certificates" beside it, or nobody gets in'
    case 'all':
    case 'any':
    case 'optional':
      return has || holds ? undefined : 'a field "tokens" or "certificates" beside it, or "require: none"'
    case 'none':
      return undefined
    default:
      return require satisfies never
  }
}

/** A route's own demand must be one that each of its hosts can meet. */
function refuseRoutes(file: GatewayFile, findings: Findings): void {
  for (const [index, { admission, hosts }] of file.routes.entries()) {
    if (admission?.require === undefined || admission.require === 'none' || admission.require === 'optional') continue
    const { require } = admission
    const path = ['routes', index, 'admission', 'require']
    for (const host of hosts) {
      const of = admissionOf(file, host)
      if (of !== undefined && unmet(require, of) === undefined) continue
      const expected =
        of === undefined ? `an admission for ${host} that says whose proof counts` : `an admission for ${host} that can meet it`
      refuse(findings, { code: 'DEMAND_UNMEETABLE', path, expected, found: require })
      break
    }
  }
}

/** The admission of the most specific pattern that takes all that a host pattern takes. */
export function admissionOf({ admission }: GatewayFile, host: string): AdmissionFile | undefined {
  let best: { readonly pattern: string; readonly admission: AdmissionFile } | undefined
  for (const each of admission) {
    for (const pattern of each.hosts) {
      const covers = pattern === host || pattern === '*' || takes(pattern, host)
      if (covers && (best === undefined || pattern.length > best.pattern.length)) best = { pattern, admission: each }
    }
  }
  return best?.admission
}

/** Where something is demanded of some hosts, one that nothing is demanded of may have been forgotten. */
function noteUncovered(file: GatewayFile, findings: Findings): void {
  if (file.admission.length === 0) return
  const uncovered = new Set(file.routes.flatMap(({ hosts }) => hosts).filter((host) => admissionOf(file, host) === undefined))
  if (uncovered.size > 0)
    findings.notes.push({
      code: 'HOST_WITHOUT_ADMISSION',
      path: ['admission'],
      text: `nothing is demanded of requests to ${few([...uncovered])}: no admission is for them`,
    })
}
