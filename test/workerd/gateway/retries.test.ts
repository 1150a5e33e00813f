import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ms, seconds, share } from '../../../config/units.ts'
import { type Running, raw, startGateway } from '../harness.ts'
import { RETRY, testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n`

/** Fails the first so many requests of a path, as the query says, and counts what was broken off. */
async function flaky(seen: string[], brokenOff: string[]): Promise<TestEndpoint> {
  const counts = new Map<string, number>()
  return httpEndpoint((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://flaky')
    const asked = (counts.get(pathname) ?? 0) + 1
    counts.set(pathname, asked)
    seen.push(pathname)
    answer.on('close', () => answer.writableFinished || brokenOff.push(pathname))
    if (asked > Number(searchParams.get('failures'))) return answer.end(`served at ${asked}`)
    const status = searchParams.get('status')
    setTimeout(
      () => {
        if (status === null) request.socket.resetAndDestroy()
        else answer.writeHead(Number(status), { 'x-replica': 'behind' }).end('not yet')
      },
      Number(searchParams.get('late')),
    )
  })
}

describe('one endpoint that recovers, slow attempts aborted after 200 ms, three attempts in all', () => {
  let gateway: Running
  let endpoint: TestEndpoint
  const [seen, brokenOff]: [string[], string[]] = [[], []]

  beforeAll(async () => {
    endpoint = await flaky(seen, brokenOff)
    gateway = await startGateway(
      testBase({
        endpoints: [{ id: 'a', origin: endpoint.origin }],
        pool: { retryBudget: { share: share(1), window: seconds(10), perSecond: 1000 } },
        route: {
          timeouts: { request: seconds(3), attempt: ms(200), slow: 'abort', idle: seconds(30) },
          retry: { ...RETRY, statuses: [500], headers: [{ kind: 'exact', name: 'x-replica', value: 'behind' }] },
        },
      }),
    )
  })
  afterAll(() => Promise.all([gateway.stop(), endpoint.stop()]))

  test.each([
    ['resets twice', '/resets?failures=2', 200, 3],
    ['resets for ever', '/always?failures=9', 503, 3],
    ['answers 500 twice', '/status?failures=2&status=500', 200, 3],
    ['answers 500 for ever', '/bad?failures=9&status=500', 500, 3],
    ['answers 200 with a header that says to try again', '/behind?failures=1&status=200', 200, 2],
    ['is late twice', '/late?failures=2&status=404&late=400', 200, 3],
    ['is late for ever', '/hopeless?failures=9&status=404&late=400', 504, 3],
  ])('that %s', async (_, path, status, attempts) => {
    const answer = await raw(gateway.port, get(path))
    expect(answer.status).toBe(status)
    const [name] = path.split('?')
    expect(seen.filter((each) => each === name)).toHaveLength(attempts)
    if (status === 200) expect(answer.body.toString()).toContain(`served at ${attempts}`)
  })

  test('is left by every attempt that was late', async () => {
    await expect.poll(() => brokenOff.filter((path) => path === '/hopeless')).toHaveLength(3)
    const logged = gateway.log.map((line) => JSON.parse(line)).find(({ path }) => path === '/hopeless')
    expect(logged).toMatchObject({ status: 504, code: 'ERR_ATTEMPT_TIMEOUT' })
    expect(logged.attempts[2]).toMatchObject({ kind: 'retry', outcome: 'timed-out', expired: true })
  })
})
