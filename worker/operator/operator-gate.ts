/**
 * Who may use the operators' API: whoever bears the secret, or a token of an issuer of operators that grants the noun. A page of another
 * site may not ask, a cookie is nothing, and who fails too often is not looked at. What is refused is logged, with the reason; who asks is told little.
 */
import { timingSafeEqual } from 'hono/utils/buffer'
import type { HostAdmission } from '../../config/admission.ts'
import type { GatewayErrorCode } from '../../config/errors.ts'
import type { OperatorsRight, OperatorsSettings } from '../../config/operators.ts'
import { type TokenPorts, tokenFinder } from '../identity/find-token.ts'
import { networkOf } from '../inbound/client-address.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import { NO_CERTIFICATE, type TokenFinding, type VerifiedToken } from '../policy/identity.ts'
import { scopesOf } from '../policy/judge-token.ts'
import type { Platform } from '../ports.ts'
import { localReply } from '../reply/local-reply.ts'
import { FAILURE_RETRY_AFTER, FailureBound } from './failure-bound.ts'

export interface GatePorts extends TokenPorts {
  readonly settings: OperatorsSettings | undefined
  /** Undefined or empty: the secret opens nothing. */
  readonly secret: string | undefined
  /** Of the API's hosts. */
  readonly isOwn: (host: string) => boolean
  readonly log: (line: string) => void
}

/** `right` undefined: it asks for nothing that there is. */
export type OperatorGate = (
  request: Request,
  inbound: Inbound,
  right: OperatorsRight | undefined,
  platform: Platform,
) => Promise<GateAnswer>

export type GateAnswer =
  | { readonly kind: 'refused'; readonly response: Response }
  /** `by`: who it is, for the audit trail. */
  | { readonly kind: 'in'; readonly by: string }

interface Refusal {
  readonly code: GatewayErrorCode
  readonly reason: string
  readonly challenge?: string
  /** It is one of those of which there may not be many. */
  readonly counts?: boolean
}

export function makeOperatorGate(ports: GatePorts): OperatorGate {
  const guesses = new FailureBound()
  const lines = new FailureBound()
  const judge = makeJudge(ports)
  return async (request, inbound, right, platform) => {
    const network = networkOf(inbound.address)
    // The bound is reached by failures that were logged: that it is, is not said again with each request.
    if (!guesses.admits(network, inbound.receivedAt)) return refuse(inbound, { code: 'ERR_RATE_LIMITED', reason: 'too many failures' })
    const foreign = flawOfOrigin(request, ports)
    const refusal = foreign ?? (await judge(request, inbound, right, platform))
    if ('by' in refusal) return { kind: 'in', by: refusal.by }
    if (foreign === undefined && refusal.counts !== false && bears(request)) guesses.note(network, inbound.receivedAt)
    else if (lines.admits(network, inbound.receivedAt)) lines.note(network, inbound.receivedAt)
    else return refuse(inbound, refusal)
    const { host, path, address, requestId } = inbound
    const { code, reason } = refusal
    ports.log(JSON.stringify({ kind: 'operators', requestId, host, path: path.slice(0, PATH_SHOWN), client: address, code, reason }))
    return refuse(inbound, refusal)
  }
}

const PATH_SHOWN = 100

/**
 * Whether it shows what could be a guess. A page can make any browser ask without it, or from an `Origin` of its own: that is nobody's failure, and
 * must not shut out the operators of that network. It only has no more lines in the log than failures have.
 */
const bears = ({ headers }: Request): boolean => /^(?:bearer|dpop) /i.test(headers.get('authorization') ?? '')

function refuse({ requestId }: Inbound, { code, challenge }: Refusal): GateAnswer {
  const response = localReply(code, requestId)
  if (challenge !== undefined) response.headers.set('www-authenticate', challenge)
  if (code === 'ERR_RATE_LIMITED') response.headers.set('retry-after', String(FAILURE_RETRY_AFTER))
  return { kind: 'refused', response }
}

