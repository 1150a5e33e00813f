/** `npx meridian explain` without its processes: what it is asked, what a file knows, what it shows. */
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { decideHere } from '../../../cli/explain/decide-here.ts'
import { type Known, NOTHING_KNOWN, otherBase, readKnown } from '../../../cli/explain/read-known.ts'
import { type Question, readOptions } from '../../../cli/explain/read-options.ts'
import { renderExplanation } from '../../../cli/explain/render-explanation.ts'
import type { Explanation } from '../../../config/explanation.ts'
import { baseOf, document } from '../config/documents.ts'

const ROUTES = `  - { name: shop, hosts: [shop.example.com], pool: shop, hedge: { after: 100ms } }
  - { name: beta, hosts: [shop.example.com], headers: { x-beta: "1" }, pool: shop, writes: home, home: aws-use1 }
  - { name: chat, hosts: [shop.example.com], paths: [/chat], pool: shop, relayWebSockets: {} }
  - { name: old, hosts: [old.example.com], redirect: { host: shop.example.com, status: 301 } }`
const base = baseOf(document({ routes: ROUTES }))
const [aws = '', gcp = ''] = base.targets.map(({ key }) => key)
const question = (change: Partial<Question> = {}): Question => ({
  method: 'GET',
  url: 'https://shop.example.com/cart',
  headers: [],
  client: {},
  draws: [0.5, 0.5],
  ...change,
})

async function decided(asked: Question, known: Known = NOTHING_KNOWN): Promise<Explanation> {
  const told = await decideHere(asked, base, known)
  if (!told.ok) throw new Error(told.error)
  return told.value
}

const shown = (explanation: Explanation, columns = Number.POSITIVE_INFINITY): string =>
  stripVTControlCharacters(renderExplanation(explanation, columns).join('\n'))

function known(document_: unknown): Known {
  const read = readKnown(JSON.stringify(document_))
  if (!read.ok) throw new Error(read.error)
  return read.value
}

const HEALTH = { verdict: 'down', stoodFor: 5000, local: 'down', routesDown: [], localRoutesDown: [], reasons: [] }
const SNAPSHOT = {
  format: 1,
  vantage: 'weur',
  incarnation: { createdAt: 1, bootCount: 1 },
  seq: 1,
  retryScale: 1,
  endpoints: { [aws]: HEALTH },
}
const VOTE = {
  vantage: 'weur',
  counts: true,
  probe: 'down',
  traffic: 'unknown',
  routesDown: [],
  stoodFor: 5000,
  holdFor: 9000,
  reasons: [],
}
const STATUS = {
  format: 1,
  vantages: [
    { vantage: 'wnam', answered: false, problem: 'no answer in 2000 ms' },
    {
      vantage: 'weur',
      answered: true,
      status: { ...SNAPSHOT, abstains: false, endpoints: [{ ...HEALTH, key: aws, id: 'aws-use1', votes: [VOTE] }] },
    },
  ],
}

describe('the arguments', () => {
  test('become the question', () => {
    const args = [
      'PUT',
      'https://shop.example.com/a?b#c',
      '-H',
      'X-A: 1',
      '-H',
      'x-b:2',
      '--country',
      'de',
      '--client-address',
      '192.0.2.7',
    ]
    const read = readOptions([...args, '--coordinates', '50.1,8.7', '--draw', '0.25', '--json'])
    expect(read).toEqual({
      ok: true,
      value: {
        json: true,
        question: {
          method: 'PUT',
          url: 'https://shop.example.com/a?b',
          headers: [
            ['X-A', '1'],
            ['x-b', '2'],
          ],
          client: { address: '192.0.2.7', country: 'DE', latitude: 50.1, longitude: 8.7 },
          draws: [0.25],
        },
      },
    })
  })

  test('a URL alone is a GET', () => expect(readOptions(['https://a.test/'])).toMatchObject({ value: { question: { method: 'GET' } } }))

  test.each([
    [[], 'Expected METHOD URL'],
    [['GET', 'https://a.test/', 'x'], 'Expected METHOD URL'],
    [['GET', 'a.test'], 'is no whole URL'],
    [['GET', 'https://a.test/', '-H', 'x'], 'expected "name: value"'],
    [['GET', 'https://a.test/', '-H', 'Host: b.test'], 'the host stands in the URL'],
    [['GET', 'https://a.test/', '--draw', '1'], '--draw: expected'],
    [['GET', 'https://a.test/', '--coordinates', '91,0'], '--coordinates: expected'],
    [['GET', 'https://a.test/', '--coordinates', '9'], '--coordinates: expected'],
    [['GET', 'https://a.test/', '--ta', 'x'], '--ta'],
  ])('%j: %s', (args, says) => expect(readOptions(args)).toMatchObject({ ok: false, error: expect.stringContaining(says) }))
})

