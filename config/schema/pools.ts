/** The `pools` of a gateway configuration: where requests go, how an endpoint is chosen, when it is left alone. */
import { choice, duration, fields, named, percentage, whole } from '../fields.ts'
import { endpoint } from './endpoint.ts'
import { levels } from './levels.ts'
import { limits } from './limits.ts'
import { monitor } from './monitor.ts'
import { affinity, steeringMap } from './steering.ts'

const outlier = fields('outlier rules', {
  mode: choice(['enforced', 'detected']).prefault('enforced').meta({
    description: 'When an isolate finds an endpoint failing: `enforced` ejects it, `detected` only says so in log and reports.',
    danger: '`detected` leaves failing endpoints in use until a verdict takes them out.',
    example: 'detected',
  }),
  consecutiveConnect: whole(1, 100)
    .prefault(2)
    .meta({ description: 'Failures to connect (TLS included) in a row that eject.', example: 2 }),
  consecutiveOther: whole(1, 100)
    .prefault(3)
    .meta({ description: 'Other failures in a row that eject: resets, 502, 503, 504, timeouts, broken bodies.', example: 5 }),
  window: duration('1s', '1m').prefault('10s').meta({ description: 'How far back the share of failures looks.', example: '10s' }),
  attemptsMin: whole(1, 10_000).prefault(20).meta({
    description: 'Attempts in the window before the share is judged.',
    danger: 'Small numbers eject on chance.',
    example: 50,
  }),
  shareAbovePool: percentage(1, 100).prefault('20%').meta({
    description: 'How far its share of failures may be above that of the rest of the pool, in percentage points.',
    danger: 'Low values eject an endpoint that fails a little for ever, and lose its capacity.',
    example: '10%',
  }),
})

const retryBudget = fields('a retry budget', {
  share: percentage(0, 100).prefault('20%').meta({
    description:
      'Retries allowed as a share of the requests of the window. The one rescue of a request in another endpoint is not charged.',
    danger: 'Retries multiply load exactly when endpoints have least to spare.',
    example: '10%',
  }),
  window: duration('1s', '1m').prefault('10s').meta({ description: 'How far back requests are counted.', example: '10s' }),
  perSecond: whole(0, 1000).prefault(1).meta({
    description: 'Retries allowed where the share comes to less, so that little traffic can retry at all.',
    unit: 'retries a second',
    example: 5,
  }),
})

const pool = fields('a pool', {
  endpoints: named(endpoint, 'the name of an endpoint', 'endpoints', [1, 64]).meta({
    description: 'The regional ingress gateways that serve the same thing. Names are unique in the whole gateway.',
  }),
  steering: choice(['listed', 'nearest', 'weighted', 'latency', 'affinity', 'map']).prefault('listed').meta({
    description:
      'How endpoints of one priority are ordered: as listed; by distance from the client; drawn by weight; the fastest (`latency`: by the attempts of the isolate, before it has any by those of its colo, before those by the probes of the vantage); by a hash of a key of the request (`affinity`); by the country of the client (`map`). The rest of the order is the failover.',
    danger: '`nearest` needs the coordinates of every endpoint.',
    example: 'nearest',
  }),
  affinity: affinity.optional().meta({
    description:
      'With `steering: affinity`, and only then: requests with the same key go to the same endpoint. When one leaves, only its keys move; they come back with it.',
    defaultText: 'none',
  }),
  map: steeringMap.optional().meta({
    description: 'With `steering: map`, and only then: which endpoints the clients of a country or continent prefer.',
    defaultText: 'none',
    danger: 'A preference, not a border: when the preferred endpoints are out, requests go to the others.',
  }),
  ...levels,
  limits: limits.optional().meta({
    description:
      'How much may wait at the endpoints, and how many requests they are sent. Where it is too much, requests of routes with a low `priority` are shed first, with 503, `Retry-After` and a code of their own.',
    defaultText: 'none; nothing is shed',
  }),
  monitor: monitor('', "the mesh preset's")
    .prefault({})
    .meta({ description: 'How the endpoints are probed, unless they say otherwise.', example: { path: '/healthz/ready' } }),
  outlier: outlier.prefault({}).meta({ description: 'When an isolate ejects an endpoint by itself.' }),
  retryBudget: retryBudget.prefault({}).meta({ description: 'How many retries an isolate makes in this pool.' }),
  slowStart: duration('0s', '10m').prefault('30s').meta({
    description: 'How long an endpoint that came back takes to get its full share. `0s` turns the ramp off.',
    danger: 'A cold region that gets its full share at once may fail again.',
    example: '1m',
  }),
})

export const poolsSchema = named(pool, 'the name of a pool', 'pools', [0, 1000])
