/** Releases as operators write them: what five lines mean, and every contradiction with its place. */
import { describe, expect, test } from 'vitest'
import { baseOf, type Case, defectsOf, document, notesOf } from './documents.ts'
import { load, routeOf } from './load-example.ts'

const NEXT = '{ url: https://next.use1.example.com, cloud: aws, region: us-east-1, mesh: istio }'

/** Two pools and a release `r` of both, whose further fields are given; the route names it. */
function released(fields = '', route = '', rest = ''): string {
  const text = document({
    routes: `  - { hosts: [shop.example.com], release: r${route} }`,
    rest: `releases:\n  r:\n    stable: { pool: shop }\n${fields.includes('canary:') ? '' : '    canary: { pool: next }\n'}${indented(fields)}${rest}`,
  })
  return text.replace('routes:', `  next:\n    endpoints:\n      next-use1: ${NEXT}\nroutes:`)
}

const indented = (fields: string): string =>
  fields === ''
    ? ''
    : fields
        .split('\n')
        .map((line) => `    ${line}\n`)
        .join('')

const found = (text: string): string[] => defectsOf(text).map((line) => line.replace(/^\S+ {2}/, ''))

describe('what is compiled', () => {
  test('five lines: every default', () => {
    const base = baseOf(released())
    expect(base.releases).toEqual([
      {
        id: 'r',
        tracks: { stable: { pool: 'shop' }, canary: { pool: 'next' } },
        key: { kind: 'client-address' },
        steps: [0.01, 0.05, 0.25, 0.5].map((weight) => ({ weight, pause: 300_000, approval: false })),
        analysis: { minimumSample: 500, errorMargin: 0.005, slowFactor: 2, hardErrorShare: 0.25, patience: 3_600_000 },
        rollback: 'instant',
        onDeploy: 'keep',
      },
    ])
    expect(base.routes[0]?.action).toEqual({
      kind: 'forward',
      pools: [{ pool: 'shop', weight: 1 }],
      release: { id: 'r', canary: { pool: 'next', weight: 1 } },
    })
  })

  test('no release, no field', () => expect(Object.keys(baseOf(document()))).not.toContain('releases'))

  test('the committed example: every dial has a value of its own', () => {
    const base = load('config/examples/releases.yaml')
    const [, checkout, search] = base.releases ?? []
    expect(checkout).toMatchObject({
      key: { kind: 'claim', claim: ['sub'] },
      override: { header: 'x-release-override', cookie: 'release-override', claim: ['release_track'] },
      regions: [['europe-west1'], ['us-east-1']],
      rollback: 'step-down',
      schedule: { days: [1, 2, 3, 4], from: 8, to: 16 },
      onDeploy: 'flag',
    })
    expect(checkout?.steps.map(({ weight, mirror, approval }) => [weight, mirror, approval])).toEqual([
      [0, 0.1, false],
      [0.0025, undefined, false],
      [0.05, undefined, false],
      [0.5, undefined, true],
      [1, undefined, false],
    ])
    expect(search?.key).toEqual({ kind: 'cookie', name: 'edge-track', ttl: 86_400_000 })
    expect(routeOf(base, 'routes[2]')?.action).toMatchObject({
      release: { canary: { pool: 'shop', requestHeaders: { set: [['x-version', 'next']] } } },
    })
  })

  test.each([
    ['{ header: X-User }', { kind: 'header', name: 'x-user' }],
    ['{ cookie: sid }', { kind: 'cookie', name: 'sid', ttl: 2_592_000_000 }],
    ['{ clientAddress: true }', { kind: 'client-address' }],
  ])('key %s', (key, expected) => expect(baseOf(released(`key: ${key}`)).releases?.[0]?.key).toEqual(expected))
})

