/**
 * One attempt: sends, waits for the head (and the body, where it is to be held), says what it meant. It can be broken off at any time and
 * never rejects. Its timer, and what follows from its end, are others' business.
 */
import type { RetrySettings } from '../../config/resilience.ts'
import { bytes, type Instant } from '../../config/units.ts'
import { networkOf } from '../inbound/client-address.ts'
import { type BodyArming, beginHold, careFor, endHold } from '../policy/body-care.ts'
import { classifyGrpc, type GrpcHead } from '../policy/classify-grpc.ts'
import { type AnswerHead, classifyAnswer, classifyThrow, type Outcome } from '../policy/classify-outcome.ts'
import { beginWaiting, prolongWaiting } from '../policy/endpoint-load.ts'
import type { AttemptFact } from '../policy/ledger.ts'
import { saysTryAgain } from '../policy/retry-conditions.ts'
import { settleAttempt } from '../policy/settle-attempt.ts'
import { noteDraining } from '../policy/standing.ts'
import type { Platform } from '../ports.ts'
import { type BegunBody, BriefHold, type HeldBody, holdBody } from './hold-body.ts'
import type { OutboundRequest } from './outbound-request.ts'
import { declaredLength } from './replay-body.ts'

/** An answer whose head can go on. */
export interface Answer {
  readonly response: Response
  readonly body: /** `raw`: it was to be looked at, and is on the wire's encoding. */
    | { readonly kind: 'pass'; readonly raw: boolean }
    | { readonly kind: 'held'; readonly held: HeldBody }
    | {
        readonly kind: 'watch'
        readonly length: number | undefined
        readonly judgesSpeed: boolean
        readonly mayBeSilent: boolean
        /** Absent: it has not been touched. */
        readonly begun?: BegunBody
      }
}

export interface LiveAttempt {
  readonly fact: AttemptFact
  /** Of its place at the endpoint. */
  lease: number
  readonly abort: AbortController | undefined
  answer?: Answer
  /** Of one whose body is held briefly: it goes on as it is, and counts as answered. */
  letGo?: (judgesSpeed: boolean) => void
}

export interface AttemptOrder {
  readonly fact: AttemptFact
  readonly request: OutboundRequest
  /** It is sent when this has settled; absent: at once. */
  readonly sealed?: Promise<void> | undefined
  readonly abort: AbortController | undefined
  readonly arming: BodyArming
  readonly clientAddress: string | undefined
  /** It is a call, so the answer may say its status in gRPC. */
  readonly grpc: boolean
  /** Until when its place at the endpoint counts as taken, should nobody hear of it again. */
  readonly latest: Instant
}

/** `tell` is called when it ends, unless `endAttempt` was called before, and when its body begins to be held briefly. */
export function runAttempt(order: AttemptOrder, platform: Platform, tell: () => void): LiveAttempt {
  const { fact, abort } = order
  const live: LiveAttempt = { fact, abort, lease: beginWaiting(fact.candidate.state.load, fact.startedAt, order.latest) }
  const end = (outcome: Outcome): void => {
    if (fact.outcome !== undefined) return
    settleAttempt(fact, live.lease, outcome, platform.now())
    tell()
  }
  const { request, sealed } = order
  const send = (): Promise<Response> => platform.fetch(request.url, request.outgoing, request.clientCertificate)
  const sent = sealed === undefined ? send() : sealed.then(send)
  sent.then(
    (response) => takeHead(live, order, response, { end, tell, platform }),
    (error: unknown) => end(classifyThrow(error)),
  )
  return live
}

interface Ending {
  readonly end: (outcome: Outcome) => void
  readonly tell: () => void
  readonly platform: Platform
}

