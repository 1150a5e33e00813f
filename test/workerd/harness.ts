/**
 * The real bundle on the real runtime, for tests of mechanism: `worker/index.ts` built with a base of the test's own, served by workerd on a
 * free port of the loopback. Requests go to workerd itself, with no proxy in front that would tidy them up.
 */
import net from 'node:net'
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare'
import { baseModule } from '../../cli/base-module.ts'
import { bundleWorker, readCompatibility } from '../../cli/bundle-worker.ts'
import type { Base } from '../../config/base.ts'

const { date, flags } = readCompatibility()

/** What wrangler.toml says. */
export const COMPATIBILITY = { compatibilityDate: date, compatibilityFlags: [...flags] }

/** One ES module of the given entry, `config/generated/base.ts` replaced by `base`. */
export const bundle = (entry: string, base: Base): Promise<string> =>
  bundleWorker(entry, {
    name: 'base of the test',
    setup({ onLoad }) {
      onLoad({ filter: /config\/generated\/base\.ts$/ }, () => ({
        contents: baseModule(base),
        loader: 'js',
      }))
    },
  })

export interface Running {
  /** `http://127.0.0.1:<port>` of the first worker. */
  readonly url: string
  readonly port: number
  /** What the Workers have logged so far, a line each. */
  readonly log: readonly string[]
  readonly stop: () => Promise<void>
}

/** Starts Workers in one workerd; the first of them is served. */
export async function startWorkers(workers: readonly [V4WorkerOptions, ...V4WorkerOptions[]]): Promise<Running> {
  const [first, ...others] = workers
  const served = { ...first, unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] }
  const log: string[] = []
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      workers: [served, ...others],
      handleStructuredLogs: ({ message }) => log.push(message),
    }),
  )
  await miniflare.ready
  const url = await miniflare.unsafeGetDirectURL(first.name)
  return { url: url.origin, port: Number(url.port), log, stop: () => miniflare.dispose() }
}

/** The gateway alone, with no health plane to bind. */
export async function startGateway(base: Base): Promise<Running> {
  const script = await bundle('worker/index.ts', base)
  return startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY }])
}

export interface RawAnswer {
  readonly status: number
  /** Names in lower case, as often as they came. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** After the head, as it came over the wire. */
  readonly body: Buffer
}

/** Sends bytes as they are and reads until the other side ends. */
export function raw(port: number, request: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(parseAnswer(Buffer.concat(chunks))))
    socket.write(request)
  })
}

function parseAnswer(answer: Buffer): RawAnswer {
  const end = answer.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = answer.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return { status: Number(statusLine.split(' ')[1]), headers, body: answer.subarray(end + 4) }
}
