import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { keySetKey, type VantageId } from '../../../config/ids.ts'
import type { KeySetNews } from '../../../config/key-set.ts'
import type { SyncRequest } from '../../../config/report.ts'
import { baseOf, type ControlPlane, ReadyEndpoint, startControlPlane, targetFor, VANTAGES, type VantageStub } from './control-plane.ts'

const KEY = keySetKey('keys-of-test')
const [wnam, weur, apac] = VANTAGES as readonly [VantageId, VantageId, VantageId]

const jwk = (kid: string) => ({ ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid })
/** An issuer on a socket of its own. */
const issuer = {
  keys: [jwk('first')],
  status: 200,

  asked: [] as { readonly tag: string | undefined; readonly status: number }[],
}
const server = createServer((request, response) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  if (request.url === '/.well-known/openid-configuration')
    return void response.writeHead(200).end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }))
  const tag = `"${issuer.keys.map(({ kid }) => kid).join('-')}"`
  const status = issuer.status === 200 && request.headers['if-none-match'] === tag ? 304 : issuer.status
  issuer.asked.push({ tag: request.headers['if-none-match'], status })
  response.writeHead(status, { etag: tag })
  return void response.end(status === 200 ? JSON.stringify({ keys: issuer.keys }) : undefined)
})
const ready = new ReadyEndpoint()
let plane: ControlPlane

beforeAll(async () => {
  await ready.listen()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  plane = await startControlPlane()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const source = { key: KEY, kind: 'discovery', url: `${url}/.well-known/openid-configuration`, issuer: url } as const
  for (const vantage of VANTAGES) stubs.set(vantage, await plane.stub(vantage))
  await stubs.get(wnam)?.learn(wnam, { ...baseOf('keyed', [targetFor('east', ready.port)]), keySources: [source] })
})

afterAll(async () => {
  await plane?.close()
  server.closeAllConnections()
  await Promise.allSettled([ready.stop(), new Promise((resolve) => server.close(resolve))])
})

/** One for each vantage, kept: making one stops this process, and the issuer in it, for a moment. */
const stubs = new Map<VantageId, VantageStub>()

async function told(vantage: VantageId, request: Partial<SyncRequest> = {}): Promise<KeySetNews | undefined> {
  const sync = async () => stubs.get(vantage)?.sync(vantage, { base: 'keyed', active: true, wantsProbation: [], keySets: {}, ...request })
  // The harness may have closed the connection on which it would send this.
  const reply = await sync().catch(sync)
  const copy = JSON.parse(JSON.stringify(reply)) as { readonly keySets?: readonly KeySetNews[] }
  return copy.keySets?.[0]
}
const kids = (news: KeySetNews | undefined) => news?.keys?.map(({ kid }) => kid)

/** Asks each 200 ms until every vantage tells these keys. */
async function untilAllTell(wanted: readonly string[]): Promise<number> {
  const from = performance.now()
  for (;;) {
    const said = await Promise.all(VANTAGES.map(async (vantage) => kids(await told(vantage))))
    if (said.every((each) => each?.join() === wanted.join())) return performance.now() - from
    if (performance.now() - from > 20_000) throw new Error(`not in 20 s: ${JSON.stringify(said)}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

describe('an issuer on a real socket', () => {
  test('its keys are found by its discovery document, and 200 cold isolates cost it nothing', async () => {
    await untilAllTell(['first'])
    const before = issuer.asked.length
    const from = performance.now()
    const answers: (KeySetNews | undefined)[] = []
    while (answers.length < 200)
      answers.push(...(await Promise.all(Array.from({ length: 20 }, (_, index) => told(VANTAGES[index % 3] as VantageId)))))
    expect(answers.filter((answer) => kids(answer)?.[0] === 'first').length).toBe(200)
    // One of each vantage in its turn, were they to come just now.
    const turns = Math.ceil((performance.now() - from) / 15_000) * VANTAGES.length
    expect(issuer.asked.length - before).toBeLessThanOrEqual(turns)
  })

  test('whoever holds them is told how old they are', async () => {
    const version = (await told(weur))?.version ?? ''
    expect(await told(weur, { keySets: { [KEY]: version } })).toEqual({ key: KEY, version, age: expect.any(Number) })
  })

  test('a key that is missed is asked for with the tag of before: 304 while there is none', async () => {
    await told(weur, { wantsKeys: [KEY] })
    await vi.waitFor(() => expect(issuer.asked).toContainEqual({ tag: '"first"', status: 304 }), 20_000)
  })

  test('and all vantages have it a moment after one was asked', async () => {
    issuer.keys = [...issuer.keys, jwk('second')]
    await told(wnam, { wantsKeys: [KEY] })
    console.info(`a new key is everywhere after ${Math.round(await untilAllTell(['first', 'second']))} ms`)
    expect(issuer.asked).toContainEqual({ tag: '"first"', status: 200 })
  })

  test('an issuer that fails takes no keys away, and the status says so', async () => {
    issuer.status = 503
    await told(apac, { wantsKeys: [KEY] })
    await vi.waitFor(async () => expect((await plane.status(apac)).keySets?.[0]?.problem?.text).toBe('status 503'), 20_000)
    expect(kids(await told(apac))).toEqual(['first', 'second'])
  })
})
