/** Which fault breaks what on which port. Carried out by `faulty-server.ts`. */
import type { Fault } from './faults.ts'

export interface Breakage {
  /** `silently`: whoever connects hears nothing, not even a refusal. */
  readonly listen: 'yes' | 'no' | 'silently'
  /** `ignore`: connections are taken and never read. */
  readonly accept: 'serve' | 'ignore'
  readonly certificate: 'right' | 'wrong'
  readonly answer: Answer
}

export type Answer =
  | { readonly kind: 'well' | 'reset' | 'unavailable' | 'no-upstream' | 'too-many' | 'half' | 'drip' | 'garbage' }
  /** This share of the requests. */
  | { readonly kind: 'late'; readonly delayMs: number; readonly share: number }
  | { readonly kind: 'sometimes'; readonly share: number }
  /** Of those for the new version. */
  | { readonly kind: 'bad-version'; readonly share: number }

/** Long beside an answer, short beside the timer of an attempt. */
const HICCUP_MS = 400

const WELL: Breakage = { listen: 'yes', accept: 'serve', certificate: 'right', answer: { kind: 'well' } }

/** What happens on the port that takes requests. */
export function breakTraffic(fault: Fault | undefined): Breakage {
  if (fault === undefined) return WELL
  switch (fault.kind) {
    case 'refuse':
    case 'flap':
      return { ...WELL, listen: 'no' }
    case 'hang':
      return { ...WELL, accept: 'ignore' }
    case 'drop':
      return { ...WELL, listen: 'silently', accept: 'ignore' }
    case 'tls':
      return { ...WELL, certificate: 'wrong' }
    case 'reset':
      return { ...WELL, answer: { kind: 'reset' } }
    case '503':
    case 'lie':
      return { ...WELL, answer: { kind: 'unavailable' } }
    case 'mesh-dead':
      return { ...WELL, answer: { kind: 'no-upstream' } }
    case 'rate-limited':
      return { ...WELL, answer: { kind: 'too-many' } }
    case 'slow':
      return { ...WELL, answer: { kind: 'late', delayMs: fault.delayMs, share: 1 } }
    case 'hiccup':
      return { ...WELL, answer: { kind: 'late', delayMs: HICCUP_MS, share: fault.share } }
    case 'partial':
      return { ...WELL, answer: { kind: 'sometimes', share: fault.share } }
    case 'bad-version':
      return { ...WELL, answer: { kind: 'bad-version', share: fault.share } }
    case 'mid-body':
      return { ...WELL, answer: { kind: 'half' } }
    case 'trickle':
      return { ...WELL, answer: { kind: 'drip' } }
    case 'rubbish':
      return { ...WELL, answer: { kind: 'garbage' } }
    default:
      return fault satisfies never
  }
}

/** What happens on the ready port: the same for an ingress that is gone, nothing for one that only its requests find ill. */
export function breakReady(fault: Fault | undefined): Breakage {
  if (fault === undefined) return WELL
  switch (fault.kind) {
    case 'refuse':
    case 'flap':
    case 'hang':
    case 'drop':
    case 'reset':
    case '503':
    case 'slow':
      return breakTraffic(fault)
    // Ready ports of meshes speak plain HTTP: a bad certificate leaves them well.
    case 'tls':
    case 'lie':
    case 'mesh-dead':
    case 'rate-limited':
    case 'partial':
    case 'bad-version':
    case 'hiccup':
    case 'mid-body':
    case 'trickle':
    case 'rubbish':
      return WELL
    default:
      return fault satisfies never
  }
}
