/** What admissions must not contradict: names that exist, each host once, demands that can be met. */
import { namesAt } from '../document.ts'
import { takes } from '../hosts.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { didYouMean } from '../suggest.ts'
import { type Findings, few, isSaid, isSure, lostFields, refuse } from './findings.ts'
import { judgesOf } from './judged-by.ts'

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
  const declared = namesAt(findings.parsed.document, [of])
  if (declared.length === 0 && !isSaid(of, findings)) return
  for (const [index, name] of names.entries()) {
    if (known.includes(name) || declared.includes(name)) continue
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

const PROVING: ReadonlySet<string> = new Set(['hosts', 'tokens', 'certificates'])

/** Whether it is known what each admission verifies, and for which hosts. */
export const isSureOfProofs = (findings: Findings): boolean =>
  isSaid('admission', findings) && !lostFields(['admission'], PROVING, findings, 'list')

/** A route's own demand must be one that each admission which judges its requests can meet: those of hosts within a wildcard too. */
function refuseRoutes(file: GatewayFile, findings: Findings): void {
  if (!isSureOfProofs(findings)) return
  for (const [index, { admission, hosts }] of file.routes.entries()) {
    if (admission?.require === undefined || admission.require === 'none' || admission.require === 'optional') continue
    const { require } = admission
    const path = ['routes', index, 'admission', 'require']
    const unmeetable = (wanting: string, patterns: ReadonlySet<string>): void => {
      if (patterns.size === 0) return
      const expected = `an admission for ${few([...patterns])} that ${wanting}`
      refuse(findings, { code: 'DEMAND_UNMEETABLE', path, expected, found: require })
    }
    const judges = hosts.map((host) => ({ host, ...judgesOf(file, host) }))
    unmeetable('says whose proof counts', new Set(judges.filter(({ whole }) => whole === undefined).map(({ host }) => host)))
    const unable = judges.flatMap(({ host, whole, within }) => [
      ...(whole !== undefined && unmet(require, whole.admission) !== undefined ? [host] : []),
      ...within.filter(({ admission: of }) => unmet(require, of) !== undefined).map(({ pattern }) => pattern),
    ])
    unmeetable('can meet it', new Set(unable))
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
