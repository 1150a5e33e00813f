/**
 * A process of its own that sends requests at scheduled times, whatever has been answered (open loop), and compares each
 * answer with the expected one. One order at a time from its parent; nothing is decided here.
 */
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { bearers } from './tokens.ts'

export interface LoadOrder {
  readonly port: number
  readonly host: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Bytes of request body; 0 sends a GET. */
  readonly upload: number
  /** Requests a second. */
  readonly rate: number
  readonly seconds: number
  /** Length of the right answer in bytes. */
  readonly expected: number
  /** Bears a token: the same with each request, or a new one. */
  readonly token?: 'same' | 'new'
  /** Each request asks for a path of its own. */
  readonly ownPaths?: true
}

export interface LoadResult {
  readonly sent: number
  /** Answers that were not 200, of another length, or none. */
  readonly wrong: number
  readonly firstWrong?: string
  readonly p50: number
  readonly p99: number
}

/** How long the last answers are waited for. */
const LAST_ANSWER_MS = 10_000
const agent = new Agent({ keepAlive: true, maxSockets: 512 })

let asked = 0

/** Below the path, where endpoints answer alike. */
function ownPath(path: string): string {
  asked += 1
  return `${path}/${asked}`
}

function one(order: LoadOrder, body: Buffer | undefined, bearer: string | undefined): Promise<string | undefined> {
  const { port, host } = order
  const path = order.ownPaths === undefined ? order.path : ownPath(order.path)
  const headers = bearer === undefined ? order.headers : { ...order.headers, authorization: bearer }
  return new Promise((resolve) => {
    const options = { agent, host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'PUT', headers: { host, ...headers } }
    const sent = request(options, (response) => {
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
      })
      response.on('end', () => {
        const right = response.statusCode === 200 && length === order.expected
        resolve(right ? undefined : `status ${response.statusCode}, ${length} bytes`)
      })
      response.on('error', (error) => resolve(error.message))
    })
    sent.on('error', (error) => resolve(error.message))
    sent.setTimeout(LAST_ANSWER_MS, () => sent.destroy(new Error('no answer')))
    if (body !== undefined) sent.setHeader('content-length', body.length)
    sent.end(body)
  })
}

async function obey(order: LoadOrder): Promise<LoadResult> {
  const total = Math.max(1, Math.round(order.rate * order.seconds))
  const body = order.upload > 0 ? Buffer.alloc(order.upload, 'm') : undefined
  const latencies: number[] = []
  const wrong: string[] = []
  const pending: Promise<void>[] = []
  // Made before the time begins.
  const bearing = bearers(order.token, total)
  const start = performance.now()
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * order.rate) + 1)
    for (; sent < due; sent++) {
      const began = performance.now()
      pending.push(
        one(order, body, bearing[sent]).then((problem) => {
          latencies.push(performance.now() - began)
          if (problem !== undefined) wrong.push(problem)
        }),
      )
    }
    await sleep(2)
  }
  await Promise.all(pending)
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? Number.NaN
  const result = { sent: total, wrong: wrong.length, p50: at(0.5), p99: at(0.99) }
  return wrong[0] === undefined ? result : { ...result, firstWrong: wrong[0] }
}

process.on('message', (order: LoadOrder) => void obey(order).then((result) => process.send?.(result)))
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
