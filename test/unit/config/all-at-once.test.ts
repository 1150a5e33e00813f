/**
 * What belongs together is judged also where something beside it is wrong: nobody mends a file to find the next defect behind the last. And
 * nothing is said that follows from another defect: a field that was misspelt is not missing.
 */
import { describe, expect, test } from 'vitest'
import { defectsOf, document, endpoint, notesOf, type Parts } from './documents.ts'

const pathsOf = (parts: Parts): readonly string[] => defectsOf(document(parts)).map((line) => line.split('  ')[1] ?? '')

const FAULTS = 'expires: "2030-01-01T00:00:00Z"'
const THIRD = '\n      third: { url: https://third.example.com, cloud: aws, region: eu-west-1 }'

describe('beside a defect, another is found', () => {
  test.each<readonly [string, Parts, readonly string[]]>([
    [
      'faults that end too late',
      { route: `faults: { ${FAULTS}, abort: { status: 5, share: 1% } }` },
      ['faults.expires', 'faults.abort.status'],
    ],
    [
      'faults that end too late, misspelt beside',
      { route: `faults: { ${FAULTS}, abrt: { status: 503 } }` },
      ['faults.expires', 'faults.abrt'],
    ],
    ['faults without an end', { route: 'faults: { delay: { length: 2, share: 1% } }' }, ['faults', 'faults.delay.length']],
    ['gated faults of a route without a name', { route: 'faults: { gated: true, delay: 5 }' }, ['faults.gated', 'faults.delay']],
    [
      'faults of a route that does nothing',
      { routes: `  - { hosts: [a.example.com], pol: shop, faults: { ${FAULTS} } }` },
      ['pol', 'faults', 'faults.expires'],
    ],
    [
      'a timeout of a route whose pool is no name',
      { routes: '  - { hosts: [a.example.com], pool: [], timeouts: { request: 1s, attempt: 2s } }' },
      ['pool', 'timeouts.attempt'],
    ],
    [
      'a timeout of a route without hosts',
      { routes: '  - { pool: shop, timeouts: { request: 1s, attempt: 2s } }' },
      ['', 'timeouts.attempt'],
    ],
    ['a hedge of one attempt', { route: 'retry: { attemptsMax: 1, leave: nowhere }, hedge: { after: p95 }' }, ['retry.leave', 'hedge']],
    [
      'a hedge later than the attempt',
      { route: 'timeouts: { attempt: 1s, idle: 5 }, hedge: { after: 2s }' },
      ['timeouts.idle', 'hedge.after'],
    ],
    ['six attempts at once', { route: 'retry: { attemptsMax: 6 }, timeouts: { idle: 5 }' }, ['retry.attemptsMax', 'timeouts.idle']],
    ['a home without its writes', { route: 'home: aws-use1, retry: 5' }, ['home', 'retry']],
    ['a priority where nothing is shed', { route: 'priority: high, retry: 5' }, ['priority', 'retry']],
  ])('%s', (_, parts, expected) => {
    const full = expected.map((path) => (path === '' ? 'routes[0].hosts' : `routes[0].${path}`)).sort()
    expect([...pathsOf(parts)].sort()).toEqual(full)
  })

  test.each<readonly [string, Parts, readonly string[]]>([
    [
      'panic in a small pool',
      { pool: 'panic: 50%', aws: '{ url: 5, cloud: aws, region: us-east-1 }' },
      ['panic', 'endpoints.aws-use1.url'],
    ],
    [
      'more healthy ones than there are',
      { pool: 'minimumHealthy: 3', aws: endpoint('priority: 1, weight: -1') },
      ['minimumHealthy', 'endpoints.aws-use1.weight'],
    ],
    ['nothing to pass on to', { pool: 'spillOver: 1.4', aws: endpoint('weight: -1') }, ['spillOver', 'endpoints.aws-use1.weight']],
    [
      'capacity that nothing reads',
      { pool: 'monitor: { interval: 5 }', aws: endpoint('capacity: 2') },
      ['monitor.interval', 'endpoints.aws-use1.capacity'],
    ],
    [
      'weights that are all 0',
      {
        pool: 'monitor: { interval: 5 }',
        aws: endpoint('weight: 0'),
        gcp: '{ url: https://g.example.com, cloud: gcp, region: europe-west1, weight: 0 }',
      },
      ['monitor.interval', 'endpoints'],
    ],
    ['a timeout over the interval', { pool: 'monitor: { interval: 1s, timeout: 2s, path: 5 }' }, ['monitor.timeout', 'monitor.path']],
    [
      'a limit over the pool’s',
      { pool: 'limits: { concurrency: 5, endpointConcurrency: 9, adaptive: 7 }' },
      ['limits.endpointConcurrency', 'limits.adaptive'],
    ],
    [
      'an endpoint’s limit, and no URL',
      { pool: 'limits: { concurrency: 5 }', aws: '{ cloud: aws, region: us-east-1, concurrency: 9 }' },
      ['endpoints.aws-use1.url', 'endpoints.aws-use1.concurrency'],
    ],
    [
      'an http URL, and no cloud',
      { aws: '{ url: http://a.example.com, region: us-east-1 }' },
      ['endpoints.aws-use1.url', 'endpoints.aws-use1.cloud'],
    ],
  ])('%s', (_, parts, expected) => {
    expect([...pathsOf(parts)].sort()).toEqual(expected.map((path) => `pools.shop.${path}`).sort())
  })
})