describe('contradictions', () => {
  test.each([
    [
      'a canary pool that does not exist',
      'canary: { pool: nxt }',
      'releases.r.canary.pool  expected a pool of this file: shop, next, found "nxt"  (did you mean "next"?)',
    ],
    [
      'the same pool for both',
      'canary: { pool: shop }',
      `releases.r.canary  expected another pool than that of stable, or other "requestHeaders": nobody could tell the tracks apart, found the pool shop for both`,
    ],
    [
      'a header set and removed',
      'canary: { pool: next, requestHeaders: { set: { x-a: b }, remove: [x-a] } }',
      'releases.r.canary.requestHeaders.remove[0]  expected a header that is not set or added beside it, found "x-a"',
    ],
    [
      'two keys',
      'key: { header: x-a, cookie: b }',
      'releases.r.key  expected exactly one of claim, certificate, cookie, header, clientAddress, found cookie and header',
    ],
    ['no key', 'key: {}', 'releases.r.key  expected exactly one of claim, certificate, cookie, header, clientAddress, found none of them'],
    [
      'a lifetime of no cookie',
      'key: { header: x-a, ttl: 10m }',
      'releases.r.key.ttl  expected a key "cookie" beside it, which it is for, found "10m"',
    ],
    ['an override of nothing', 'override: {}', 'releases.r.override  expected at least one of header, cookie, claim, found a mapping'],
    [
      'the key as override',
      'key: { cookie: a }\noverride: { cookie: a }',
      'releases.r.override.cookie  expected another one than that of "key", which says who somebody is and not which track they want, found "a"',
    ],
    [
      'the header of the key as override',
      'key: { header: x-a }\noverride: { header: X-A }',
      'releases.r.override.header  expected another one than that of "key", which says who somebody is and not which track they want, found "X-A"',
    ],
    ['no steps', 'steps: []', 'releases.r.steps  expected at least one step, found an empty list'],
    [
      'steps that do not rise',
      'steps: [{ weight: 5% }, { weight: 1% }]',
      'releases.r.steps[1].weight  expected more than the 5% of the step before it, found "1%"',
    ],
    [
      'a step that stays',
      'steps: [{ weight: 5% }, { weight: 5%, pause: 10m }]',
      'releases.r.steps[1].weight  expected more than the 5% of the step before it, found "5%"',
    ],
    [
      'more than all',
      'steps: [{ weight: 101% }]',
      'releases.r.steps[0].weight  expected a share from 0% to 100%, such as "20%" or "0.25%", found "101%"',
    ],
    [
      'a weight finer than it can be',
      'steps: [{ weight: 0.001% }]',
      'releases.r.steps[0].weight  expected a share from 0% to 100%, such as "20%" or "0.25%", found "0.001%"',
    ],
    [
      'a mirror that users see',
      'steps: [{ weight: 1%, mirror: 5% }]',
      'releases.r.steps[0].mirror  expected no mirror, or "weight: 0%" beside it: users see this step, found "5%"',
    ],
    [
      'a step without anything',
      'steps: [{ weight: 0% }, { weight: 1% }]',
      'releases.r.steps[0].weight  expected more than 0%, or a "mirror" beside it: nothing would be learnt, found "0%"',
    ],
    [
      'one step to go down',
      'steps: [{ weight: 5% }]\nrollback: step-down',
      'releases.r.rollback  expected "instant", or at least two steps above 0% to go down, found "step-down"',
    ],
    [
      'a region of nobody',
      'regions: [[us-east-2]]',
      'releases.r.regions[0][0]  expected a region of an endpoint of stable: us-east-1, europe-west1, found "us-east-2"  (did you mean "us-east-1"?)',
    ],
    [
      'a region that stable alone has',
      'regions: [[us-east-1], [europe-west1]]',
      'releases.r.regions[1][0]  expected a region in which the canary has an endpoint: us-east-1, found "europe-west1"',
    ],
    [
      'a region twice',
      'regions: [[us-east-1], [us-east-1, us-east-2]]',
      'releases.r.regions[1][0]  expected each region once (regions[0] has it), found "us-east-1"',
    ],
    [
      'a margin above the limit',
      'analysis: { errorMargin: 30% }',
      'releases.r.analysis.errorMargin  expected less than the hard limit of 25%, which ends the release at once, found 30%',
    ],
    [
      'a pause longer than the patience',
      'steps: [{ weight: 1%, pause: 60m }]',
      'releases.r.steps[0].pause  expected less than the patience of 60m, after which the step is inconclusive, found 60m',
    ],
    [
      'hours that end before they begin',
      'schedule: { from: 20, to: 8 }',
      'releases.r.schedule.to  expected an hour later than "from" (20) on the same day, found 8',
    ],
    ['no day', 'schedule: { days: [] }', 'releases.r.schedule.days  expected at least one day, found an empty list'],
    [
      'a claim that nobody verifies',
      'key: { claim: sub }',
      'routes[0].release  expected an admission for shop.example.com that verifies tokens, for its key "claim", found "r"',
    ],
    [
      'a certificate that nobody verifies',
      'key: { certificate: true }',
      'routes[0].release  expected an admission for shop.example.com that verifies certificates, for its key "certificate", found "r"',
    ],
    [
      'an override claim that nobody verifies',
      'override: { claim: track }',
      'routes[0].release  expected an admission for shop.example.com that verifies tokens, for its override "claim", found "r"',
    ],
  ])('%s', (_why, fields, says) => expect(found(released(fields))).toContain(says))

  test('all at once, each in its place', () =>
    expect(
      found(released('key: {}\nsteps: [{ weight: 5% }, { weight: 1%, mirror: 1% }]\noverride: {}')).map((line) => line.split('  ')[0]),
    ).toEqual(['releases.r.key', 'releases.r.steps[1].weight', 'releases.r.steps[1].mirror', 'releases.r.override']))

  test.each<Case>([
    {
      why: 'a release that there is not',
      parts: { routes: '  - { hosts: [shop.example.com], release: chekout }' },
      says: ['7:43  routes[0].release  expected a release of this file: there is none, found "chekout"'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))

  test('a release that no route uses', () =>
    expect(found(released().replace('release: r }', 'pool: shop }'))).toEqual([
      'releases.r  expected a route with "release: r", or no release that none uses, found "r"',
    ]))

  test('a release beside a pool', () =>
    expect(found(released('', ', pool: shop'))).toContain('routes[0].release  expected nothing beside "pool", found "release"'))

  test('writes that have a home in the other pool', () => {
    const home = ', writes: home, home: aws-use1'
    expect(found(released('', home))).toEqual([
      'routes[0].writes  expected no home, or a release whose tracks have the same pool: the home is in shop, and the canary is next, found "home"',
    ])
    expect(found(released('canary: { pool: shop, requestHeaders: { set: { x-v: next } } }', home))).toEqual([])
  })

  test('a mirror to the canary beside a step that mirrors', () =>
    expect(found(released('steps: [{ weight: 0%, mirror: 5% }, { weight: 1% }]', ', mirrors: [{ pool: next }]'))).toEqual([
      'routes[0].mirrors[0].pool  expected another pool than that of the canary, to which a step of the release mirrors already, found "next"',
    ]))

  test('two cookies of one name', () => {
    const text = released('key: { cookie: sid }').replace(
      '  shop:\n',
      '  shop:\n    steering: affinity\n    affinity: { key: { cookie: sid } }\n',
    )
    expect(found(text)).toEqual(['releases.r.key.cookie  expected another cookie than that of pools.shop.affinity, found "sid"'])
  })

  test('nothing verified on the route', () => {
    const issuers = 'issuers:\n  people: { issuer: "https://id.example.com", audiences: [a], discovery: true }\n'
    const admission = 'admission:\n  - { hosts: [shop.example.com], tokens: [people] }\n'
    const text = (route: string) => released('key: { claim: sub }', route, issuers + admission)
    expect(found(text(''))).toEqual([])
    expect(found(text(', admission: { require: none }'))).toContain(
      'routes[0].admission.require  expected another demand, because nothing is verified here and the release has the key "claim", found "none"',
    )
  })
})

describe('what is said besides', () => {
  const said = (text: string) => notesOf(text).map((line) => line.replace(/^\S+ /, ''))
  test('regions that stay on stable', () =>
    expect(said(released('regions: [[us-east-1]]'))).toContain(
      'releases.r.regions: europe-west1 of stable is in no group: nobody there gets the canary',
    ))
  test('nothing rescues', () =>
    expect(said(released('', ', retry: { attemptsMax: 1 }'))).toContain(
      'routes[0].retry.attemptsMax: what fails on the canary is not rescued on stable',
    ))
  test('no pool of a release is unused', () => expect(said(released()).filter((line) => line.includes('no route uses'))).toEqual([]))
})
