/** What a request must have proved to come in by a route, and whether another route takes less. As `worker/policy/admit.ts` judges it. */
import type { Authentication } from '../admission.ts'
import type { RouteFile } from '../parse-gateway.ts'
import type { AdmissionFile } from './judged-by.ts'

type Proof = 'absent' | 'good' | 'bad'
const PROOFS: readonly Proof[] = ['absent', 'good', 'bad']

/** What makes the second demand less than the first where one admission judges both, in words; undefined when it does not. */
export function lessDemanded(first: RouteFile, second: RouteFile, admission: AdmissionFile | undefined): string | undefined {
  const [wanted, given] = [demandOf(first, admission), demandOf(second, admission)]
  for (const token of PROOFS) {
    for (const certificate of PROOFS) {
      // By its own match the second may take fewer.
      if ((second.claims.length > 0 && token !== 'good') || (second.certificate !== undefined && certificate !== 'good')) continue
      if (passes(given, { token, certificate }, admission) && !passes(wanted, { token, certificate }, admission))
        return `it requires ${show(given)} instead of ${show(wanted)}`
    }
  }
  return hasRules(first) && !hasRules(second) ? 'it has no authorization' : undefined
}

/** Rules in force, not only looked at. */
export const hasRules = ({ admission }: Pick<RouteFile, 'admission'>): boolean => admission?.authorization?.mode === 'enforce'

const demandOf = ({ admission: own }: RouteFile, admission: AdmissionFile | undefined): Authentication => ({
  require: own?.require ?? admission?.require ?? 'none',
  mode: own?.mode ?? admission?.mode ?? 'strict',
})

const show = ({ require, mode }: Authentication): string => (mode === 'permissive' ? `${require} (permissive)` : require)

function passes(
  { require, mode }: Authentication,
  { token, certificate }: Record<'token' | 'certificate', Proof>,
  admission: AdmissionFile | undefined,
) {
  if (mode === 'permissive') return true
  const [takesTokens, takesCertificates] = [(admission?.tokens.length ?? 0) > 0, (admission?.certificates.length ?? 0) > 0]
  switch (require) {
    case 'none':
      return true
    case 'optional':
      return token !== 'bad' && certificate !== 'bad'
    case 'token':
      return token === 'good' && certificate !== 'bad'
    case 'certificate':
      return certificate === 'good' && token !== 'bad'
    case 'any':
      return token === 'good' || certificate === 'good'
    case 'all':
      if (!takesTokens && !takesCertificates) return false
      return (token === 'good' || !takesTokens) && (certificate === 'good' || !takesCertificates)
    default:
      return require satisfies never
  }
}
