/**
 * The load generator, a process of its own: it sends at scheduled times whether or not answers come (open loop), over the
 * connections of several clients, and writes down what came of each request. It judges nothing.
 */
import { Agent, type ClientRequest, type IncomingMessage, request as sendRequest } from 'node:http'
import {
  type LoadCommand,
  type LoadKind,
  type LoadOutcome,
  type LoadPlan,
  type LoadRecord,
  type LoadReport,
  VERSION_HEADER,
} from './load-record.ts'
import { LoadTokens } from './load-tokens.ts'
import { seededDraw } from './seeded-draw.ts'

/** As many clients as there are networks among them, so that one client alone cannot be what failed. */
const CLIENTS = ['198.51.100.7', '198.51.100.9', '203.0.113.7', '192.0.2.7'] as const
/** How often what is due is sent. */
const TICK_MS = 2
/** A request without an end after this long has failed. Longer than any deadline of the gateway's. */
const GIVE_UP_MS = 30_000
/** How long `stop` waits for requests in flight. */
const DRAIN_MS = 32_000

const clients = CLIENTS.map((address) => ({ address, agent: new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }) }))
let records: LoadRecord[] = []
let socketsLost = 0
let inFlight = 0
let timer: NodeJS.Timeout | undefined
let tokens: LoadTokens | undefined

const clock = (): number => performance.timeOrigin + performance.now()

async function start(plan: LoadPlan): Promise<void> {
  tokens = plan.tokens === undefined ? undefined : new LoadTokens(plan.tokens)
  await tokens?.start()
  const draw = seededDraw(plan.seed)
  const startedAt = clock()
  let sent = 0
  timer = setInterval(() => {
    const now = clock()
    while (startedAt + dueAfter(plan, sent) <= now) {
      send(plan, {
        id: `${plan.seed}-${sent}`,
        kind: pickKind(plan.mix, draw()),
        scheduledAt: startedAt + dueAfter(plan, sent),
        client: sent % clients.length,
      })
      sent += 1
    }
  }, TICK_MS)
}

/** When the n-th request is due: on a rising line while the rate grows, then evenly. */
function dueAfter({ requestsPerSecond, rampMs }: LoadPlan, n: number): number {
  const inRamp = (requestsPerSecond * rampMs) / 2000
  if (n < inRamp) return Math.sqrt((2000 * n * rampMs) / requestsPerSecond)
  return rampMs + ((n - inRamp) * 1000) / requestsPerSecond
}

function pickKind(mix: readonly LoadKind[], draw: number): LoadKind {
  let rest = draw * mix.reduce((sum, kind) => sum + kind.weight, 0)
  for (const kind of mix) {
    rest -= kind.weight
    if (rest < 0) return kind
  }
  throw new Error('the mix is empty')
}

interface Sending {
  readonly id: string
  readonly kind: LoadKind
  readonly scheduledAt: number
  readonly client: number
}

function send(plan: LoadPlan, sending: Sending): void {
  const { kind } = sending
  const client = clients[sending.client]
  if (client === undefined) throw new Error('no such client')
  const body = kind.bodyBytes > 0 ? Buffer.alloc(kind.bodyBytes, 'm') : undefined
  const sentAt = clock()
  const bearing = tokens?.held
  inFlight += 1
  const outgoing = sendRequest(plan.url + kind.path, {
    method: kind.method,
    agent: client.agent,
    headers: {
      'x-load-id': sending.id,
      // What Cloudflare says of the client; nobody else does on loopback.
      'cf-connecting-ip': client.address,
      ...(bearing === undefined ? {} : { authorization: `Bearer ${bearing.token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/octet-stream', 'content-length': body.length }),
    },
  })
  let done = false
  const finish = (outcome: LoadOutcome, response?: IncomingMessage): void => {
    if (done) return
    done = true
    clearTimeout(giveUp)
    inFlight -= 1
    records.push(describe(sending, { sentAt, outcome, response, kid: bearing?.kid }))
  }
  // Without an error of its own the body ends broken when its head has come, and the request fails when it has not.
  const giveUp = setTimeout(() => outgoing.destroy(new Error('no end in 30 s')), GIVE_UP_MS)
  watch(outgoing, finish)
  outgoing.end(body)
}

function watch(outgoing: ClientRequest, finish: (outcome: LoadOutcome, response?: IncomingMessage) => void): void {
  let answer: IncomingMessage | undefined
  const broke = (error: NodeJS.ErrnoException): void => {
    socketsLost += 1
    const problem = error.code ?? error.message
    if (answer === undefined) finish({ kind: 'failed', problem })
    else finish({ kind: 'broken-body', status: answer.statusCode ?? 0, problem }, answer)
  }
  outgoing.on('error', broke)
  outgoing.on('response', (response) => {
    answer = response
    response.on('data', () => undefined)
    response.on('error', broke)
    response.on('end', () => {
      const status = response.statusCode ?? 0
      const { 'meridian-code': code, 'retry-after': retryAfter } = response.headers
      const said = { ...(typeof code === 'string' ? { code } : {}), ...(retryAfter === undefined ? {} : { retryAfter }) }
      if (response.complete) finish({ kind: 'answered', status, ...said }, response)
      else finish({ kind: 'broken-body', status, problem: 'cut short' }, response)
    })
  })
}

interface Ended {
  readonly sentAt: number
  readonly outcome: LoadOutcome
  readonly response: IncomingMessage | undefined
  readonly kid: string | undefined
}

function describe(sending: Sending, result: Ended): LoadRecord {
  const attempts = result.response?.headers['meridian-attempts']
  const endpoint = result.response?.headers['meridian-endpoint']
  const version = result.response?.headers[VERSION_HEADER]
  return {
    id: sending.id,
    kind: sending.kind.name,
    scheduledAt: sending.scheduledAt,
    latencyMs: clock() - sending.scheduledAt,
    lateMs: result.sentAt - sending.scheduledAt,
    outcome: result.outcome,
    ...(typeof attempts === 'string' ? { attempts: Number(attempts) } : {}),
    ...(typeof endpoint === 'string' ? { endpoint } : {}),
    ...(result.kid === undefined ? {} : { kid: result.kid }),
    ...(typeof version === 'string' ? { version: Number(version) } : {}),
  }
}

function report(last: boolean): void {
  const taken = records
  records = []
  process.send?.({ records: taken, socketsLost, last } satisfies LoadReport)
}

function stop(): void {
  clearInterval(timer)
  tokens?.stop()
  const until = clock() + DRAIN_MS
  const poll = setInterval(() => {
    if (inFlight > 0 && clock() < until) return
    clearInterval(poll)
    report(true)
    for (const { agent } of clients) agent.destroy()
  }, 20)
}

process.on('message', (command: LoadCommand) => {
  switch (command.kind) {
    case 'start':
      void start(command.plan)
      break
    case 'peek':
      report(false)
      break
    case 'stop':
      stop()
      break
    default:
      command satisfies never
  }
})
process.once('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
