/** An endpoint of a pool: a regional ingress gateway, and what is to be known of it. */
import { readAddress } from '../addresses.ts'
import { MESH_PRESETS } from '../base.ts'
import { choice, decimal, fields, readText, whole, yesOrNo } from '../fields.ts'
import { BINDING_FORM, readBinding } from './binding.ts'
import { headerValues } from './headers.ts'
import { concurrency } from './limits.ts'
import { monitor } from './monitor.ts'
import { name, word } from './names.ts'

export const endpoint = fields('an endpoint', {
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
  zone: word('a zone', 63).optional().meta({
    description: 'The zone within the region, where the endpoint serves one alone; see `leave` of `retry`.',
    defaultText: 'none: endpoints of a region without zones are taken to fail together',
    example: 'use1-az1',
  }),
  mesh: choice(MESH_PRESETS).prefault('none').meta({
    description: 'The mesh behind it: sets where the monitor asks when neither the endpoint nor its pool says so.',
    example: 'istio',
  }),
  priority: whole(0, 100).prefault(0).meta({
    description: '0 is tried first. Endpoints of a higher number get requests only when none of a lower one can take them.',
    example: 1,
  }),
  weight: whole(0, 10_000).prefault(1).meta({
    description:
      'Share of the requests, relative to the other endpoints of the same priority; used by `steering: weighted` and `affinity`.',
    danger: '0 takes no traffic, not even when nothing else is left.',
    example: 3,
  }),
  capacity: decimal(0.1, 10_000).optional().meta({
    description:
      'What it can carry, relative to the other endpoints of the pool: how much of a priority is lost when it is out. Given for all endpoints of a pool or for none.',
    defaultText: 'its weight',
    example: 2,
  }),
  concurrency,
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
  clientCertificate: readText(BINDING_FORM, readBinding).optional().meta({
    description:
      'The binding of a client certificate (`[[mtls_certificates]]` of wrangler.toml) that is presented to this endpoint by requests, and by probes of the same address through the binding of the same name of durable-objects/wrangler.toml.',
    limits: 'https only; the endpoint must not be proxied by Cloudflare itself',
    defaultText: 'none is presented',
    danger: 'Without the binding no request reaches the endpoint: it fails like one that refuses connections.',
    example: 'EDGE_CERTIFICATE',
  }),
  monitor: monitor("the pool's monitor, else ", "the pool's monitor, else the mesh preset's")
    .prefault({})
    .meta({
      description: "How this endpoint is probed, field by field in place of the pool's monitor.",
      example: { port: 15021, path: '/healthz/ready' },
    }),
})