/** A browser says from which page a request comes. The API has no pages, and none of another site may use it (RFC 6454 section 7). */
function flawOfOrigin({ headers }: Request, { isOwn }: GatePorts): Refusal | undefined {
  const origin = headers.get('origin')
  const host = origin === null ? undefined : URL.parse(origin)?.hostname
  if (origin === null || (host !== undefined && isOwn(host))) return undefined
  return { code: 'ERR_FORBIDDEN', reason: 'it comes from a page of another site' }
}

/** Somebody who may, by name, or why not. */
type Judge = (
  request: Request,
  inbound: Inbound,
  right: OperatorsRight | undefined,
  platform: Platform,
) => Promise<Refusal | { readonly by: string }>

const BEARER = /^bearer +([^ ,]+) *$/i

function makeJudge({ settings, secret, ...ports }: GatePorts): Judge {
  const issuers = settings?.issuers ?? []
  const host: HostAdmission = {
    pattern: '*',
    tokens: issuers.map(({ id }) => id),
    certificates: [],
    authentication: { require: 'token', mode: 'strict' },
  }
  const find = tokenFinder({ issuers, trusts: [], hosts: [host] }, ports)
  return async (request, inbound, right, platform) => {
    const [, bearer] = BEARER.exec(request.headers.get('authorization') ?? '') ?? []
    if (bearer !== undefined && secret !== undefined && secret !== '' && (await timingSafeEqual(bearer, secret)))
      return { by: nameClaimed(request) }
    if (issuers.length === 0) return { ...UNKNOWN, reason: bearer === undefined ? 'it bears no token' : 'its token is not the secret' }
    const found = await find({ request, inbound, host }, NO_CERTIFICATE, platform)
    if (found.kind !== 'verified') return refusalOf(found)
    const by = nameOf(found)
    // What is not there is 404 to whoever has come so far.
    if (right === undefined) return { by }
    const scope = settings?.scopes[right] ?? ''
    if (scope !== '' && scopesOf(found.claims).includes(scope)) return { by }
    const challenge = `Bearer error="insufficient_scope", scope="${scope.replace(/[^\x21\x23-\x5b\x5d-\x7e ]/g, '')}"`
    return { code: 'ERR_FORBIDDEN', reason: `its token of ${found.issuer} does not grant the scope ${scope}`, challenge }
  }
}

/** Everybody who bears the secret is the same to us: what they call themselves is their word, and is marked as that. */
function nameClaimed({ headers }: Request): string {
  const claimed = printable(headers.get('meridian-operator') ?? '')
  return claimed === '' ? 'the secret OPERATOR_TOKEN' : `${claimed} (claimed)`
}

function nameOf({ issuer, claims }: VerifiedToken): string {
  const { sub } = claims
  return typeof sub === 'string' && printable(sub) !== '' ? `${printable(sub)} (${issuer})` : `a token of ${issuer}`
}

const NAME_SHOWN = 80
const printable = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '')
    .trim()
    .slice(0, NAME_SHOWN)
    // Half of a character that was cut is no text.
    .replace(/\p{Cs}$/u, '')

const UNKNOWN = { code: 'ERR_TOKEN_REQUIRED', challenge: 'Bearer' } as const

function refusalOf(found: Exclude<TokenFinding, { kind: 'verified' }>): Refusal {
  switch (found.kind) {
    case 'absent':
      return { ...UNKNOWN, reason: 'it bears no token' }
    case 'refused':
      return { ...UNKNOWN, challenge: 'Bearer error="invalid_token"', reason: `its token: ${found.reason}` }
    case 'unknown-key':
      return {
        ...UNKNOWN,
        challenge: 'Bearer error="invalid_token"',
        reason: `no key of ${found.issuer} that is known has signed its token`,
      }
    case 'no-keys':
      return { code: 'ERR_TOKEN_KEYS_UNAVAILABLE', reason: `the keys of ${found.issuer} are not known, or too old`, counts: false }
    default:
      return found satisfies never
  }
}
