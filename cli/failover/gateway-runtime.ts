/** Both Workers on workerd, without anything in front. */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { UNREACHABLE_BINDINGS, UNREACHABLE_ENTRY } from './unreachable-entry.ts'

export interface RuntimeOptions {
  /** The wrangler.toml of the gateway, then that of the control Worker. */
  readonly configs: readonly [gateway: string, control: string]
  readonly bundles: { readonly gateway: string; readonly control: string }
  readonly healthPlane: 'reachable' | 'unreachable'
}

export interface GatewayRuntime {
  readonly url: string
  /** What workerd said, the last lines. */
  readonly log: readonly string[]
  readonly end: () => Promise<void>
}

const LOG_LINES_MAX = 200

export async function startRuntime({ configs, bundles, healthPlane }: RuntimeOptions): Promise<GatewayRuntime> {
  const gateway = module('index.js', bundles.gateway)
  const { runtime, log } = startMiniflare([
    {
      ...workerOptions(configs[0], 'meridian-gateway'),
      modules:
        healthPlane === 'unreachable'
          ? [module('unreachable.js', UNREACHABLE_ENTRY), module('unreachable-bindings.js', UNREACHABLE_BINDINGS), gateway]
          : [gateway],
    },
    { ...workerOptions(configs[1], 'meridian-control'), modules: [module('index.js', bundles.control)] },
  ])
  const url = (await runtime.ready).origin
  return { url, log, end: () => runtime.dispose() }
}

/** The local runtime, which says nothing by itself; `log` has the last lines that Workers wrote. The first Worker is the one that is asked. */
export function startMiniflare(workers: Workers, port = 0): { readonly runtime: Miniflare; readonly log: readonly string[] } {
  const log: string[] = []
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port,
      // Nobody is asked where we are.
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }) => {
        log.push(message)
        if (log.length > LOG_LINES_MAX) log.shift()
      },
      workers,
    }),
  )
  return { runtime, log }
}

type Workers = Extract<Parameters<typeof convertV4MiniflareOptions>[0], { readonly workers: unknown }>['workers']

export const module = (path: string, contents: string) => ({ type: 'ESModule' as const, path, contents })

/** Bindings, flags and dates as wrangler reads them; what only a bundler or a zone needs is left out. */
export function workerOptions(config: string, name: string) {
  const { zone: _zone, modulesRules: _rules, rootPath: _root, ...options } = unstable_getMiniflareWorkerOptions(config).workerOptions
  return { ...options, name }
}
