import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ms, seconds, share } from '../../../config/units.ts'
import { type Running, raw, startGateway } from '../harness.ts'
import { testBase } from './base.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n`
const post = (path: string) => `POST ${path} HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`

/** An endpoint whose answers take as long as the path says, that counts what it saw and what was broken off. */
class Watched {
  readonly seen: string[] = []
  brokenOff = 0
  running: TestEndpoint = { origin: '', stop: async () => {} }

  async start(name: string, wait: (path: string) => number): Promise<this> {
    this.running = await httpEndpoint((request, answer) => {
      const path = request.url ?? ''
      this.seen.push(`${request.method} ${path}`)
      answer.on('close', () => {
        if (!answer.writableFinished) this.brokenOff += 1
      })
      setTimeout(() => answer.writeHead(path === '/poor' && name === 'b' ? 500 : 200).end(`${name} served`), wait(path))
    })
    return this
  }
}

describe('a slow first attempt, hedged after 60 ms', () => {
  let gateway: Running
  const [slow, fast] = [new Watched(), new Watched()]

  beforeAll(async () => {
    await slow.start('a', (path) => (path === '/quick' ? 0 : path === '/slow' ? 2000 : 400))
    await fast.start('b', () => 0)
    gateway = await startGateway(
      testBase({
        endpoints: [
          { id: 'a', origin: slow.running.origin },
          { id: 'b', origin: fast.running.origin },
        ],
        route: {
          timeouts: { request: seconds(5), attempt: seconds(2), slow: 'race', idle: seconds(30) },
          hedge: { after: { kind: 'fixed', delay: ms(60) }, share: share(0.5) },
        },
      }),
    )
    // Hedges are paid for by requests before them.
    for (let count = 0; count < 16; count += 1) await raw(gateway.port, get('/quick'))
  })
  afterAll(() => Promise.all([gateway.stop(), slow.running.stop(), fast.running.stop()]))

  test('is overtaken by the other endpoint, and broken off there', async () => {
    const start = performance.now()
    const answer = await raw(gateway.port, get('/slow'))
    expect(answer.body.toString()).toContain('b served')
    expect(answer.headers).toContainEqual(['meridian-attempts', '2'])
    expect(performance.now() - start).toBeLessThan(1500)
    await expect.poll(() => slow.brokenOff).toBe(1)
    expect(fast.brokenOff).toBe(0)
  })

  test('is named in the access log', async () => {
    await raw(gateway.port, get('/logged'))
    await expect.poll(() => gateway.log.find((line) => line.includes('"path":"/logged"'))).toBeDefined()
    const line = JSON.parse(gateway.log.find((each) => each.includes('"path":"/logged"')) ?? '{}')
    expect(line.attempts).toMatchObject([
      { endpoint: 'a', kind: 'first', outcome: 'superseded', expired: false },
      { endpoint: 'b', kind: 'hedge', outcome: 'answered', status: 200 },
    ])
    expect(line.learned).toBeUndefined()
  })

  test('wins over a 500 of the other', async () => {
    const answer = await raw(gateway.port, get('/poor'))
    expect(answer.body.toString()).toContain('a served')
  })

  test('of a write has nobody beside it', async () => {
    const answer = await raw(gateway.port, post('/write'))
    expect(answer.body.toString()).toContain('a served')
    expect(fast.seen).not.toContain('POST /write')
  })
})
