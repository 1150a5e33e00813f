/** How the health of an endpoint is asked for. Pools and endpoints have one each; what is absent in one comes from the next. */
import { z } from 'zod'
import { readPath, readProbeUrl } from '../addresses.ts'
import { MONITOR_KINDS } from '../base.ts'
import { choice, duration, fields, list, readText, unread, whole, yesOrNo } from '../fields.ts'
import { headerValues } from './headers.ts'
import { word } from './names.ts'

const statusRange = () => {
  const expected = 'a status or a range of statuses from 100 to 599, such as 200 or 200-299'
  const read = (raw: string | number) => {
    const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(raw)) ?? []
    return from === undefined || Number(from) > Number(to) ? undefined : ([Number(from), Number(to)] as const)
  }
  return z.union([z.number(), z.string()], expected).transform((raw, context) => {
    const range = read(raw)
    if (range !== undefined) return range
    context.issues.push({ ...unread({ expected }), input: raw })
    return z.NEVER
  })
}

/**
 * The fields of a monitor. `owner` begins the text of a default that the pool's monitor may give; `otherwise` says where the
 * place comes from when none is given.
 */
export const monitor = (owner: string, otherwise: string) =>
  fields('a monitor', { ...use(owner), ...place(otherwise), ...request(owner), ...judgement(owner) })

const use = (owner: string) => ({
  kind: choice(MONITOR_KINDS)
    .optional()
    .meta({
      description:
        "What a probe asks. `http`: a request, judged by its status and body. `websocket`: an upgrade to WebSocket at `path` or `url`; an answer with 101 passes, and the probe closes the socket. `grpc`: gRPC's own health check (`grpc.health.v1.Health/Check`) as gRPC-Web over HTTP/1.1; `SERVING` passes. `tls`: a connection with its handshake and a certificate that is believed; nothing is sent. All but the first go to the endpoint itself, never to the ready port of a mesh preset, and are judged by nothing else.",
      defaultText: `${owner}\`http\``,
      danger:
        'With `grpc` the ingress must speak gRPC-Web (the filter `grpc_web` of Envoy; in Istio a port with the protocol `GRPC-WEB`): Workers speak no HTTP/2 to endpoints and cannot read trailers, so that plain gRPC can be asked nothing. With `websocket` each probe is a connection of your application, from each vantage. With `tls` a region whose mesh is dead behind its listener looks well, no client certificate is presented, and hosts that Cloudflare proxies cannot be reached.',
      example: 'websocket',
    }),
  service: readText('the name of a gRPC service, such as shop.v1.Shop', readService)
    .optional()
    .meta({
      description: 'With `kind: grpc`, and only then: the service that is asked about.',
      defaultText: `${owner}the server as a whole`,
      limits: 'at most 200 characters',
      example: 'shop.v1.Shop',
    }),
  monitorOnly: yesOrNo()
    .optional()
    .meta({
      description:
        'True: what the probes say is shown in `npx meridian status`, and nothing follows from it: it takes part in no verdict and no order. Traffic is judged as always.',
      defaultText: `${owner}false`,
      danger: 'A dead region without traffic is then found by the first requests, each of which needs a rescue.',
      example: true,
    }),
})

const SERVICE = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/

const readService = (raw: string) =>
  SERVICE.test(raw) && raw.length <= 200 ? { value: raw } : { expected: 'the name of a gRPC service, such as shop.v1.Shop' }

const place = (otherwise: string) => ({
  url: readText('a URL such as https://ingress.example.com:15021/healthz/ready', readProbeUrl).optional().meta({
    description: "Where to probe, whole, when it is another host or scheme than the endpoint's. Excludes `path` and `port`.",
    defaultText: otherwise,
    danger: 'A probe that goes through another gateway of the same mesh tells about that gateway, not about this region.',
    example: 'https://ready.use1.example.com/healthz/ready',
  }),
  path: readText('a path such as /healthz/ready', readPath)
    .optional()
    .meta({
      description: 'Path of the probe, from the root of the host; the base path of the endpoint is not put before it.',
      defaultText: `${otherwise}; \`/\` when only \`port\` is given`,
      limits: 'at most 1024 characters',
      danger:
        "A ready endpoint that never fails hides a dead region until traffic finds it out. Through the mesh to a canary service is better than the gateway's own.",
      example: '/healthz/ready',
    }),
  port: whole(1, 65_535)
    .optional()
    .meta({
      description:
        "Port of the probe. Another port than the endpoint's own is asked in plain HTTP, as the ready ports of meshes are; for TLS there, use `url`.",
      defaultText: `${otherwise}; the endpoint's own when only \`path\` is given`,
      danger: "A host that is proxied by Cloudflare answers on Cloudflare's list of ports only.",
      example: 15021,
    }),
})

const request = (owner: string) => ({
  method: choice(['GET', 'HEAD'])
    .optional()
    .meta({
      description: 'Method of the probe, with `kind: http` alone. `HEAD` cannot be combined with `body`.',
      defaultText: `${owner}GET`,
      example: 'HEAD',
    }),
  headers: headerValues('probe')
    .optional()
    .meta({
      description: "Headers of the probe. They replace those of the pool's monitor as a whole.",
      defaultText: `${owner}none`,
      danger: 'Kept in plain text in the Worker: no secrets.',
      example: { 'x-canary': 'edge' },
    }),
  interval: duration('1s', '1m')
    .optional()
    .meta({
      description: 'Time from one probe to the next, from each vantage.',
      defaultText: `${owner}1s`,
      danger: 'Longer makes the finding of a dead region without traffic slower in proportion.',
      example: '1s',
    }),
  timeout: duration('50ms', '1m')
    .optional()
    .meta({
      description: 'Time for one probe, connection and TLS included. Not longer than the interval.',
      defaultText: `${owner}800ms`,
      danger: 'Below the round trip of the farthest vantage (about 300 ms with TLS) healthy regions look dead from there.',
      example: '800ms',
    }),
})

const judgement = (owner: string) => ({
  consecutiveUp: whole(1, 10)
    .optional()
    .meta({
      description: 'Passed probes in a row until a vantage calls the endpoint up again.',
      defaultText: `${owner}2`,
      example: 3,
    }),
  consecutiveDown: whole(1, 10)
    .optional()
    .meta({
      description: 'Failed probes in a row until a vantage calls the endpoint down.',
      defaultText: `${owner}2`,
      danger: '1 makes a single lost packet a vote.',
      example: 3,
    }),
  statuses: list(statusRange(), 'statuses', 1, 16)
    .optional()
    .meta({
      description: 'With `kind: http` alone: statuses with which a probe passes, as numbers or inclusive ranges.',
      defaultText: `${owner}200-299; where the mesh preset asks the endpoint itself, 200-499`,
      example: ['200-299', 404],
    }),
  body: word('what the body must contain', 256)
    .optional()
    .meta({
      description: 'With `kind: http` alone: must occur in the first 4 KiB of the body for the probe to pass.',
      defaultText: `${owner}none`,
      example: 'ready',
    }),
})
