/** One request of a case on the wire: a connection of its own, exactly the given Host and headers, no redirect followed. */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Echo } from './echo.ts'
import type { Answer } from './judge.ts'

export interface Outgoing {
  readonly port: number
  readonly scheme: 'http' | 'https'
  readonly serverName?: string | undefined
  readonly method: string
  readonly path: string
  /** Host among them, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** As the harness of the suite. */
const REQUEST_MS = 10_000

/** Rejects when there is no answer. */
export function send({ port, scheme, serverName, method, path, headers }: Outgoing): Promise<Answer> {
  const options = {
    host: '127.0.0.1',
    port,
    method,
    path,
    setHost: false,
    agent: false,
    headers: headers.flat(),
    timeout: REQUEST_MS,
    rejectUnauthorized: false,
    ...(serverName === undefined ? {} : { servername: serverName }),
  } as const
  return new Promise((resolve, reject) => {
    const outgoing = (scheme === 'https' ? requestHttps : requestHttp)(options, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => resolve(readAnswer(incoming.statusCode ?? 0, incoming.headersDistinct, Buffer.concat(chunks))))
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${REQUEST_MS} ms`)))
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function readAnswer(status: number, distinct: NodeJS.Dict<string[]>, body: Buffer): Answer {
  const headers = new Map(Object.entries(distinct).map(([name, values = []]) => [name, values.join(',')]))
  const echo = headers.get('content-type') === 'application/json' ? readEcho(body) : undefined
  return { status, headers, ...(echo === undefined ? {} : { echo }) }
}

function readEcho(body: Buffer): Echo | undefined {
  try {
    return JSON.parse(body.toString()) as Echo
  } catch {
    return undefined
  }
}