describe('what is known', () => {
  test.each([
    ['a snapshot', SNAPSHOT],
    ['the last known good', { format: 1, snapshot: SNAPSHOT }],
    ['a status document', STATUS],
  ])('by %s takes what is down out', async (_, document_) => {
    const { decision } = await decided(question(), known(document_))
    expect(decision).toMatchObject({
      kind: 'forwarded',
      plan: {
        candidates: [
          { endpoint: 'gcp-euw1', place: 1 },
          { endpoint: 'aws-use1', eligible: false, standing: 'verdict-down' },
        ],
      },
    })
  })

  test('of another configuration is said to be so', () => {
    const [silent, answered] = STATUS.vantages
    const status = { ...answered, status: { ...answered?.status, bases: [{ hash: 'aaaa', seenAgo: 1 }] } }
    expect(otherBase(known({ ...STATUS, vantages: [silent, status] }), 'aaaa')).toBeUndefined()
    expect(otherBase(known({ ...STATUS, vantages: [silent, status] }), 'bbbb')).toContain('aaaa')
    expect(otherBase(known(STATUS), 'bbbb')).toBeUndefined()
    expect(otherBase(NOTHING_KNOWN, 'bbbb')).toBeUndefined()
  })

  test('of an explanation is of its configuration', async () => {
    const told = known(await decided(question()))
    expect([otherBase(told, base.hash), otherBase(told, 'bbbb')]).toEqual([undefined, expect.stringContaining(base.hash)])
  })

  test('a header that ends here is named once', async () => {
    const headers = [
      ['Connection', 'close, upgrade'],
      ['Upgrade', 'h2c'],
    ] as const
    expect((await decided(question({ headers }))).request.read?.stripped).toEqual(['connection', 'upgrade'])
  })

  test('by a status document brings its votes', async () => {
    const { decision, silentVantages } = await decided(question(), known(STATUS))
    expect(decision).toMatchObject({ plan: { candidates: [{ votes: [] }, { votes: [VOTE] }] } })
    expect(silentVantages).toEqual([{ vantage: 'wnam', problem: 'no answer in 2000 ms' }])
  })

  test('by an explanation brings its health and the ejections of its isolate', async () => {
    const told = await decided(question(), known(SNAPSHOT))
    expect((await decided(question(), known(told))).decision).toMatchObject({
      plan: { candidates: [{ endpoint: 'gcp-euw1' }, { standing: 'verdict-down' }] },
    })
    const ejection = { scope: 'endpoint', cause: 'connect', ejectedFor: 1000, holdFor: 29_000, passed: 0 }
    const text = JSON.stringify(await decided(question())).replace(`"key":"${gcp}"`, `$&,"was":1`)
    const edited = JSON.parse(text, (_, value) => (value?.was === 1 ? { ...value, ejections: [ejection] } : value))
    expect((await decided(question(), known(edited))).decision).toMatchObject({
      plan: { candidates: [{ endpoint: 'aws-use1' }, { endpoint: 'gcp-euw1', standing: 'ejected', ejections: [ejection] }] },
    })
  })

  test('by an explanation is of its own route, and of endpoints as a whole', async () => {
    const ejected = (scope: string) => ({ scope, cause: 'connect', ejectedFor: 1000, holdFor: 29_000, passed: 0 })
    const standings = async (scope: string, asked: Question) => {
      const text = JSON.stringify(await decided(question())).replace(`"key":"${aws}"`, `$&,"was":1`)
      const edited = JSON.parse(text, (_, value) =>
        value?.was === 1 ? { ...value, ejections: [ejected(scope)], ...(scope === 'route' ? { pausedFor: 5000 } : {}) } : value,
      )
      const { decision } = await decided(asked, known(edited))
      return 'plan' in decision ? decision.plan?.candidates.find(({ key }) => key === aws)?.standing : undefined
    }
    const other = question({ headers: [['x-beta', '1']] })
    expect([await standings('route', question()), await standings('route', other)]).toEqual(['ejected', 'routable'])
    expect([await standings('endpoint', question()), await standings('endpoint', other)]).toEqual(['ejected', 'ejected'])
  })

  test.each([
    ['{', 'is no JSON'],
    ['[]', 'expected the JSON of'],
    ['{"format":2}', 'expected the JSON of'],
    ['{"format":1,"vantages":[]}', 'holds no answer'],
    [
      JSON.stringify({ ...STATUS, vantages: [{ vantage: 'weur', answered: true, status: { vantage: 'weur', endpoints: [] } }] }),
      'of another version',
    ],
  ])('%s: %s', (text, says) => expect(readKnown(text)).toMatchObject({ ok: false, error: expect.stringContaining(says) }))
  const OVERLAY = {
    format: 1,
    order: { epoch: 1_795_000_000_000, revision: 7 },
    weights: { shop: { 'gcp-use4': 80 } },
    drains: [{ target: { kind: 'endpoint', endpoint: 'aws-use1' }, direction: 'out', over: 0, begun: 5 }],
    releases: {},
  }
  const UP = { ...SNAPSHOT, endpoints: { [aws]: { ...HEALTH, verdict: 'up', local: 'up' } } }

  test.each<[string, unknown]>([
    ['a snapshot', { ...UP, overlay: OVERLAY }],
    ['a status document', { ...STATUS, inForce: { overlay: OVERLAY, emergencies: [] } }],
  ])('of %s: what operators want otherwise is in force, and said', async (_, document_) => {
    const told = await decided(question(), known(document_))
    expect(shown(told)).toMatch(/aws-use1.* never: drained by operators/)
    expect(shown(told)).toContain('in force: revision 7')
  })

  test('of an explanation: the same again, also of an emergency', async () => {
    const first = await decided(
      question(),
      known({ ...UP, emergency: { etag: '"e"', drain: ['aws'], weightZero: [], freeze: [], killCanary: [] } }),
    )
    expect(shown(first)).toMatch(/aws-use1.* never: drained by an emergency/)
    const again = await decided(question(), known(JSON.parse(JSON.stringify(first))))
    const places = ({ decision }: Explanation) =>
      'plan' in decision ? decision.plan?.candidates.map(({ endpoint, standing }) => [endpoint, standing]) : []
    expect(places(again)).toEqual(places(first))
    expect(again.health.inForce).toEqual(first.health.inForce)
    expect(shown(again)).toContain('in force: an emergency ("e")')
  })

  test('of an overlay that cannot be read: nothing is guessed', () => {
    const read = readKnown(JSON.stringify({ ...STATUS, inForce: { overlay: { ...OVERLAY, drains: 'all' }, emergencies: [] } }))
    expect(read).toEqual({ ok: false, error: 'holds an overlay that cannot be read' })
  })
})