function takeHead(
  live: LiveAttempt,
  { fact, arming, grpc, clientAddress }: AttemptOrder,
  response: Response,
  { end, tell, platform }: Ending,
): void {
  const { route } = fact.candidate.route
  if (fact.outcome !== undefined) {
    letGo(response)
    return
  }
  const outcome = classify(response, route.retry, grpc, platform.now())
  // Looked for where something is wrong already: on every answer it would cost all of them. Probes look always.
  if (response.status >= 429 && response.headers.has('x-envoy-immediate-health-check-fail'))
    noteDraining(fact.candidate, networkOf(clientAddress), platform.now())
  if (outcome.kind === 'bad-response') {
    letGo(response)
    end(outcome)
    return
  }
  if (arming.kind === 'none' || response.body === null) {
    live.answer = { response, body: PASS }
    end(outcome)
    return
  }
  const { headers } = response
  const length = declaredLength(headers.get('content-length'))
  const care = careFor(arming, { length, contentType: headers.get('content-type') }, route.bufferUpTo)
  if (care.kind !== 'hold' || outcome.kind !== 'answered') {
    live.answer = { response, body: care.kind === 'watch' ? { ...care, length } : PASS_RAW }
    end(outcome)
    return
  }
  fact.headAt = platform.now()
  beginHold(fact.candidate, fact.headAt)
  if (care.briefly && length !== undefined) {
    holdBriefly(live, { response, body: response.body, length }, (failed) => end(failed ?? outcome))
    tell()
    return
  }
  holdBody(response, length, bytes(Math.max(arming.holdUpTo, length ?? 0))).then(
    (held) => {
      endHold(fact.candidate)
      if (fact.outcome !== undefined) return
      live.answer = { response, body: { kind: 'held', held } }
      end(outcome)
    },
    () => end({ kind: 'failed', phase: 'body', originSaw: 'unknown' }),
  )
}

function holdBriefly(
  live: LiveAttempt,
  { response, body, length }: { readonly response: Response; readonly body: ReadableStream<Uint8Array>; readonly length: number },
  end: (failed?: Outcome) => void,
): void {
  const { fact } = live
  const hold = new BriefHold(body, length)
  fact.heldBriefly = true
  live.letGo = (judgesSpeed) => {
    live.answer = { response, body: { kind: 'watch', length, judgesSpeed, mayBeSilent: false, begun: hold.letGo() } }
    end()
  }
  hold.whole.then(
    (content) => {
      if (content === undefined) return
      endHold(fact.candidate)
      if (fact.outcome !== undefined) return
      live.answer = { response, body: { kind: 'held', held: { kind: 'whole', content } } }
      end()
    },
    () => end({ kind: 'failed', phase: 'body', originSaw: 'unknown' }),
  )
}

function classify(response: Response, { statuses, headers: wanted }: RetrySettings, grpc: boolean, now: Instant): Outcome {
  const { status, headers } = response
  // The endpoint itself wants to be asked elsewhere. Held, and passed on when nothing better comes.
  if (wanted !== undefined && status >= 200 && status <= 599 && saysTryAgain(headers, wanted))
    return { kind: 'failed-status', status, phase: 'status', originSaw: 'unknown' }
  const said = grpc && status === 200 ? headers.get('grpc-status') : null
  return said === null ? classifyAnswer(readHead(response), statuses, now) : classifyGrpc(grpcHead(response, said), statuses, now)
}

/** It goes on for longer than was said when it began. */
export function keepPlace(live: LiveAttempt, latest: Instant, now: Instant): void {
  if (live.fact.outcome === undefined) live.lease = prolongWaiting(live.fact.candidate.state.load, live.lease, now, latest)
}

const PASS = { kind: 'pass', raw: false } as const
const PASS_RAW = { kind: 'pass', raw: true } as const

/** Ends an attempt that has not ended by itself, and lets go of its connection and body. */
export function endAttempt(live: LiveAttempt, outcome: Outcome, now: Instant): void {
  if (live.fact.outcome === undefined) settleAttempt(live.fact, live.lease, outcome, now)
  if (live.abort !== undefined) live.abort.abort()
  else if (live.answer !== undefined) letGo(live.answer.response)
}

/** A plain answer is not looked at twice: reading a header costs. */
function readHead(response: Response): AnswerHead {
  const { status } = response
  if (status >= 200 && status < 429) return { status, madeByCloudflare: false, rateLimitedByQuota: false, webSocket: false }
  const { headers } = response
  return {
    status,
    webSocket: response.webSocket !== null,
    madeByCloudflare: headers.get('server') === 'cloudflare' && headers.has('cf-ray'),
    retryAfter: headers.get('retry-after'),
    rateLimitedByQuota: headers.has('x-envoy-ratelimited'),
    sheds: headers.has('x-envoy-overloaded'),
    madeByMesh: headers.has('l5d-proxy-error'),
  }
}

function grpcHead({ headers }: Response, status: string): GrpcHead {
  return {
    status,
    pushback: headers.get('grpc-retry-pushback-ms'),
    retryAfter: headers.get('retry-after'),
    rateLimitedByQuota: headers.has('x-envoy-ratelimited'),
    sheds: headers.has('x-envoy-overloaded'),
  }
}

function letGo(response: Response): void {
  response.body?.cancel().catch(() => {})
}
