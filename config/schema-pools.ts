/** The `pools` of a gateway configuration: where requests go, how an endpoint is chosen, how its health is found out. */
import { z } from 'zod'
import { NAME, readAddress, readPath, readProbeUrl } from './addresses.ts'
import { MESH_PRESETS } from './base.ts'
import { choice, decimal, duration, fields, list, named, percentage, readText, whole, yesOrNo } from './fields.ts'
import { headerValues } from './schema-headers.ts'

/** A name that operators choose. It appears in logs and headers. */
export function name(what: string) {
  const expected = `${what}: lower-case letters, digits and hyphens, at most 63`
  return readText(
    expected,
    (raw) => {
      if (NAME.test(raw)) return { value: raw }
      const respelled = raw
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
      return NAME.test(respelled) ? { expected, suggestion: `write ${respelled}` } : { expected }
    },
    NAME,
  )
}

/** The name of something that is defined elsewhere: taken as it is, and looked up when the file is linked. */
export const reference = (what: string) => z.string(`the name of ${what}`).max(253, `the name of ${what}`)

const word = (what: string, max: number) =>
  z
    .string(`${what}, as a text of 1 to ${max} characters`)
    .min(1, `${what}, as a text of 1 to ${max} characters`)
    .max(max, `${what}, as a text of 1 to ${max} characters`)

const statusRange = () => {
  const expected = 'a status or a range of statuses from 100 to 599, such as 200 or 200-299'
  const read = (raw: string | number) => {
    const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(raw)) ?? []
    return from === undefined || Number(from) > Number(to) ? undefined : ([Number(from), Number(to)] as const)
  }
  return z.union([z.number(), z.string()], expected).transform((raw, context) => {
    const range = read(raw)
    if (range !== undefined) return range
    context.issues.push({ code: 'custom', message: expected, input: raw })
    return z.NEVER
  })
}

const monitor = (owner: string, otherwise: string) =>
  fields('a monitor', {
    url: readText('a URL such as https://ingress.example.com:15021/healthz/ready', readProbeUrl)
      .optional()
      .meta({
        description: "Where to probe, whole, when it is another host or scheme than the endpoint's. Excludes `path` and `port`.",
        defaultText: otherwise,
        danger: 'A probe that goes through another gateway of the same mesh tells about that gateway, not about this region.',
        examples: ['https://ready.use1.example.com/healthz/ready'],
      }),
    path: readText('a path such as /healthz/ready', readPath)
      .optional()
      .meta({
        description: 'Path of the probe, from the root of the host; the base path of the endpoint is not put before it.',
        defaultText: `${otherwise}; \`/\` when only \`port\` is given`,
        limits: 'at most 1024 characters',
        danger:
          "A ready endpoint that never fails hides a dead region until traffic finds it out. Through the mesh to a canary service is better than the gateway's own.",
        examples: ['/healthz/ready'],
      }),
    port: whole(1, 65_535)
      .optional()
      .meta({
        description:
          "Port of the probe. Another port than the endpoint's own is asked in plain HTTP, as the ready ports of meshes are; for TLS there, use `url`.",
        defaultText: `${otherwise}; the endpoint's own when only \`path\` is given`,
        danger: "A host that is proxied by Cloudflare answers on Cloudflare's list of ports only.",
        examples: [15021],
      }),
    method: choice(['GET', 'HEAD'])
      .optional()
      .meta({
        description: 'Method of the probe. `HEAD` cannot be combined with `body`.',
        defaultText: `${owner}GET`,
        examples: ['HEAD'],
      }),
    headers: headerValues(false)
      .optional()
      .meta({
        description: "Headers of the probe. They replace those of the pool's monitor as a whole.",
        defaultText: `${owner}none`,
        danger: 'Kept in plain text in the Worker: no secrets.',
        examples: [{ 'x-canary': 'edge' }],
      }),
    interval: duration('1s', '1m')
      .optional()
      .meta({
        description: 'Time from one probe to the next, from each vantage.',
        defaultText: `${owner}1s`,
        danger: 'Longer makes the finding of a dead region without traffic slower in proportion.',
        examples: ['1s'],
      }),
    timeout: duration('50ms', '1m')
      .optional()
      .meta({
        description: 'Time for one probe, connection and TLS included. Not longer than the interval.',
        defaultText: `${owner}800ms`,
        danger: 'Below the round trip of the farthest vantage (about 300 ms with TLS) healthy regions look dead from there.',
        examples: ['800ms'],
      }),
    consecutiveUp: whole(1, 10)
      .optional()
      .meta({
        description: 'Passed probes in a row until a vantage calls the endpoint up again.',
        defaultText: `${owner}2`,
        examples: [3],
      }),
    consecutiveDown: whole(1, 10)
      .optional()
      .meta({
        description: 'Failed probes in a row until a vantage calls the endpoint down.',
        defaultText: `${owner}2`,
        danger: '1 makes a single lost packet a vote.',
        examples: [3],
      }),
    statuses: list(statusRange(), 'statuses', 1, 16)
      .optional()
      .meta({
        description: 'Statuses with which a probe passes, as numbers or inclusive ranges.',
        defaultText: `${owner}200-299; where the mesh preset asks the endpoint itself, 200-499`,
        examples: [['200-299', 404]],
      }),
    body: word('what the body must contain', 256)
      .optional()
      .meta({
        description: 'Must occur in the first 4 KiB of the body for the probe to pass.',
        defaultText: `${owner}none`,
        examples: ['ready'],
      }),
  })

