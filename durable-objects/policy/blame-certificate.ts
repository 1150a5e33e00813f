/**
 * Whether it is our own certificate that an endpoint does not take. With TLS 1.3 it refuses one after the handshake, which looks like a
 * connection that breaks off, and the runtime hands no alert on. So a probe that failed with the certificate is compared with one without it.
 */
import type { ProbePhase, ProbeResult } from './probe-result.ts'

type Failed = Extract<ProbeResult, { kind: 'failed' }>

/** Where a certificate may be what failed: only then the endpoint is asked once more. */
const DOUBTFUL: readonly ProbePhase[] = ['connect', 'tls', 'status']
/** Statuses by which whoever ends TLS may speak of the certificate. */
const REFUSALS = [400, 499] as const

export function doubtsCertificate(result: ProbeResult): result is Failed {
  if (result.kind === 'passed' || !DOUBTFUL.includes(result.phase)) return false
  return result.phase !== 'status' || (result.status !== undefined && result.status >= REFUSALS[0] && result.status <= REFUSALS[1])
}

/** `presenting`: what came of it with the certificate of the binding; `without`: right after it, as anybody. */
export function blameCertificate(presenting: Failed, without: ProbeResult, binding: string): Failed {
  const said = sayBlame(presenting, without)
  return said === undefined ? presenting : { ...presenting, phase: 'certificate', detail: `${said(binding)}: ${presenting.detail}` }
}

function sayBlame(presenting: Failed, without: ProbeResult): ((binding: string) => string) | undefined {
  if (presenting.phase === 'status') return without.kind === 'passed' ? refusesIt : undefined
  if (hasAnswered(without)) return breaksItOff
  // An endpoint that is dead fails alike. One that demands a certificate ends a connection without one in its own way.
  return without.kind === 'failed' && without.phase !== 'timeout' && kindOf(without) !== kindOf(presenting) ? mayNotTakeIt : undefined
}

const hasAnswered = (result: ProbeResult): boolean => result.kind === 'passed' || result.status !== undefined

/** The runtime gives each of its own errors a number. */
const kindOf = ({ phase, detail }: Failed): string => `${phase} ${detail.replace(/reference = \w+/, '')}`

const WHY = 'has it expired, was it revoked, is its authority trusted there?'
const breaksItOff = (binding: string): string =>
  `it breaks off connections that present ${binding}, and takes those without a certificate; ${WHY}`
const refusesIt = (binding: string): string => `it refuses those who present ${binding}, and not those without a certificate; ${WHY}`
const mayNotTakeIt = (binding: string): string =>
  `it ends connections that present ${binding} in another way than those without a certificate, and seems not to take it; ${WHY}`
