/**
 * Which of the requests that anybody can send have a line in the log, of those that are denied, that would be, and that are before a route has
 * them: each, up to a hundred a second in an isolate. Above it they are counted, and the next line says how many had none: a log that costs more
 * than the traffic helps nobody.
 */
import type { Instant } from '../../config/units.ts'
import type { Admitted, Refused } from '../policy/admit.ts'

const LINES_A_SECOND = 100
const SECOND = 1000

/** What has been said in the second that began `since`. */
export interface Audit {
  since: number
  said: number
  unsaid: number
}

export const newAudit = (): Audit => ({ since: 0, said: 0, unsaid: 0 })

export interface Audited {
  readonly wouldRefuse: Pick<Refused, 'code' | 'reason' | 'rule'>
  /** So many before it had no line. */
  readonly unsaid: number
}

/** Whether one more line may be written in this second; counted when not. */
export function takeLine(audit: Audit, now: Instant): boolean {
  if (now - audit.since >= SECOND) {
    audit.since = now
    audit.said = 0
  }
  if (audit.said >= LINES_A_SECOND) {
    audit.unsaid += 1
    return false
  }
  audit.said += 1
  return true
}

/** The same, of a line that says how many before it had none; undefined when it may not be written. */
export function takeUnsaid(audit: Audit, now: Instant): number | undefined {
  if (!takeLine(audit, now)) return undefined
  const { unsaid } = audit
  audit.unsaid = 0
  return unsaid
}

/** What a line has to say; undefined when nothing has to be said, or not now. */
export function audit(audit: Audit, { wouldRefuse }: Admitted, now: Instant): Audited | undefined {
  const unsaid = wouldRefuse === undefined ? undefined : takeUnsaid(audit, now)
  if (wouldRefuse === undefined || unsaid === undefined) return undefined
  const { code, reason, rule } = wouldRefuse
  return { wouldRefuse: { code, reason, ...(rule === undefined ? {} : { rule }) }, unsaid }
}
