import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { narrowStatus, type Wanted } from '../../../cli/status/narrow-status.ts'
import { essence, renderStatus } from '../../../cli/status/render-status.ts'
import { showLength } from '../../../cli/status/show-length.ts'
import type { EndpointStatus, StatusDocument, VantageStatus } from '../../../config/status.ts'

const reason = { vantage: 'weur', facet: 'probe', phase: 'connect', age: 1200, detail: '3 of 3 probes failed' }
const endpoint = {
  key: 'k1',
  id: 'aws-use1',
  pool: 'shop',
  cloud: 'aws',
  region: 'us-east-1',
  verdict: 'down',
  stoodFor: 12_000,
  reasons: [reason],
  routesDown: [],
  votes: [
    { vantage: 'wnam', counts: true, probe: 'down', traffic: 'up', routesDown: [], stoodFor: 12_000, holdFor: 18_000, reasons: [reason] },
  ],
} as unknown as EndpointStatus
const view = (vantage: string, change: Partial<VantageStatus> = {}) =>
  ({
    vantage,
    noQuorum: false,
    endpoints: [endpoint],
    problems: [],
    transitions: [{ ago: 12_000, endpoint: 'k1', id: 'aws-use1', from: 'up', to: 'down', reasons: [reason] }],
    ...change,
  }) as unknown as VantageStatus
const document = (...vantages: unknown[]) => ({ format: 1, vantages }) as unknown as StatusDocument
const well = document(
  { vantage: 'wnam', answered: true, status: view('wnam') },
  { vantage: 'weur', answered: false, problem: 'no answer in 500 ms' },
)

const render = (doc: StatusDocument, columns = 200): string[] =>
  renderStatus(doc, { url: 'http://localhost:8787', columns }).map(stripVTControlCharacters)

test('what the gateway lacks stands before what the vantages see', () => {
  const lines = render({ ...well, problems: ['the secret EDGE_SIGNING_KEY is not set'] } as StatusDocument)
  expect(lines.findIndex((line) => line.includes('EDGE_SIGNING_KEY'))).toBeGreaterThan(0)
  expect(lines.findIndex((line) => line.includes('EDGE_SIGNING_KEY'))).toBeLessThan(
    lines.findIndex((line) => line.startsWith('  aws-use1')),
  )
})

test('a weights.json that was refused is said with its place, and so is a director that is silent', () => {
  const problems = [
    { ago: 0, text: 'weights.json is refused: pools.shop.x: expected an endpoint of the pool, found "x"' },
    ...[1000, 2000, 3000, 4000].map((ago) => ({ ago, text: `once ${ago}` })),
  ]
  const shown = render({ ...well, director: { answered: true, revision: 3, problems } } as unknown as StatusDocument)
  expect(shown).toContain('  director: weights.json is refused: pools.shop.x: expected an endpoint of the pool, found "x"')
  expect(shown).toContain('  director, 3.0 s ago: once 3000')
  expect(shown.join()).not.toContain('once 4000')
  const silent = { answered: false, problem: 'The director does not answer: gone.' }
  const gone = { ...document({ vantage: 'wnam', answered: false, problem: 'x' }), director: silent } as unknown as StatusDocument
  expect(render(gone)).toContain('  The director does not answer: gone.')
  expect(essence({ ...well, director: silent } as unknown as StatusDocument)).not.toBe(essence(well))
})

