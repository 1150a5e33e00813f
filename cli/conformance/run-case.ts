/** One case against a running gateway, asked until it has answered right three times in a row, as the harness of the Gateway API does. */
import { randomUUID } from 'node:crypto'
import type { ConformanceCase } from './case.ts'
import { type Answer, judge, type Sent } from './judge.ts'
import type { Sockets } from './runtime.ts'
import { send } from './send.ts'

export interface Target {
  readonly sockets: Sockets
  /** What is said in Host where the case says nothing. */
  readonly address: string
}

export interface Patience {
  /** Between two requests of a case. */
  readonly pauseMs: number
  /** Until a case is given up. */
  readonly giveUpMs: number
}

/** Consecutive right answers. */
const ENOUGH = 3

/** What is wrong with the last answer, in words; undefined when the case has passed. */
export async function runCase(one: ConformanceCase, target: Target, { pauseMs, giveUpMs }: Patience): Promise<string | undefined> {
  const end = performance.now() + giveUpMs
  let right = 0
  let wrong = ''
  for (;;) {
    const problem = await ask(one, target)
    right = problem === undefined ? right + 1 : 0
    wrong = problem ?? wrong
    if (right === ENOUGH) return undefined
    if (performance.now() > end) return `no ${ENOUGH} right answers in a row within ${giveUpMs} ms; the last wrong one: ${wrong || 'none'}`
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

/** One request; what is wrong with its answer. */
export async function ask(one: ConformanceCase, target: Target): Promise<string | undefined> {
  try {
    const { sent, answer } = await exchange(one, target)
    return judge(one, sent, answer)
  } catch (error) {
    return `no answer: ${(error as Error).message}`
  }
}

/** One request and its answer. Rejects when there is none. */
export async function exchange(
  one: ConformanceCase,
  { sockets, address }: Target,
): Promise<{ readonly sent: Sent; readonly answer: Answer }> {
  const { request, scheme, serverName } = one
  const sent = { host: request.host ?? address, path: request.path.replace('{uuid}', randomUUID()) }
  const echoed = Object.entries(request.echoHeaders).map(([name, value]) => `${name}:${value}`)
  const port = scheme === 'https' ? sockets.https : sockets.http
  if (port === undefined) throw new Error('the gateway has no socket for TLS')
  const headers = [['Host', sent.host], ...Object.entries(request.headers), ['X-Echo-Set-Header', echoed.join(',')]] as [string, string][]
  return { sent, answer: await send({ port, scheme, serverName, method: request.method, path: sent.path, headers }) }
}
