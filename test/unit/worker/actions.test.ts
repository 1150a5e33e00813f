/** What a route does without asking an endpoint, and which of its pools it draws: the Gateway API's tables, and laws. */
import { describe, expect, test } from 'vitest'
import type { RedirectAction, WeightedPool } from '../../../config/action.ts'
import { poolId } from '../../../config/ids.ts'
import type { PathMatch } from '../../../config/match.ts'
import { draw as drawOf } from '../../../config/units.ts'
import { isServed } from '../../../worker/inbound/path-policy.ts'
import { changePath } from '../../../worker/policy/change-path.ts'
import { drawPool, totalWeight } from '../../../worker/policy/draw-pool.ts'
import { type RequestTarget, redirectLocation } from '../../../worker/policy/redirect.ts'
import { dice, SEED } from '../../seed.ts'
import { compiled } from '../../workerd/gateway/base.ts'

const weighted = (...weights: readonly number[]): readonly WeightedPool[] =>
  weights.map((weight, index) => ({ pool: poolId(`p${index}`), weight }))
const forward = (...weights: readonly number[]) => ({ kind: 'forward' as const, pools: weighted(...weights) })

describe('the pool that is drawn', () => {
  test(`has its share of many requests, seed ${SEED}`, () => {
    const roll = dice(SEED)
    for (let round = 0; round < 20; round += 1) {
      const action = forward(...Array.from({ length: 2 + Math.floor(roll() * 5) }, () => Math.floor(roll() * 4) * Math.floor(roll() * 50)))
      const total = totalWeight(action.pools)
      if (total === 0) continue
      const draws = 10_000
      const taken = new Map<string, number>()
      // Evenly spread draws: the share is exact but for one at each border.
      for (let index = 0; index < draws; index += 1) {
        const { pool = '' } = drawPool(action, false, drawOf((index + roll() * 0.999) / draws)) ?? {}
        taken.set(pool, (taken.get(pool) ?? 0) + 1)
      }
      for (const { pool, weight } of action.pools) {
        expect(Math.abs((taken.get(pool) ?? 0) - (weight / total) * draws), `${pool} of ${JSON.stringify(action)}`).toBeLessThanOrEqual(2)
        if (weight === 0) expect(taken.get(pool)).toBeUndefined()
      }
    }
  })

  test.each([[[0]], [[0, 0]], [[]]])('is none with the weights %j', (weights) =>
    expect(drawPool(forward(...weights), false, drawOf(0.5))).toBeUndefined(),
  )

  test('leaves the shares of replies to them', () => {
    const reply = { kind: 'reply', status: 500, headers: [] } as const
    const action = { ...forward(3, 0), replies: [{ weight: 1, reply }] }
    expect(drawPool(action, false, drawOf(0.74))?.pool).toBe('p0')
    expect(drawPool(action, false, drawOf(0.76))).toEqual({ weight: 1, reply })
    expect(drawPool({ ...forward(0), replies: [{ weight: 1, reply }] }, false, drawOf(0.1))).toEqual({ weight: 1, reply })
    expect(drawPool({ ...forward(0), replies: [{ weight: 0, reply }] }, false, drawOf(0.1))).toBeUndefined()
  })

  test('is that of the home for a write that has one, whatever is drawn', () => {
    const action = { ...forward(99, 1), homePool: poolId('p1') }
    expect(drawPool(action, true, drawOf(0))?.pool).toBe('p1')
    expect(drawPool(action, false, drawOf(0))?.pool).toBe('p0')
  })
})

const prefixes = (...values: readonly string[]): readonly PathMatch[] => values.map((value) => ({ kind: 'prefix', value }))