test('what operators want otherwise stands at each endpoint that it is about', () => {
  const other = { ...endpoint, key: 'k2', id: 'gcp-use4', cloud: 'gcp', region: 'us-east4' }
  const overlay = {
    format: 1,
    order: { epoch: 1, revision: 12 },
    weights: { shop: { 'gcp-use4': 80 } },
    drains: [
      { target: { kind: 'region', region: 'us-east-1' }, direction: 'out', over: 0, begun: 0 },
      { target: { kind: 'cloud', cloud: 'gcp' }, direction: 'out', over: 60_000, begun: 20_000 },
    ],
    releases: {},
  }
  const members = [endpoint, other].map(({ id, key }) => ({ id, key, drain: false }))
  const doc = {
    ...document({ vantage: 'wnam', answered: true, status: view('wnam', { endpoints: [endpoint, other] as never }) }),
    pools: [{ id: 'shop', endpoints: members }],
  }
  const lines = render({ ...doc, inForce: { overlay, emergencies: [] } } as unknown as StatusDocument)
  expect(lines.find((line) => line.startsWith('  aws-use1'))).toContain('drained by operators: no new request')
  expect(lines.find((line) => line.startsWith('  gcp-use4'))).toMatch(/going out within 40 s; weight 80 by operators/)
  const cut = render({
    ...doc,
    inForce: { emergencies: [{ etag: '"e"', drain: ['aws'], weightZero: ['gcp-use4'], freeze: [], killCanary: [] }] },
  } as unknown as StatusDocument)
  expect(cut.find((line) => line.startsWith('  gcp-use4'))).toContain('spared by an emergency')
  expect(essence({ ...doc, inForce: { emergencies: [] } } as unknown as StatusDocument)).not.toBe(essence(doc as unknown as StatusDocument))
})

describe('the picture', () => {
  const text = render(well).join('\n')
  test('says who answered and who did not', () => {
    expect(text).toContain('1 of 2 vantages answer · as wnam sees it')
    expect(text).toContain('weur does not answer: no answer in 500 ms')
  })
  test('says verdict, vote and why', () => {
    expect(text).toMatch(/aws-use1 +aws us-east-1 +down +for 12 s +weur probe connect: 3 of 3 probes failed/)
    expect(text).toContain('wnam   probe down · traffic up · held 18 s more')
  })
  test('says what changed last', () =>
    expect(text).toContain('12 s ago    aws-use1     up → down  weur probe connect: 3 of 3 probes failed'))
  test('says it when vantages disagree', () => {
    const other = { vantage: 'weur', answered: true, status: view('weur', { endpoints: [{ ...endpoint, verdict: 'up' }] }) }
    expect(render(document(well.vantages[0], other)).join('\n')).toContain('weur says up')
  })
  test('says it when nobody answers', () => expect(render(document(well.vantages[1])).join('\n')).toContain('No vantage answered'))
})

describe('what is over', () => {
  const votes = [{ ...(endpoint.votes[0] as object), probe: 'up', traffic: 'up', holdFor: 0 }] as unknown as EndpointStatus['votes']
  const shown = (change: Partial<EndpointStatus>) =>
    render(document({ vantage: 'wnam', answered: true, status: view('wnam', { endpoints: [{ ...endpoint, votes, ...change }] }) })).join(
      '\n',
    )
  test('is said as past of an endpoint that is up again', () => {
    expect(shown({ verdict: 'up' })).toMatch(/aws-use1 .* up .* over: weur probe connect: 3 of 3 probes failed, 1\.2 s ago/)
    expect(shown({ verdict: 'up' })).toMatch(/wnam +probe up · traffic up · over: /)
  })
  test('is not said of one that is down, or down for a route', () => {
    expect(shown({ verdict: 'down' })).toMatch(/down +for 12 s +weur probe connect/)
    expect(shown({ verdict: 'up', routesDown: ['pay' as never] })).toMatch(/down for route pay; weur probe connect/)
  })
})