const endpoint = fields('an endpoint', {
  url: readText('a URL such as https://ingress.use1.example.com', readAddress).meta({
    description:
      'Scheme, host, port if need be, and base path: what the endpoint is reached at. The base path is put before the path of each request.',
    limits: 'https and a public name in a deployable configuration; no credentials, query or fragment',
    danger: 'A changed URL is another endpoint: it starts without health. It must not be a host of this gateway.',
    examples: ['https://ingress.use1.example.com'],
  }),
  cloud: name('a cloud').meta({
    description: 'The cloud it runs in. Regions of aws, gcp, azure, oracle and digitalocean are known.',
    examples: ['aws'],
  }),
  region: word('a region', 63).meta({ description: 'The region, as its cloud names it.', examples: ['us-east-1'] }),
  zone: word('a zone', 63)
    .optional()
    .meta({ description: 'The zone, for people: it is shown, and decides nothing.', defaultText: 'none', examples: ['us-east-1a'] }),
  mesh: choice(MESH_PRESETS)
    .prefault('none')
    .meta({
      description: 'The mesh behind it: sets where the monitor asks when neither the endpoint nor its pool says so.',
      examples: ['istio'],
    }),
  priority: whole(0, 100)
    .prefault(0)
    .meta({
      description: '0 is tried first. Endpoints of a higher number get requests only when none of a lower one can take them.',
      examples: [1],
    }),
  weight: whole(0, 10_000)
    .prefault(1)
    .meta({
      description: 'Share of the requests, relative to the other endpoints of the same priority; used by `steering: weighted`.',
      danger: '0 takes no traffic, except when nothing else is left.',
      examples: [3],
    }),
  coordinates: fields('coordinates', {
    latitude: decimal(-90, 90).meta({ description: 'North is positive.', unit: 'degrees', examples: [39.04] }),
    longitude: decimal(-180, 180).meta({ description: 'East is positive.', unit: 'degrees', examples: [-77.49] }),
  })
    .optional()
    .meta({
      description: 'Where it stands, for `steering: nearest`.',
      defaultText: 'those of the region, when it is known',
      examples: [{ latitude: 50.11, longitude: 8.68 }],
    }),
  drain: yesOrNo()
    .prefault(false)
    .meta({
      description: 'True takes it out on purpose: no new request goes there, probes go on.',
      danger: 'A pool whose endpoints are all drained answers 503.',
      examples: [true],
    }),
  headers: headerValues(true)
    .prefault({})
    .meta({
      description: 'Set on every request to this endpoint, in place of what the client sent.',
      danger: 'Kept in plain text in the Worker: no secrets.',
      examples: [{ 'x-edge': 'meridian' }],
    }),
  monitor: monitor("the pool's monitor, else ", "the pool's monitor, else the mesh preset's")
    .prefault({})
    .meta({
      description: "How this endpoint is probed, field by field in place of the pool's monitor.",
      examples: [{ port: 15021, path: '/healthz/ready' }],
    }),
})

