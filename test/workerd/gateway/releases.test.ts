/** Releases on the real runtime, over real sockets: who is on which track, what clients can say of it themselves, and who rescues whom. */
import type { IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signOverride } from '../../../cli/release-override.ts'
import type { TrackCounts } from '../../../config/director.ts'
import type { Overlay, ReleaseOrder } from '../../../config/overlay.ts'
import type { Release } from '../../../config/release.ts'
import { ms, seconds, share } from '../../../config/units.ts'
import { bundle, COMPATIBILITY, type RawAnswer, type Running, raw, startWorkers } from '../harness.ts'
import { httpEndpoint, type TestEndpoint } from './endpoints.ts'
import { releasedBase } from './released.ts'

const SECRET = 'the secret of this test'
let gateway: Running
let unsigned: Running
let endpoints: readonly TestEndpoint[] = []
let seen: { readonly by: string; readonly headers: IncomingHttpHeaders }[] = []
/** What the endpoint of the canary does. */
let canary: 'answers' | 'fails' | 'breaks' = 'answers'

const RELEASE: Partial<Release> = {
  key: { kind: 'cookie', name: 'edge-track', ttl: ms(3_600_000) },
  override: { header: 'x-release-override', cookie: 'release-override' },
}

beforeAll(async () => {
  const stable = await httpEndpoint(({ headers }, answer) => {
    seen.push({ by: 'stable', headers })
    answer.end('stable')
  })
  const next = await httpEndpoint(({ headers, socket }, answer) => {
    seen.push({ by: 'canary', headers })
    if (canary === 'breaks') socket.destroy()
    else answer.writeHead(canary === 'fails' ? 503 : 200).end('canary')
  })
  endpoints = [stable, next]
  const base = releasedBase({
    stable: [{ id: 'old', origin: stable.origin }],
    canary: [{ id: 'new', origin: next.origin }],
    release: RELEASE,
    pool: {
      outlier: {
        mode: 'detected',
        consecutiveConnect: 2,
        consecutiveOther: 3,
        window: seconds(10),
        attemptsMin: 20,
        shareAbovePool: share(0.2),
      },
    },
  })
  const script = await bundle('test/workerd/workers/gateway-with-overlay.ts', base)
  const worker = (bindings: Record<string, string>) =>
    startWorkers([{ name: 'gateway', modules: true, script, ...COMPATIBILITY, bindings }])
  ;[gateway, unsigned] = await Promise.all([worker({ RELEASE_KEY: SECRET }), worker({})])
})
afterAll(() => Promise.all([gateway.stop(), unsigned.stop(), ...endpoints.map(({ stop }) => stop())]))
beforeEach(async () => {
  seen = []
  canary = 'answers'
  await countsOf()
})

const send = (text: string, to = gateway) => raw(to.port, text.replaceAll('\n', '\r\n'))
const ask = (headers: Readonly<Record<string, string>> = {}, to = gateway, method = 'GET'): Promise<RawAnswer> =>
  send(
    `${method} /x HTTP/1.1\nhost: shop.test\nconnection: close\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join('')}\n`,
    to,
  )

async function put(order: Partial<ReleaseOrder> | null, to = gateway): Promise<void> {
  const release: ReleaseOrder = { weight: share(0), mirror: share(0), killed: false, salt: 'run-1', ...order }
  const overlay: Overlay | null =
    order === null
      ? null
      : { format: 1, order: { epoch: 1, revision: 1 }, weights: {}, drains: [], releases: { r: release } as Overlay['releases'] }
  const body = JSON.stringify(overlay)
  await send(`PUT / HTTP/1.1\nhost: overlay.test\nconnection: close\ncontent-length: ${body.length}\n\n${body}`, to)
}

async function countsOf(): Promise<readonly TrackCounts[]> {
  const { body } = await send('GET / HTTP/1.1\nhost: overlay.test\nconnection: close\n\n')
  // The runtime may answer in chunks.
  const text = body.toString()
  return JSON.parse(text.slice(text.indexOf('['), text.lastIndexOf(']') + 1)) as TrackCounts[]
}