describe('a prefix is replaced', () => {
  // Gateway API, HTTPPathModifier, the table of `replacePrefixMatch`; the configuration has taken the trailing slash away.
  test.each([
    ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
    ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
    ['/foo', '/foo', '/xyz', '/xyz'],
    ['/foo/', '/foo', '/xyz', '/xyz/'],
    ['/foo/bar', '/foo', '', '/bar'],
    ['/foo/', '/foo', '', '/'],
    ['/foo', '/foo', '', '/'],
    ['/foo/bar', '/', '/xyz', '/xyz/foo/bar'],
    ['/', '/', '/xyz', '/xyz/'],
  ])('%s, matched by %s, to "%s": %s', (path, prefix, value, expected) =>
    expect(changePath({ kind: 'prefix', value }, path, prefixes(prefix))).toBe(expected),
  )

  test('and it is the longest that the path has by whole segments', () => {
    expect(changePath({ kind: 'prefix', value: '/x' }, '/a/b/c', prefixes('/', '/a', '/a/b', '/a/b/cc'))).toBe('/x/c')
  })

  test(`by whole segments: what was behind it stays, seed ${SEED}`, () => {
    const roll = dice(SEED)
    const segments = (count: number) => Array.from({ length: count }, () => `/${'abc'.charAt(Math.floor(roll() * 3))}`).join('')
    for (let round = 0; round < 2000; round += 1) {
      const [prefix, rest, value] = [segments(Math.floor(roll() * 3)), segments(Math.floor(roll() * 3)), segments(Math.floor(roll() * 3))]
      const path = `${prefix}${rest}${roll() < 0.3 ? '/' : ''}` || '/'
      const changed = changePath({ kind: 'prefix', value }, path, prefixes(prefix || '/'))
      expect(changed.startsWith('/') && !changed.includes('//'), `${path} by ${prefix} to ${value}: ${changed}`).toBe(true)
      const behind = (text: string) => text.split('/').filter((each) => each !== '')
      expect(behind(changed)).toEqual([...behind(value), ...behind(path.slice(prefix.length))])
    }
  })
})

test('a path that is too long for an expression is rewritten to none, not passed on', () => {
  const program = compiled('/(.*)')
  const change = { kind: 'regex', program, replacement: ['/t/', 1] } as const
  expect(changePath(change, `/${'a'.repeat(1023)}`, [])).toBe(`/t/${'a'.repeat(1023)}`)
  expect(changePath(change, `/${'a'.repeat(1024)}`, [])).toBe('')
  expect(isServed('', {})).toBe(false)
})

describe('a redirect', () => {
  const target: RequestTarget = { scheme: 'http', authority: 'A.test', host: 'a.test', path: '/old/x', query: '?q=1' }
  const to = (action: Partial<RedirectAction>, at: Partial<RequestTarget> = {}, paths: readonly PathMatch[] = prefixes('/old')) =>
    redirectLocation({ kind: 'redirect', status: 302, ...action }, { ...target, ...at }, paths)

  test.each<[Partial<RedirectAction>, Partial<RequestTarget>, string]>([
    [{ scheme: 'https' }, {}, 'https://a.test/old/x?q=1'],
    [{ host: 'b.test' }, {}, 'http://b.test/old/x?q=1'],
    [{ port: 8080 }, {}, 'http://a.test:8080/old/x?q=1'],
    // The default ports are not said.
    [{ port: 80, host: 'b.test' }, { authority: 'a.test:8080' }, 'http://b.test/old/x?q=1'],
    [{ scheme: 'https', port: 443 }, {}, 'https://a.test/old/x?q=1'],
    [{ scheme: 'http', port: 443 }, { scheme: 'https' }, 'http://a.test:443/old/x?q=1'],
    // A scheme brings its port; without one the port stays.
    [{ scheme: 'https' }, { authority: 'a.test:8080' }, 'https://a.test/old/x?q=1'],
    [{ host: 'b.test' }, { authority: 'a.test:8080' }, 'http://b.test:8080/old/x?q=1'],
    [{ host: 'b.test' }, { scheme: 'https', authority: 'a.test:443' }, 'https://b.test/old/x?q=1'],
    [{ host: 'b.test' }, { authority: '[::1]:8080', host: '[::1]' }, 'http://b.test:8080/old/x?q=1'],
    [{ port: 81 }, { authority: '[::1]', host: '[::1]' }, 'http://[::1]:81/old/x?q=1'],
    [{ path: { kind: 'full', value: '/new' } }, {}, 'http://a.test/new?q=1'],
    [{ path: { kind: 'prefix', value: '/new' } }, { query: '' }, 'http://a.test/new/x'],
  ])('%j of %j leads to %s', (action, at, location) => expect(to(action, at)).toBe(location))

  test(`always has the host of the configuration or of the request, seed ${SEED}`, () => {
    const roll = dice(SEED)
    const letters = ['/', '/a', '@', ':', '.', '%40', '&', 'evil.test', '//'.slice(1)]
    for (let round = 0; round < 2000; round += 1) {
      const path = `/${Array.from({ length: Math.floor(roll() * 6) }, () => letters[Math.floor(roll() * letters.length)]).join('')}`
      const host = roll() < 0.5 ? 'b.test' : undefined
      const change = roll() < 0.5 ? { path: { kind: 'prefix' as const, value: roll() < 0.5 ? '' : '/n' } } : {}
      const found = to({ port: 81, ...(host === undefined ? {} : { host }), ...change }, { path }, prefixes('/', '/a'))
      expect(new URL(found).host, path).toBe(`${host ?? 'a.test'}:81`)
    }
  })
})