const outlier = fields('outlier rules', {
  mode: choice(['enforced', 'detected'])
    .prefault('enforced')
    .meta({
      description: 'When an isolate finds an endpoint failing: `enforced` ejects it, `detected` only says so in log and reports.',
      danger: '`detected` leaves failing endpoints in use until a verdict takes them out.',
      examples: ['detected'],
    }),
  consecutiveConnect: whole(1, 100)
    .prefault(2)
    .meta({ description: 'Failures to connect (TLS included) in a row that eject.', examples: [2] }),
  consecutiveOther: whole(1, 100)
    .prefault(3)
    .meta({ description: 'Other failures in a row that eject: resets, 502, 503, 504, timeouts, broken bodies.', examples: [5] }),
  window: duration('1s', '1m')
    .prefault('10s')
    .meta({ description: 'How far back the share of failures looks.', examples: ['10s'] }),
  attemptsMin: whole(1, 10_000)
    .prefault(20)
    .meta({
      description: 'Attempts in the window before the share is judged.',
      danger: 'Small numbers eject on chance.',
      examples: [50],
    }),
  shareAbovePool: percentage(1, 100)
    .prefault('20%')
    .meta({
      description: 'How far its share of failures may be above that of the rest of the pool, in percentage points.',
      danger: 'Low values eject an endpoint that fails a little for ever, and lose its capacity.',
      examples: ['10%'],
    }),
})

const retryBudget = fields('a retry budget', {
  share: percentage(0, 100)
    .prefault('20%')
    .meta({
      description:
        'Retries allowed as a share of the requests of the window. The one rescue of a request in another endpoint is not charged.',
      danger: 'Retries multiply load exactly when endpoints have least to spare.',
      examples: ['10%'],
    }),
  window: duration('1s', '1m')
    .prefault('10s')
    .meta({ description: 'How far back requests are counted.', examples: ['10s'] }),
  perSecond: whole(0, 1000)
    .prefault(1)
    .meta({
      description: 'Retries allowed beside the share, so that little traffic can retry at all.',
      unit: 'retries a second',
      examples: [5],
    }),
})

const pool = fields('a pool', {
  endpoints: named(name('the name of an endpoint'), endpoint, 'endpoints', [1, 64]).meta({
    description: 'The regional ingress gateways that serve the same thing. Names are unique in the whole gateway.',
  }),
  steering: choice(['listed', 'nearest', 'weighted'])
    .prefault('listed')
    .meta({
      description:
        'How endpoints of one priority are ordered: as listed, by distance from the client, or drawn by weight. The rest of the order is the failover.',
      danger: '`nearest` needs the coordinates of every endpoint.',
      examples: ['nearest'],
    }),
  monitor: monitor('', "the mesh preset's")
    .prefault({})
    .meta({ description: 'How the endpoints are probed, unless they say otherwise.', examples: [{ path: '/healthz/ready' }] }),
  outlier: outlier.prefault({}).meta({ description: 'When an isolate ejects an endpoint by itself.' }),
  retryBudget: retryBudget.prefault({}).meta({ description: 'How many retries an isolate makes in this pool.' }),
  slowStart: duration('0s', '10m')
    .prefault('30s')
    .meta({
      description: 'How long an endpoint that came back takes to get its full share. `0s` turns the ramp off.',
      danger: 'A cold region that gets its full share at once may fail again.',
      examples: ['1m'],
    }),
})

export const poolsSchema = named(name('the name of a pool'), pool, 'pools', [1, 1000])