const named = ({ headers }: RawAnswer, name: string): string | undefined => headers.find(([key]) => key === name)?.[1]
const trackOf = (answer: RawAnswer): string | undefined => named(answer, 'meridian-track')
const cookieOf = (answer: RawAnswer): string => named(answer, 'set-cookie')?.split(';')[0] ?? ''
const lastLine = () => JSON.parse(gateway.log.findLast((line) => line.includes('"kind":"access"')) ?? '{}')

describe('by a cookie of the gateway', () => {
  test('who is new gets one, and stays where it puts them', async () => {
    await put({ weight: share(0.5) })
    const clients = await Promise.all(Array.from({ length: 40 }, () => ask()))
    expect(new Set(clients.map(trackOf))).toEqual(new Set(['stable', 'canary']))
    expect(named(clients[0] as RawAnswer, 'set-cookie')).toMatch(
      /^edge-track=[0-9a-f-]{36}\.[0-9a-f]{64}; Path=\/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax$/,
    )
    const again = await Promise.all(clients.map((client) => ask({ cookie: `a=b; ${cookieOf(client)}` })))
    expect(again.map(trackOf)).toEqual(clients.map(trackOf))
    expect(again.map((answer) => named(answer, 'set-cookie'))).toEqual(again.map(() => undefined))
  })

  test('who has made their own, or changed ours, gets a new one', async () => {
    await put({ weight: share(0.5) })
    const good = cookieOf(await ask())
    const forged = good.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    for (const cookie of [forged, 'edge-track=ann', 'edge-track=', `${good}x`]) {
      const given = cookieOf(await ask({ cookie }))
      expect(given).toMatch(/^edge-track=/)
      expect(given).not.toBe(good)
    }
  })

  test('raising moves nobody back, lowering to nothing moves everybody, at once', async () => {
    await put({ weight: share(0.3) })
    const clients = await Promise.all(Array.from({ length: 30 }, () => ask()))
    const first = clients.filter((client) => trackOf(client) === 'canary').map(cookieOf)
    expect(first.length).toBeGreaterThan(0)
    await put({ weight: share(0.8) })
    for (const cookie of first) expect(trackOf(await ask({ cookie }))).toBe('canary')
    await put({ weight: share(0) })
    for (const cookie of first) expect(trackOf(await ask({ cookie }))).toBe('stable')
    await put({ weight: share(1), killed: true })
    const killed = await ask({ cookie: first[0] ?? '' })
    expect([trackOf(killed), named(killed, 'set-cookie')]).toEqual(['stable', undefined])
  })

  test('nothing is given where nobody has begun it', async () => {
    await put(null)
    const answer = await ask()
    expect([trackOf(answer), named(answer, 'set-cookie')]).toEqual(['stable', undefined])
  })

  test('without the secret nobody is moved, and no cookie is given', async () => {
    await put({ weight: share(1) }, unsigned)
    const answer = await ask({}, unsigned)
    expect([trackOf(answer), named(answer, 'set-cookie')]).toEqual(['stable', undefined])
    const token = signOverride(SECRET, { release: 'r', host: 'shop.test', track: 'canary', length: 60_000 }, Date.now())
    expect(trackOf(await ask({ 'x-release-override': token }, unsigned))).toBe('stable')
  })
})