describe('nothing is said that follows from another defect', () => {
  test.each<readonly [string, Parts, readonly string[]]>([
    ['an action that was misspelt', { routes: '  - { hosts: [a.example.com], pol: shop }' }, ['routes[0].pol']],
    [
      'a delay that was misspelt',
      { route: 'name: a, faults: { gated: true, dely: { length: 2s, share: 1% } }' },
      ['routes[0].faults.dely'],
    ],
    ['an end that was misspelt', { route: 'faults: { expire: 5, delay: { length: 2s, share: 1% } }' }, ['routes[0].faults.expire']],
    ['timeouts that were misspelt', { route: 'timeuots: { attempt: 5s }, hedge: { after: 3s }' }, ['routes[0].timeuots']],
    ['a timeout that was misspelt', { route: 'timeouts: { atempt: 5s }, hedge: { after: 3s }' }, ['routes[0].timeouts.atempt']],
    [
      'what reads capacity, malformed',
      {
        pool: 'panic: much',
        aws: endpoint('capacity: 2'),
        gcp: `{ url: https://g.example.com, cloud: gcp, region: europe-west1, capacity: 1 }`,
      },
      ['pools.shop.panic'],
    ],
    ['a priority, malformed', { pool: 'spillOver: 1.4', aws: endpoint('priority: -1') }, ['pools.shop.endpoints.aws-use1.priority']],
    [
      'a priority, malformed, of three',
      {
        pool: 'minimumHealthy: 3',
        aws: endpoint('priority: x'),
        gcp: `{ url: https://g.example.com, cloud: gcp, region: europe-west1 }${THIRD}`,
      },
      ['pools.shop.endpoints.aws-use1.priority'],
    ],
    [
      'a region, missing, steered to the nearest',
      { pool: 'steering: nearest', aws: '{ url: https://a.example.com, cloud: aws }' },
      ['pools.shop.endpoints.aws-use1.region'],
    ],
    [
      'limits, malformed, and a priority',
      { pool: 'limits: { concurrency: x }', route: 'priority: high' },
      ['pools.shop.limits.concurrency'],
    ],
    [
      'two endpoints without a URL',
      { aws: '{ cloud: aws, region: us-east-1 }', gcp: '{ cloud: gcp, region: europe-west1 }' },
      ['pools.shop.endpoints.aws-use1.url', 'pools.shop.endpoints.gcp-euw1.url'],
    ],
    [
      'hosts that are no list',
      { routes: '  - { hosts: 5, pool: shop }\n  - { hosts: 7, pool: shop }' },
      ['routes[0].hosts', 'routes[1].hosts'],
    ],
  ])('%s', (_, parts, expected) => expect(pathsOf(parts)).toEqual(expected))
})

describe('what to write instead is said', () => {
  test.each([
    ['methods: get', '[GET]'],
    ['methods: GET', '[GET]'],
    ['encodedSlash: allow, paths: ["/a%2Fb.c"]', '{ regex: "/a%2Fb[.]c" }, and "encodedSlash: allow" beside "paths"'],
    ['paths: [{ exact: "/a//b;c" }]', '{ regex: "/a//b;c" }, and "doubleSlash: allow" and "semicolon: allow" beside "paths"'],
  ])('%s', (route, write) => {
    const [defect = ''] = defectsOf(document({ route }))
    expect(defect).toContain(`(write ${write})`)
    const mended = write.startsWith('[')
      ? `methods: ${write}`
      : `paths: [${write.split(', and')[0]}], encodedSlash: allow, doubleSlash: allow, semicolon: allow`
    expect(defectsOf(document({ route: mended }))).toEqual([])
  })
})

describe('a note', () => {
  const about = (parts: Parts): readonly string[] => notesOf(document(parts)).map((note) => note.replace(/^\d+:\d+ /, ''))
  test.each<readonly [string, Parts, readonly string[]]>([
    [
      'names the cloud that was meant',
      { aws: endpoint('').replace('aws', 'asw').replace('us-east-1', 'berlin') },
      ['pools.shop.endpoints.aws-use1.cloud: asw is no known cloud; did you mean "aws"?'],
    ],
    ['is not made of a cloud of one’s own', { aws: endpoint('').replace('cloud: aws', 'cloud: rack-7') }, []],
    [
      'names a region of another cloud',
      { aws: endpoint('').replace('us-east-1', 'us-east1') },
      ['pools.shop.endpoints.aws-use1.region: us-east1 is no known region of aws; did you mean "us-east-1"?'],
    ],
    [
      'says that no pool of a route has weight',
      { routes: '  - { hosts: [a.example.com], pools: [{ pool: shop, weight: 0 }] }' },
      ['routes[0].pools: every weight is 0: all requests are answered 500 (ERR_NO_WEIGHT)'],
    ],
    [
      'says that an expression goes past another spelling',
      { route: 'paths: [{ regex: "/v1/a%3A[a-z]+" }, { regex: "/caf%c3%a9.*" }, { regex: "/x(:|%3A)y" }, { regex: "/a%20b.*" }]' },
      [
        'routes[0].paths[0]: takes an encoding that needs none, or lower-case hex digits, as they are written: endpoints read the usual spelling alike',
        'routes[0].paths[1]: takes an encoding that needs none, or lower-case hex digits, as they are written: endpoints read the usual spelling alike',
      ],
    ],
    [
      'is not made where one has',
      { routes: '  - { hosts: [a.example.com], pools: [{ pool: shop, weight: 0 }, { weight: 1, reply: { status: 404 } }] }' },
      [],
    ],
  ])('%s', (_, parts, expected) => {
    expect(defectsOf(document(parts))).toEqual([])
    expect(about(parts)).toEqual(expected)
  })
})