describe('a part of the picture', () => {
  const other = { ...endpoint, key: 'k2', id: 'gcp-euw1', pool: 'pay', verdict: 'up' } as unknown as EndpointStatus
  const transitions = [
    { ago: 1, endpoint: 'k1', from: 'up', to: 'down', reasons: [] },
    { ago: 2, endpoint: 'k2', from: 'down', to: 'up', reasons: [] },
  ] as unknown as VantageStatus['transitions']
  const whole = document({ vantage: 'wnam', answered: true, status: view('wnam', { endpoints: [endpoint, other], transitions }) })
  const part = (wanted: Partial<Wanted>, of = whole) => narrowStatus(of, { pools: [], endpoints: [], ...wanted })
  const idsOf = (told: ReturnType<typeof part>) =>
    told.ok
      ? told.value.vantages.flatMap((each) =>
          each.answered ? [each.status.endpoints.map(({ id }) => id), each.status.transitions.length] : [],
        )
      : told.error

  test.each([
    [{}, [['aws-use1', 'gcp-euw1'], 2]],
    [{ pools: ['pay'] }, [['gcp-euw1'], 1]],
    [{ endpoints: ['aws-use1'] }, [['aws-use1'], 1]],
    [{ pools: ['pay', 'shop'], endpoints: ['aws-use1'] }, [['aws-use1'], 1]],
    [{ pools: ['payy'] }, 'There is no pool "payy"; did you mean "pay"?'],
    [{ endpoints: ['x'] }, 'There is no endpoint "x"; there are aws-use1, gcp-euw1'],
  ])('%j', (wanted, expected) => expect(idsOf(part(wanted))).toEqual(expected))

  test('knows an address by its name in each pool', () => {
    const member = (id: string, key: string) => ({ id, key, drain: false })
    const pools = [
      { id: 'shop', endpoints: [member('aws-use1', 'k1')] },
      { id: 'api', endpoints: [member('api-use1', 'k1')] },
    ]
    const told = part({ pools: ['api'] }, { ...whole, pools } as unknown as StatusDocument)
    expect(idsOf(told)).toEqual([['aws-use1'], 1])
    expect(render(told.ok ? told.value : whole).join('\n')).toMatch(/pool api\n +api-use1/)
    expect(render(told.ok ? told.value : whole).join('\n')).not.toContain('pool shop')
  })
})

describe('the keys of issuers', () => {
  const keySet = { key: 'a', url: 'https://id.example.com/jwks', keys: 2, age: 12_000, stale: false, dropped: [] }
  const shown = (change: object) =>
    render(document({ vantage: 'wnam', answered: true, status: view('wnam', { keySets: [{ ...keySet, ...change }] as never }) })).join('\n')
  test('say how many count, and how old they are', () => {
    expect(shown({})).toContain('https://id.example.com/jwks  2 keys, said 12 s ago')
    expect(render(well).join('\n')).not.toContain('keys of issuers')
  })
  test('say what is wrong with them', () => {
    const problem = { ago: 3000, text: 'status 500', failedInRow: 7 }
    const text = shown({ age: 3_600_000, stale: true, problem, dropped: ['key old: it is private'] })
    expect(text).toMatch(/said 60 min ago, stale\n +3.0 s ago, 7 in a row: status 500\n +left out: key old: it is private/)
    expect(shown({ keys: 0, age: undefined, problem })).toContain('no keys: none of its tokens can be verified')
  })
})

test('authorities that end soon are said, whether vantages answer or not', () => {
  const day = 86_400_000
  const expiring = [
    { trust: 'partners', name: 'CN=Old Root', expiresIn: -2.5 * day },
    { trust: 'fleet', name: 'CN=Fleet Root', expiresIn: 12.9 * day },
  ]
  const expiringCertificates = [{ binding: 'EDGE_CERTIFICATE', expiresIn: 6.5 * day }]
  for (const vantages of [well.vantages, well.vantages.slice(1)]) {
    const text = render({ ...well, vantages, expiring, expiringCertificates } as unknown as StatusDocument).join('\n')
    expect(text).toContain('trust partners: CN=Old Root expired 2 days ago: nobody comes in by it')
    expect(text).toContain('trust fleet: CN=Fleet Root expires in 12 days')
    expect(text).toContain('certificate EDGE_CERTIFICATE expires in 6 days')
  }
  expect(render(well).join('\n')).not.toContain('expires')
})

