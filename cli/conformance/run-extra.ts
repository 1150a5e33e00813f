/** What many requests show together: shares of backends, copies at mirrors, and WebSockets, with the samples and tolerances of the suite's harness. */
import { once } from 'node:events'
import WebSocket from 'ws'
import type { ConformanceCase, Extra } from './case.ts'
import type { EchoEndpoints } from './echo.ts'
import { exchange, type Target } from './run-case.ts'

/** Requests of a distribution, and at a time. */
const SAMPLE = 500
const AT_ONCE = 10
const TOLERANCE = 0.05
/** Samples that may miss before the extra has failed. */
const SHARES_TRIES = 10
const MIRRORS_TRIES = 5
/** Requests that must each name their pod. */
const NAMED = 100
/** A copy is sent beside the request and may arrive after its answer. */
const COPY_MS = 1_000
const SOCKET_MS = 5_000

/** What is wrong, in words; undefined when nothing is. */
export async function runExtra(extra: Extra, target: Target): Promise<string | undefined> {
  switch (extra.kind) {
    case 'shares':
      return repeat(SHARES_TRIES, () => spreadOnce(extra.request, extra.shares, target))
    case 'header-names-pod':
      return namesPod(extra.request, extra.header, target)
    case 'websocket':
      return overWebSocket(target, extra.path)
    default:
      return extra satisfies never
  }
}

async function repeat(tries: number, attempt: () => Promise<string | undefined>): Promise<string | undefined> {
  let problem = await attempt()
  for (let made = 1; problem !== undefined && made < tries; made += 1) problem = await attempt()
  return problem
}

/** Sends a request many times; the pods that answered. */
async function sample(one: ConformanceCase, target: Target, count: number): Promise<readonly string[]> {
  const pods: string[] = []
  let left = count
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const { answer } = await exchange(one, target)
      pods.push(answer.echo?.pod ?? `status ${answer.status}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return pods
}

async function spreadOnce(one: ConformanceCase, shares: Readonly<Record<string, number>>, target: Target): Promise<string | undefined> {
  const pods = await sample(one, target, SAMPLE)
  const strange = pods.find((pod) => !Object.keys(shares).some((name) => pod.startsWith(name)))
  if (strange !== undefined) return `answered by ${strange}`
  const measured = Object.entries(shares).map(([name, wanted]) => ({
    name,
    wanted,
    share: pods.filter((pod) => pod.startsWith(name)).length / SAMPLE,
  }))
  const off = measured.find(({ wanted, share }) => Math.abs(share - wanted) > TOLERANCE || (wanted === 0 && share > 0))
  return off === undefined
    ? undefined
    : `${off.name} has ${Math.round(off.share * 100)} % of ${SAMPLE} requests, expected ${off.wanted * 100} %`
}

async function namesPod(one: ConformanceCase, header: string, target: Target): Promise<string | undefined> {
  for (let sent = 0; sent < NAMED; sent += 1) {
    const { echo } = (await exchange(one, target)).answer
    const named = echo?.headers[header]?.join(',')
    if (echo === undefined || named === undefined || !echo.pod.startsWith(named))
      return `${echo?.pod ?? 'nobody'} saw ${header}: ${named ?? 'none'}`
  }
  return undefined
}

async function overWebSocket({ sockets, address }: Target, path: string): Promise<string | undefined> {
  const client = new WebSocket(`ws://127.0.0.1:${sockets.http}${path}`, { headers: { host: address } })
  try {
    const patience = { signal: AbortSignal.timeout(SOCKET_MS) }
    await once(client, 'open', patience)
    for (const sent of ['text', Buffer.from([0, 1, 255])]) {
      client.send(sent)
      const [data, isBinary] = (await once(client, 'message', patience)) as [Buffer, boolean]
      if (!data.equals(Buffer.from(sent)) || isBinary !== (typeof sent !== 'string'))
        return `"${data.toString('hex')}" came back for a message`
    }
    return undefined
  } catch (error) {
    return `no WebSocket: ${(error as Error).message}`
  } finally {
    client.terminate()
  }
}

/** Whether the mirrors of a case got their copies: each of them all, or its share of a sample within three standard deviations. */
export async function judgeMirrors(one: ConformanceCase, target: Target, echo: EchoEndpoints): Promise<string | undefined> {
  for (const { to, percent } of one.expect.mirrors ?? []) {
    const problem = await repeat(MIRRORS_TRIES, () => mirrorsOnce(one, { to, share: percent / 100 }, target, echo))
    if (problem !== undefined) return problem
  }
  return undefined
}

async function mirrorsOnce(
  one: ConformanceCase,
  { to, share }: { to: string; share: number },
  target: Target,
  echo: EchoEndpoints,
): Promise<string | undefined> {
  const path = one.request.path.replace(/\?.*$/, '')
  const before = echo.seen(to, path)
  const count = share < 1 ? SAMPLE : 1
  const expected = count * share
  const deviation = 3 * Math.sqrt(count * share * (1 - share))
  await sample(one, target, count)
  const end = performance.now() + COPY_MS
  let copies = echo.seen(to, path) - before
  while (copies < expected - deviation && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    copies = echo.seen(to, path) - before
  }
  return Math.abs(copies - expected) <= deviation
    ? undefined
    : `${to} got ${copies} copies of ${count} requests, expected ${Math.round(expected)} ± ${Math.round(deviation)}`
}
