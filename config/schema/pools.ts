/** The `pools` of a gateway configuration: where requests go, how an endpoint is chosen, when it is left alone. */
import { readAddress } from '../addresses.ts'
import { MESH_PRESETS } from '../base.ts'
import { choice, decimal, duration, fields, named, percentage, readText, whole, yesOrNo } from '../fields.ts'
import { headerValues } from './headers.ts'
import { monitor } from './monitor.ts'
import { name, word } from './names.ts'

const endpoint = fields('an endpoint', {
  url: readText('a URL such as https://ingress.use1.example.com', readAddress).meta({
    description:
      'Scheme, host, port if need be, and base path: what the endpoint is reached at. The base path is put before the path of each request.',
    limits: 'https and a public name in a deployable configuration; no credentials, query or fragment',
    danger: 'A changed URL is another endpoint: it starts without health. It must not be a host of this gateway.',
    example: 'https://ingress.use1.example.com',
  }),
  cloud: name('a cloud').meta({
    description: 'The cloud it runs in. Regions of aws, gcp, azure, oracle and digitalocean are known.',
    example: 'aws',
  }),
  region: word('a region', 63).meta({ description: 'The region, as its cloud names it.', example: 'us-east-1' }),
  mesh: choice(MESH_PRESETS).prefault('none').meta({
    description: 'The mesh behind it: sets where the monitor asks when neither the endpoint nor its pool says so.',
    example: 'istio',
  }),
  priority: whole(0, 100).prefault(0).meta({
    description: '0 is tried first. Endpoints of a higher number get requests only when none of a lower one can take them.',
    example: 1,
  }),
  weight: whole(0, 10_000).prefault(1).meta({
    description: 'Share of the requests, relative to the other endpoints of the same priority; used by `steering: weighted`.',
    danger: '0 takes no traffic, except when nothing else is left.',
    example: 3,
  }),
  coordinates: fields('coordinates', {
    latitude: decimal(-90, 90).meta({ description: 'North is positive.', unit: 'degrees', example: 39.04 }),
    longitude: decimal(-180, 180).meta({ description: 'East is positive.', unit: 'degrees', example: -77.49 }),
  })
    .optional()
    .meta({
      description: 'Where it stands, for `steering: nearest`.',
      defaultText: 'those of the region, when it is known',
      example: { latitude: 50.11, longitude: 8.68 },
    }),
  drain: yesOrNo().prefault(false).meta({
    description: 'True takes it out on purpose: no new request goes there, probes go on.',
    danger: 'A pool whose endpoints are all drained answers 503.',
    example: true,
  }),
  headers: headerValues('request')
    .prefault({})
    .meta({
      description: 'Set on every request to this endpoint, in place of what the client sent.',
      danger: 'Kept in plain text in the Worker: no secrets.',
      example: { 'x-edge': 'meridian' },
    }),
  monitor: monitor("the pool's monitor, else ", "the pool's monitor, else the mesh preset's")
    .prefault({})
    .meta({
      description: "How this endpoint is probed, field by field in place of the pool's monitor.",
      example: { port: 15021, path: '/healthz/ready' },
    }),
})

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
  steering: choice(['listed', 'nearest', 'weighted']).prefault('listed').meta({
    description:
      'How endpoints of one priority are ordered: as listed, by distance from the client, or drawn by weight. The rest of the order is the failover.',
    danger: '`nearest` needs the coordinates of every endpoint.',
    example: 'nearest',
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

export const poolsSchema = named(pool, 'the name of a pool', 'pools', [1, 1000])
