/**
 * The ways in which a sample ingress can be broken, as words of the command line. Each is made at the socket, so that the
 * gateway meets what a real outage looks like. How a fault is carried out is decided by `faulty-server.ts`.
 */
import { err, ok, type Result } from '../../config/result.ts'

export type Fault =
  | {
      readonly kind:
        | 'refuse'
        | 'hang'
        | 'drop'
        | 'reset'
        | 'tls'
        | '503'
        | 'mid-body'
        | 'trickle'
        | 'lie'
        | 'mesh-dead'
        | 'rate-limited'
        | 'rubbish'
    }
  /** Headers come this much later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** This share of the requests is answered 503, evenly spread. */
  | { readonly kind: 'partial'; readonly share: number }
  /** This share of the requests for the new version (`x-version: next`) is answered 500, evenly spread. */
  | { readonly kind: 'bad-version'; readonly share: number }
  /** This share of the requests, drawn, is answered 400 ms late. */
  | { readonly kind: 'hiccup'; readonly share: number }
  /** Refuses for so many seconds, is well for as many, and so on. */
  | { readonly kind: 'flap'; readonly seconds: number }

export type FaultKind = Fault['kind']

interface FaultWord {
  readonly means: string
  readonly argument?: { readonly name: string; readonly fallback: number; readonly max: number }
}

export const FAULTS: Readonly<Record<FaultKind, FaultWord>> = {
  refuse: { means: 'nobody listens; connections that exist are cut' },
  hang: { means: 'connections are accepted, nothing is ever read or answered' },
  drop: { means: 'packets that would make a connection vanish; connections that exist fall silent' },
  reset: { means: 'the connection is reset after the request, before an answer' },
  tls: { means: 'an expired certificate of an unknown authority' },
  '503': { means: 'every request is answered 503, and so is the ready endpoint' },
  slow: { means: 'answers begin late', argument: { name: 'MILLISECONDS', fallback: 10_000, max: 600_000 } },
  'mid-body': { means: 'half of the body, then a reset' },
  trickle: { means: 'the body comes at one byte each half second' },
  lie: { means: 'every request is answered 503 while the ready endpoint says all is well' },
  'mesh-dead': { means: 'the ingress is well, the mesh behind it is not: Envoy\'s "no healthy upstream"' },
  'rate-limited': { means: 'every request is answered 429 with Retry-After: 5' },
  partial: { means: 'a share of the requests is answered 503', argument: { name: 'PERCENT', fallback: 30, max: 100 } },
  'bad-version': {
    means: 'a share of the requests for the new version (x-version: next) is answered 500',
    argument: { name: 'PERCENT', fallback: 30, max: 100 },
  },
  hiccup: { means: 'a share of the requests is answered 400 ms late', argument: { name: 'PERCENT', fallback: 5, max: 100 } },
  flap: { means: 'refuses and recovers in turn', argument: { name: 'SECONDS', fallback: 3, max: 3_600 } },
  rubbish: { means: 'answers bytes that are not HTTP' },
}

/** As listed; JavaScript puts a name that looks like a number first. */
const KINDS = (Object.keys(FAULTS) as FaultKind[]).toSorted((a, b) => Number(a === '503') - Number(b === '503'))

/** Reads `refuse`, `slow 800` or `partial 30%`. `undefined` is `heal`. Errors: an unknown word, a number that is none. */
export function parseFault(words: readonly string[]): Result<Fault | undefined, string> {
  const [word = '', raw, ...rest] = words
  if (word === 'heal' && raw === undefined) return ok(undefined)
  const kind = KINDS.find((known) => known === word)
  if (kind === undefined) return err(`unknown fault "${word}"; known are: ${KINDS.join(', ')} and heal`)
  const { argument } = FAULTS[kind]
  if (argument === undefined) return raw === undefined ? ok({ kind } as Fault) : err(`"${kind}" takes no argument, got "${raw}"`)
  if (rest.length > 0) return err(`"${kind}" takes one argument, got "${[raw, ...rest].join(' ')}"`)
  const value = raw === undefined ? argument.fallback : Number(raw.replace(/(ms|s|%)$/, ''))
  if (!Number.isFinite(value) || value <= 0 || value > argument.max) {
    return err(`"${kind}" takes ${argument.name} above 0 and at most ${argument.max}, got "${raw}"`)
  }
  return ok(withArgument(kind, value))
}

const isOfShare = (kind: FaultKind): kind is 'partial' | 'bad-version' | 'hiccup' =>
  kind === 'partial' || kind === 'bad-version' || kind === 'hiccup'

function withArgument(kind: FaultKind, value: number): Fault {
  if (kind === 'slow') return { kind, delayMs: value }
  if (isOfShare(kind)) return { kind, share: value / 100 }
  return { kind: 'flap', seconds: value }
}

/** The words that `parseFault` would read back. */
export function showFault(fault: Fault | undefined): string {
  if (fault === undefined) return 'healthy'
  if (fault.kind === 'slow') return `slow ${fault.delayMs}`
  if ('share' in fault) return `${fault.kind} ${Math.round(fault.share * 100)}`
  if (fault.kind === 'flap') return `flap ${fault.seconds}`
  return fault.kind
}

/** The help of every command that takes a fault. */
export function faultHelp(): string {
  const rows = KINDS.map((kind) => [`${kind}${FAULTS[kind].argument ? ` ${FAULTS[kind].argument.name}` : ''}`, FAULTS[kind].means] as const)
  return [...rows, ['heal', 'well again'] as const].map(([word, means]) => `  ${word.padEnd(20)} ${means}`).join('\n')
}
