/** Several isolates of the gateway over one control Worker, on workerd, with the bucket of operators at hand: what the spread of a change is measured on. */
import { module, startMiniflare, workerOptions } from '../failover/gateway-runtime.ts'

export interface SpreadOptions {
  /** The wrangler.toml of the gateway, then that of the control Worker. */
  readonly configs: readonly [gateway: string, control: string]
  readonly bundles: { readonly gateway: string; readonly control: string }
  readonly isolates: number
  /** `gone`: every call to it fails. */
  readonly director: 'there' | 'gone'
}

export interface SpreadRuntime {
  /** One of each isolate. */
  readonly urls: readonly string[]
  readonly put: (name: string, content: unknown) => Promise<void>
  readonly remove: (name: string) => Promise<void>
  readonly read: (name: string) => Promise<string | undefined>
  readonly end: () => Promise<void>
}

const CONTROL = 'meridian-control'

/** The same Worker with a director that has no method at all. */
const WITHOUT_DIRECTOR = `import { DurableObject } from 'cloudflare:workers'
export { default, Limiter, Prober, Vantage } from './index.js'
export class Director extends DurableObject {}
`

export async function startSpread({ configs, bundles, isolates, director }: SpreadOptions): Promise<SpreadRuntime> {
  const names = Array.from({ length: isolates }, (_, index) => `gateway-${index + 1}`)
  const gateway = workerOptions(configs[0], 'gateway')
  const control = module('index.js', bundles.control)
  const { runtime } = startMiniflare([
    ...names.map((name) => ({
      ...gateway,
      name,
      modules: [module('index.js', bundles.gateway)],
      unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    })),
    {
      ...workerOptions(configs[1], CONTROL),
      modules: director === 'there' ? [control] : [module('without-director.js', WITHOUT_DIRECTOR), control],
    },
  ])
  await runtime.ready
  const bucket = await runtime.getR2Bucket('OPERATOR_FILES', CONTROL)
  return {
    urls: await Promise.all(names.map(async (name) => (await runtime.unsafeGetDirectURL(name)).origin)),
    put: async (name, content) => void (await bucket.put(name, JSON.stringify(content))),
    remove: (name) => bucket.delete(name),
    read: async (name) => (await bucket.get(name))?.text(),
    end: () => runtime.dispose(),
  }
}