describe('what is shown', () => {
  test('says where a request goes, why there, and what would follow', async () => {
    const text = shown(await decided(question({ headers: [['connection', 'close']] }), known(STATUS)))
    expect(text).toMatch(/sent on by route shop, pool shop, to gcp-euw1: https:\/\/ingress\.euw1\.example\.com\/cart/)
    expect(text).toMatch(/not beta +header x-beta/)
    expect(text).toMatch(/ 1 gcp-euw1 .* in\n/)
    expect(text).toMatch(
      / – aws-use1 .* down +out: down by the verdict of the vantages\n +weur +probe down · traffic unknown · held 9\.0 s more/,
    )
    expect(text).toMatch(/1\. first +gcp-euw1/)
    expect(text).toContain('without connection')
    expect(text).toContain('wnam does not answer')
  })

  test('says why a write goes to its home, and is not sent again', async () => {
    const text = shown(await decided(question({ method: 'POST', headers: [['x-beta', '1']] })))
    expect(text).toMatch(/ 1 aws-use1 .* in\n/)
    expect(text).toContain('never: these writes have another home')
    expect(text).toContain('then ERR_WRITE_NOT_REPLAYED')
    expect(text).toContain('only when it was certainly not sent')
  })

  test('says which code refuses', async () =>
    expect(shown(await decided(question({ url: 'https://shop.example.com/a//b' })))).toContain('refused with 400 ERR_BAD_REQUEST_PATH'))

  test('says with which status a call is refused', async () => {
    const headers = [['content-type', 'application/grpc']] as const
    const told = await decided(question({ method: 'POST', url: 'https://shop.example.com/a//b', headers }))
    expect(told.decision).toMatchObject({ kind: 'refused', code: 'ERR_BAD_REQUEST_PATH', status: 200, grpcStatus: 13 })
    expect(shown(told)).toContain('refused with grpc-status 13 ERR_BAD_REQUEST_PATH')
  })

  test.each([
    { path: '/chat', headers: [['upgrade', 'websocket']] as const, says: /WebSocket is relayed/ },
    { path: '/cart', headers: [['upgrade', 'websocket']] as const, says: /WebSocket is handed over/ },
    { path: '/chat', headers: [], says: /^(?!.*WebSocket)/s },
  ])('says what becomes of a WebSocket: $path, $headers', async ({ path, headers, says }) =>
    expect(shown(await decided(question({ url: `https://shop.example.com${path}`, headers })))).toMatch(says),
  )

  test('says where a redirect leads', async () =>
    expect(shown(await decided(question({ url: 'https://old.example.com/a' })))).toContain(
      'redirected with 301 by route old to https://shop.example.com/a',
    ))

  test.each([40, 80])('fits into %d columns', async (columns) => {
    for (const line of shown(await decided(question(), known(STATUS)), columns).split('\n'))
      expect(line.length).toBeLessThanOrEqual(columns)
  })
})

test('a hostile question is refused here as well', async () =>
  expect(await decideHere(question({ url: 'https://shop.example.com/ a' }), base, NOTHING_KNOWN)).toMatchObject({ ok: false }))