describe('an address that serves several pools', () => {
  const pools = [
    { id: 'shop', endpoints: [{ id: 'aws-use1', key: 'k1', drain: false }] },
    { id: 'nearby', endpoints: [{ id: 'nearby-aws-use1', key: 'k1', drain: true }] },
  ]
  const text = render({ ...well, pools } as unknown as StatusDocument).join('\n')
  test('is shown in each, under its name there', () => {
    expect(text).toMatch(/pool shop\n {2}aws-use1 +aws us-east-1 +down/)
    expect(text).toMatch(/pool nearby\n {2}nearby-aws-use1 +aws us-east-1 +down/)
  })
  test('says where it is drained', () => expect(text.match(/drained: no new request/g)).toHaveLength(1))
})

test('probes that pass again while the hold-down lasts are said', () => {
  const votes = endpoint.votes.map((vote) => ({ ...vote, passing: 4 }))
  const held = document({ vantage: 'wnam', answered: true, status: view('wnam', { endpoints: [{ ...endpoint, votes }] }) })
  expect(render(held).join('\n')).toContain('probe down · 4 passed since · traffic up · held 18 s more')
})

test.each([20, 40, 80])('fits into %d columns', (columns) => {
  for (const line of render(well, columns)) expect(line.length).toBeLessThanOrEqual(columns)
})

test('is the same as long as only ages change', () => {
  const older = document(
    { vantage: 'wnam', answered: true, status: view('wnam', { endpoints: [{ ...endpoint, stoodFor: 13_000 } as EndpointStatus] }) },
    well.vantages[1],
  )
  expect(essence(older)).toBe(essence(well))
  const other = document(
    { vantage: 'wnam', answered: true, status: view('wnam', { endpoints: [{ ...endpoint, verdict: 'up' } as EndpointStatus] }) },
    well.vantages[1],
  )
  expect(essence(other)).not.toBe(essence(well))
})

test.each([
  [400, '0.4 s'],
  [12_000, '12 s'],
  [300_000, '5 min'],
  [10_800_000, '3 h'],
])('%d ms is %s', (length, shown) => expect(showLength(length)).toBe(shown))

test('what is in force beside the configuration is said before the pools, and nothing where nothing is', () => {
  const order = { epoch: 1, revision: 7 }
  const overlay = {
    ...{ format: 1, order, weights: { shop: { 'aws-use1': 80, 'gcp-euw1': 20 } } },
    drains: [
      { target: { kind: 'region', region: 'us-east-1' }, direction: 'out', over: 60_000, begun: 20_000 },
      { target: { kind: 'cloud', cloud: 'gcp' }, direction: 'back', over: 0, begun: 5000 },
    ],
    releases: {
      checkout: { weight: 0.05, mirror: 0, killed: false, salt: 's' },
      search: { weight: 0, mirror: 0, killed: true, salt: 's' },
    },
  }
  const emergency = { etag: 'e', drain: ['azure'], weightZero: [], freeze: ['*'], killCanary: [] }
  const lines = render({ ...well, inForce: { overlay, emergencies: [emergency] } } as unknown as StatusDocument)
  const shown = lines.slice(
    lines.findIndex((line) => line.startsWith('in force')),
    lines.findIndex((line) => line.startsWith('pool ')),
  )
  expect(shown).toEqual([
    'in force beside the configuration · revision 7 (whose word it is: npx meridian drift)',
    '  emergency.json: drained azure; frozen *',
    '  weights of shop: aws-use1 80, gcp-euw1 20',
    '  drained: region us-east-1, 40 s to go',
    '  coming back: cloud gcp',
    '  release checkout: 5 % on the canary',
    '  release search: killed',
    '',
  ])
  const ignored = render({ ...well, inForce: { overlay, emergencies: [], weightsIgnored: ['shop'] } } as unknown as StatusDocument)
  expect(ignored).toContain('  weights of shop are left aside: by them no endpoint of it would have weight')
  const nothing = { overlay: { ...overlay, weights: {}, drains: [], releases: {} }, emergencies: [] }
  expect(render({ ...well, inForce: nothing } as unknown as StatusDocument)).toEqual(render(well))
})