describe('an override', () => {
  const sign = (parts: Partial<Parameters<typeof signOverride>[1]> = {}, secret = SECRET) =>
    signOverride(secret, { release: 'r', host: 'shop.test', track: 'canary', length: 60_000, ...parts }, Date.now())
  const shows = async (token: string, header = 'x-release-override') =>
    trackOf(await ask({ [header]: header === 'cookie' ? `release-override=${token}` : token }))

  test('puts who shows it on its track, by header or cookie', async () => {
    await put({ weight: share(0) })
    expect(await shows(sign())).toBe('canary')
    expect(await shows(sign(), 'cookie')).toBe('canary')
    await put({ weight: share(1) })
    expect(await shows(sign({ track: 'stable' }))).toBe('stable')
    expect(await countsOf()).toEqual([])
  })

  test.each([
    ['expired', sign({ length: -1000 })],
    ['too-far-ahead', sign({ length: 40 * 24 * 3_600_000 })],
    ['forged', sign({}, 'the secret of somebody else')],
    ['forged', sign().replace('.canary.', '.stable.')],
    ['forged', sign({ release: 'another' })],
    ['forged', sign({ host: 'other.test' })],
    ['malformed', 'canary'],
    ['malformed', 'v1.canary.9999999999.'],
    ['malformed', 'v1.constructor.9999999999.'.padEnd(90, '0')],
  ])('that is %s counts for nothing, and the log says why: %s', async (why, token) => {
    await put({ weight: share(0) })
    expect(await shows(token)).toBe('stable')
    expect(lastLine()).toMatchObject({ release: { name: 'r', track: 'stable', why: 'no-share', ignoredOverride: why } })
  })

  test('does nothing while the canary is killed, and before anybody has heard of anything', async () => {
    await put({ weight: share(1), killed: true })
    expect(await shows(sign())).toBe('stable')
    await put(null)
    expect(await shows(sign())).toBe('stable')
  })

  test('does not go on to endpoints in its header', async () => {
    await put({ weight: share(0) })
    await shows(sign())
    expect(seen.map(({ by, headers }) => [by, headers['x-release-override']])).toEqual([['canary', undefined]])
  })
})

describe('what clients write of tracks themselves', () => {
  test('moves nobody, and goes on to nobody', async () => {
    await put({ weight: share(0) })
    const answer = await ask({ 'meridian-track': 'canary', 'meridian-mirror': '1' })
    expect(trackOf(answer)).toBe('stable')
    expect(seen[0]?.headers['meridian-track']).toBeUndefined()
    expect(seen[0]?.headers['meridian-mirror']).toBeUndefined()
  })
})

describe('a canary that fails', () => {
  test.each(['fails', 'breaks'] as const)('is rescued on stable, and that is said (%s)', async (how) => {
    await put({ weight: share(1) })
    canary = how
    const answer = await ask()
    expect([answer.status, trackOf(answer), seen.map(({ by }) => by)]).toEqual([200, 'stable, from canary', ['canary', 'stable']])
    expect(lastLine()).toMatchObject({ release: { track: 'canary', why: 'share', answeredBy: 'stable', because: 'rescued' } })
    const counts = await countsOf()
    expect(counts.map(({ track, attempts, failed, mirrored }) => [track, attempts, failed, mirrored])).toEqual([['canary', 1, 1, false]])
  })

  test('has its writes for itself', async () => {
    await put({ weight: share(1) })
    canary = 'fails'
    expect([(await ask({ 'content-length': '0' }, gateway, 'POST')).status, seen.map(({ by }) => by)]).toEqual([503, ['canary']])
  })
})

describe('copies before anybody sees the canary', () => {
  test('are counted as such, with stable beside them, and nobody sees their answers', async () => {
    await put({ weight: share(0), mirror: share(1) })
    canary = 'fails'
    const answers = [await ask({ authorization: 'Basic x' }), await ask({ 'content-length': '0' }, gateway, 'POST')]
    expect(answers.map((answer) => [answer.status, trackOf(answer)])).toEqual([
      [200, 'stable'],
      [200, 'stable'],
    ])
    const counts: TrackCounts[] = []
    while (counts.length < 2) counts.push(...(await countsOf()))
    const shown = counts.map(({ track, attempts, failed, mirrored }) => [track, attempts, failed, mirrored])
    expect(shown.sort()).toEqual([
      ['canary', 1, 1, true],
      ['stable', 1, 0, false],
    ])
    const copy = seen.find(({ by }) => by === 'canary')
    expect([copy?.headers['meridian-mirror'], copy?.headers.authorization]).toEqual(['1', 'Basic x'])
  })
})
