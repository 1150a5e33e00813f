/**
 * A path has one route, however it is spelt: what a strict route demands is not walked around by an encoding that its endpoints undo. A failing
 * run prints its seed; SEED=N runs that one again.
 */
import { describe, expect, test } from 'vitest'
import type { PathMatch } from '../../../config/match.ts'
import { otherSpellings } from '../../../config/path-spelling.ts'
import { ambiguitiesOf } from '../../../worker/inbound/path-policy.ts'
import { explainMatch, showFailure } from '../../../worker/policy/explain-match.ts'
import { dice, SEED } from '../../seed.ts'
import { askedBy, type RouteParts, tableOf, takenBy } from './matching.ts'

const exact = (value: string): PathMatch => ({ kind: 'exact', value })
const prefix = (value: string): PathMatch => ({ kind: 'prefix', value })
const regex = (value: string): PathMatch => ({ kind: 'regex', value })

describe('the other spellings of a path', () => {
  test.each([
    ['/v1/users:export', []],
    ['/a%20b/caf%C3%A9', []],
    ['/v1/users%3Aexport', ['/v1/users:export']],
    ['/caf%c3%a9', ['/caf%C3%A9']],
    ['/a%2fb', ['/a%2Fb']],
    ['/%21%24%26%27%28%29%2a%2B%2C%3B%3D%3a%40%5B%5d%7c%41%7E', ["/!$&'()*+,;=:@[]|A~"]],
    ['/a%3Fb%3A', ['/a%3Fb:', '/a']],
    ['/a%23b', ['/a']],
    ['/a%20/b', ['/a/b']],
    ['/%20%20a%20b%20', ['/a%20b']],
    ['/%20', ['/']],
    ['/%20/admin', ['/admin']],
    ['/a/%20/%20', ['/a/']],
    ['/%22%3C%3E%5E%60%7B%7D%25', []],
  ])('%s: %j', (path, others) => expect(otherSpellings(path)).toEqual(others))
})

describe('a strict route beside one that takes all', () => {
  const routes: readonly RouteParts[] = [
    { id: 'strict', paths: [exact('/v1/users:export'), exact('/caf%C3%A9'), prefix('/admin'), regex('/x=.*')] },
    { id: 'loose', ambiguous: ['encodedUnreserved', 'semicolon'] },
  ]
  test.each([
    ['/v1/users:export', 'strict'],
    ['/v1/users%3Aexport', 'ambiguous-path'],
    ['/v1/users%3aexport', 'ambiguous-path'],
    ['/v1/users:export%3Fx', 'ambiguous-path'],
    ['/v1/users:export%23', 'ambiguous-path'],
    ['/v1/users:export%20', 'ambiguous-path'],
    ['/caf%C3%A9', 'strict'],
    ['/caf%c3%a9', 'ambiguous-path'],
    ['/%61dmin/x', 'ambiguous-path'],
    ['/admin%20/x', 'ambiguous-path'],
    ['/x%3D1', 'ambiguous-path'],
    // Below a prefix all spellings are its own.
    ['/admin/ann%40example.com', 'strict'],
    ['/people/ann%40example.com', 'loose'],
    ['/tags/c%23', 'loose'],
    ['/a%20b', 'loose'],
  ])('%s goes to %s', (path, id) => {
    expect(takenBy(routes, { path })).toBe(id)
    expect(takenBy(routes, { path }, 'first-match')).toBe(id)
  })

  test('takes both spellings where it names both', () => {
    const both: readonly RouteParts[] = [{ id: 'strict', paths: [exact('/a:b'), exact('/a%3Ab')] }, { id: 'loose' }]
    for (const path of ['/a:b', '/a%3Ab']) expect(takenBy(both, { path })).toBe('strict')
    expect(takenBy(both, { path: '/a%3ab' })).toBe('ambiguous-path')
  })

  test('says to the operator which route takes it in another spelling', () => {
    const explained = explainMatch(tableOf(routes), askedBy({ path: '/v1/users%3Aexport' }))
    expect(explained.others.map(({ route, failed }) => `${route.id}: ${showFailure(failed)}`)).toEqual([
      'loose: path: takes it as it is spelt, and another route as endpoints may read it',
      'strict: path: takes another spelling of it, as endpoints may read it',
    ])
  })
})

const ROUNDS = 600
/** Of each round's path. */
const SPELLINGS = 20

type Draw = () => number
const pick = <Item>(draw: Draw, items: readonly [Item, ...Item[]]): Item => items[Math.floor(draw() * items.length)] ?? items[0]

/** As the configuration writes segments: usual spellings alone. */
const SEGMENTS = ['a', 'users:export', 'caf%C3%A9', 'x=1,2', 'a%20b', "~it's(1)+$&!", 'ann@example.com', '%E2%82%AC', '%5E%22'] as const

function randomStrict(draw: Draw): readonly [match: PathMatch, path: string] {
  const text = Array.from({ length: 1 + Math.floor(draw() * 2) }, () => `/${pick(draw, SEGMENTS)}`).join('')
  switch (pick(draw, ['exact', 'prefix', 'prefix-string', 'regex'] as const)) {
    case 'exact':
      return [exact(text), text]
    case 'prefix':
      return [prefix(text), draw() < 0.5 ? text : `${text}/b`]
    case 'prefix-string':
      return [{ kind: 'prefix-string', value: text }, draw() < 0.5 ? text : `${text}b`]
    default:
      return [regex(`${text.replace(/[.+?()[\]{}|$]/g, '[$&]')}.*`), `${text}b`]
  }
}

/** Some characters encoded, in digits of either case; what is encoded stays so. */
function respell(draw: Draw, path: string): string {
  const code = (char: string) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`
  const cased = (encoded: string) => (draw() < 0.5 ? encoded.toLowerCase() : encoded.toUpperCase())
  return path.replace(/%[0-9a-f]{2}|[^/]/gi, (each) => (each.length > 1 ? cased(each) : draw() < 0.2 ? cased(code(each)) : each))
}

test(`${ROUNDS * SPELLINGS} spellings of paths of strict routes, seed ${SEED}`, { timeout: 60_000 }, () => {
  const seen = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const draw = dice(SEED + round)
    const [match, path] = randomStrict(draw)
    const order = round % 2 === 0 ? 'most-specific' : 'first-match'
    const routes: readonly RouteParts[] = [
      { id: 'strict', paths: [match] },
      { id: 'loose', ambiguous: draw() < 0.7 ? ['encodedUnreserved', 'semicolon'] : [] },
      { id: 'loose', paths: [prefix('/a'), regex('/[^/]*')], methods: ['GET'], ambiguous: ['encodedUnreserved'] },
    ]
    const table = tableOf(routes, order)
    if (takenBy(table, { path }) !== 'strict') continue
    for (let count = 0; count < SPELLINGS; count += 1) {
      const spelling = respell(draw, path)
      if (ambiguitiesOf(spelling) === undefined) continue
      expect(decodeURIComponent(spelling)).toBe(decodeURIComponent(path))
      const taken = takenBy(table, { path: spelling })
      if (taken === 'loose') expect.fail(`${spelling} goes around ${JSON.stringify(match)}, ${order}; seed ${SEED}, round ${round}`)
      seen.set(taken, (seen.get(taken) ?? 0) + 1)
    }
  }
  // Each end is met, or the generator is at fault.
  for (const end of ['strict', 'ambiguous-path']) expect(seen.get(end) ?? 0, end).toBeGreaterThan(500)
})
