/**
 * Several versions of the gateway over one control plane, as while a deploy spreads: each is a Worker of its own with its own secrets and
 * binding, and in front of them stands what sends each request to one of those that serve.
 */
import type { Issued } from '../local/make-certificate.ts'
import { type GatewayRuntime, module, type RuntimeOptions, startMiniflare, workerOptions } from './gateway-runtime.ts'
import { VERSION_HEADER } from './load-record.ts'

export interface RunningVersion {
  readonly secrets: Readonly<Record<string, string>>
  readonly certificate: Issued
}

export interface VersionRuntime extends GatewayRuntime {
  /** From now on these serve, evenly. */
  readonly serve: (versions: readonly number[]) => Promise<void>
}

export interface VersionOptions extends Pick<RuntimeOptions, 'configs' | 'bundles'> {
  readonly port: number
  readonly versions: readonly RunningVersion[]
  /** The authority of the ingresses, in PEM. */
  readonly authority: string
  /** The name of the binding. */
  readonly binding: string
  /** What vantages present, in the binding of the same name. */
  readonly probes: Issued
}

/** As much of a Worker's options as is added to. */
interface Bound {
  readonly name: string
  readonly bindings?: Readonly<Record<string, never>>
  readonly serviceBindings?: Readonly<Record<string, never>>
}

const CONTROL_PATH = '/versions-of-this-run'

const FRONT = `let serving = [0]
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === '${CONTROL_PATH}') {
      serving = await request.json()
      return new Response()
    }
    const version = serving[Math.floor(Math.random() * serving.length)]
    const response = await env['VERSION_' + version].fetch(request)
    const answer = new Response(response.body, response)
    answer.headers.set('${VERSION_HEADER}', version)
    return answer
  },
}`

export async function startVersions(options: VersionOptions): Promise<VersionRuntime> {
  const { configs, bundles, versions } = options
  const gateway: Bound = workerOptions(configs[0], 'gateway')
  const control: Bound = workerOptions(configs[1], 'meridian-control')
  const { runtime, log } = startMiniflare(
    [
      {
        name: 'front',
        modules: [module('front.js', FRONT)],
        compatibilityDate: '2026-11-01',
        serviceBindings: Object.fromEntries(versions.map((_, index) => [`VERSION_${index}`, nameOf(index)])),
      },
      ...versions.map(({ secrets, certificate }, index) => ({
        ...gateway,
        name: nameOf(index),
        bindings: { ...gateway.bindings, ...secrets },
        serviceBindings: { ...gateway.serviceBindings, [options.binding]: presenting(certificate, options.authority) },
        modules: [module('index.js', bundles.gateway)],
      })),
      {
        ...control,
        serviceBindings: { ...control.serviceBindings, [options.binding]: presenting(options.probes, options.authority) },
        modules: [module('index.js', bundles.control)],
      },
    ],
    options.port,
  )
  const url = (await runtime.ready).origin
  return {
    url,
    log,
    end: () => runtime.dispose(),
    serve: async (list) => {
      const said = await fetch(`${url}${CONTROL_PATH}`, { method: 'POST', body: JSON.stringify(list) })
      if (!said.ok) throw new Error(`the versions could not be changed: status ${said.status}`)
    },
  }
}

const nameOf = (version: number): string => `gateway-${version}`

/** What `[[mtls_certificates]]` is on Cloudflare. */
const presenting = ({ key, certificate }: Issued, authority: string) => ({
  network: {
    allow: ['public', 'private'],
    deny: [],
    tlsOptions: { trustedCertificates: [authority], keypair: { privateKey: key, certificateChain: certificate } },
  },
})
