/** The law of `explain`: it says what the request path does, and asking changes nothing. */
import { serialize } from 'node:v8'
import { beforeAll, expect, test } from 'vitest'
import type { Explanation } from '../../../config/explanation.ts'
import { type Draw, draw, instant } from '../../../config/units.ts'
import { dice, SEED } from '../../seed.ts'
import { installPassingStreams } from '../worker/passing-streams.ts'
import { disagreement } from './disagreement.ts'
import { Driven, fair, type Manner, stuck } from './drive.ts'
import { installFakeSockets } from './fake-sockets.ts'
import { below, chance, oneOf, randomBase } from './random-document.ts'
import { type RandomRequest, randomRequest } from './random-request.ts'
import { disturb, randomHealth } from './random-state.ts'

const REQUESTS = 100_000
/** Of one configuration: to make one costs as much as many requests. */
const TOGETHER = 400

beforeAll(() => {
  installPassingStreams()
  installFakeSockets()
})

const KINDS = [
  'ERR_NO_ROUTE',
  'ERR_NO_WEIGHT',
  'ERR_NO_HEALTHY_ENDPOINT',
  'ERR_HOME_OUT',
  'edge-health',
  'redirected',
  'replied',
  'first',
  'first+rescue+retry',
  'probation+first+rescue',
  'hedged',
  'panic',
  'listed',
  'nearest',
  'weighted',
  'affinity',
  'map',
  'latency',
  'preflight',
  'CORS',
  'other origin',
  'cookie',
  'ERR_FAULT_INJECTED',
  'delayed',
  'canary by share',
  'stable by share',
  'canary by override',
  'stable by killed',
  'stable by unheard',
  'canary out',
  'override ignored',
  'mirror sent',
  'ERR_SHED',
  'ERR_FORBIDDEN',
  'ERR_TOKEN_REQUIRED',
  'ERR_CERTIFICATE_REQUIRED',
  'would be refused',
  'regex rewrite',
  'ERR_BAD_REQUEST_PATH',
  'call',
  'refused call',
  'relayed',
  'handed-over',
  'token in the query',
  'if-unsent',
  'same-endpoint',
  'anywhere',
  'streamed',
]

function kindsOf({ decision, admission }: Explanation, { headers, url }: RandomRequest): readonly string[] {
  if (admission?.wouldRefuse !== undefined) return ['would be refused']
  if (decision.kind === 'refused') return [decision.code, ...(decision.grpcStatus === undefined ? [] : ['refused call'])]
  if (decision.kind !== 'forwarded') return [decision.kind]
  const { plan } = decision
  const attempts = plan.attempts.map(({ kind }) => kind).join('+')
  const hedged = plan.hedge?.endpoint === undefined ? [] : ['hedged']
  const allowed = decision.answer.allowedOrigin === undefined ? [] : [decision.answer.allowedOrigin === 'none' ? 'other origin' : 'CORS']
  const delayed = decision.delayed === undefined ? [] : ['delayed']
  const mirrored = decision.mirrors.map(({ copy }) => `mirror ${copy}`)
  const isCall = headers.some(([name, value]) => name === 'content-type' && value.startsWith('application/grpc') && !value.endsWith('x'))
  const asked = [
    ...(isCall ? ['call'] : []),
    ...(decision.socket === undefined ? [] : [decision.socket]),
    ...(decision.outgoing.url.includes('/rx') ? ['regex rewrite'] : []),
    ...(url.includes('shown=secret') && !decision.outgoing.url.includes('shown') ? ['token in the query'] : []),
  ]
  const cookie = decision.answer.givesCookie ? ['cookie'] : []
  const { release } = plan
  const tracked =
    release === undefined
      ? []
      : [
          `${release.track} by ${release.why}`,
          ...(release.canaryOut ? ['canary out'] : []),
          ...(release.ignoredOverride === undefined ? [] : ['override ignored']),
        ]
  return [
    ...asked,
    ...delayed,
    ...mirrored,
    ...allowed,
    ...cookie,
    ...tracked,
    'forwarded',
    attempts,
    plan.steering,
    plan.replay.rule,
    plan.replay.body,
    ...hedged,
    ...(plan.panic ? ['panic'] : []),
  ]
}

interface Asked {
  readonly driven: Driven
  readonly request: RandomRequest
  readonly manner: Manner
  readonly dice: () => () => Draw
}

/** Gateways in random states, and requests to them. */
function* gateways(seed: number, count: number): Generator<Asked> {
  const roll = dice(seed)
  for (let asked = 0; asked < count; ) {
    const base = randomBase(roll)
    if (base === undefined) continue
    const driven = new Driven(base)
    for (let again = 0; again < TOGETHER && asked < count; again += 1, asked += 1) {
      driven.now = instant(driven.now + below(roll, 400))
      if (again % 10 === 0) {
        if (chance(roll, 0.7)) disturb(driven.runtime.isolate, driven.now, roll)
        driven.health = randomHealth(base, driven.now, roll)
        for (const { key } of base.targets) if (chance(roll, 0.1)) driven.permits.add(key)
      }
      const manner = oneOf(roll, ['answers', 'answers', 'answers', 'answers', 'refuses', 'hangs'] as const)
      const random = manner === 'refuses' ? stuck(roll()) : fair(below(roll, 2 ** 31))
      yield { driven, request: randomRequest(roll), manner, dice: random }
    }
  }
}

test(`explain says what handle does, for ${REQUESTS} requests, seed ${SEED}`, { timeout: 600_000 }, async () => {
  const seen = new Map<string, number>()
  for (const { driven, request, manner, dice: rolls } of gateways(SEED, REQUESTS)) {
    const told = await driven.explain(request, rolls())
    const done = await driven.handle(request, manner, rolls())
    const problem = disagreement(told, done, manner)
    if (problem !== undefined) expect.fail(`${problem}\n${JSON.stringify({ request, told: told.explanation, sent: done.sent }, null, 1)}`)
    for (const kind of kindsOf(told.explanation, request)) seen.set(kind, (seen.get(kind) ?? 0) + 1)
  }
  // Each kind of decision was made.
  for (const kind of KINDS) expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(0)
})

test(`asking changes nothing, seed ${SEED}`, async () => {
  for (const { driven, request, dice: rolls } of gateways(SEED + 1, 500)) {
    await driven.explain(request, rolls())
    const before = serialize([driven.runtime.isolate.gateway, driven.permits])
    const first = await driven.explain(request, rolls())
    expect(serialize([driven.runtime.isolate.gateway, driven.permits]).equals(before)).toBe(true)
    expect((await driven.explain(request, rolls())).explanation).toEqual(first.explanation)
  }
})

test(`with other dice it says something else, so that the law above can fail, seed ${SEED}`, async () => {
  let disagreed = 0
  for (const { driven, request, manner, dice: rolls } of gateways(SEED + 2, 9000)) {
    const roll = rolls()
    const told = await driven.explain(request, () => draw(1 - 2 ** -32 - roll()))
    if (disagreement(told, await driven.handle(request, manner, rolls()), manner) !== undefined) disagreed += 1
  }
  expect(disagreed).toBeGreaterThan(100)
})
