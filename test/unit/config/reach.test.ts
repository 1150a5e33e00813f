/** Routes that can never be reached, found when the file is checked; and others that look so, which are not refused. */
import { describe, expect, test } from 'vitest'
import { defectsOf, document } from './documents.ts'

/** Two or more routes of one host, each by its fields beside host and pool. */
function refusedOf(routes: readonly string[], order: 'most-specific' | 'first-match' = 'most-specific'): readonly string[] {
  const lines = routes.map(
    (fields, index) => `  - { name: r${index}, hosts: [a.example.org], pool: shop${fields === '' ? '' : `, ${fields}`} }`,
  )
  const defects = defectsOf(document({ routes: lines.join('\n'), rest: `matching: { order: ${order} }` }))
  return defects.map(
    (line) => /routes\[(\d+)\] {2}expected a match that (.*) does not take already/.exec(line)?.slice(1).join(' by ') ?? line,
  )
}

describe('when the most specific goes first', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['the same', ['', ''], ['1 by r0']],
    ['the same expression', ['paths: [{ regex: /a+ }]', 'paths: [{ regex: /a+ }]'], ['1 by r0']],
    ['the same query', ['query: { q: "1" }', 'query: { q: "1" }'], ['1 by r0']],
    ['a value where presence was asked', ['headers: { x-a: { present: true } }', 'headers: { x-a: "1" }'], ['1 by r0']],
    ['an expression where presence was asked', ['cookies: { c: { present: true } }', 'cookies: { c: { regex: a+ } }'], ['1 by r0']],
    ['fewer countries', ['countries: [DE, FR]', 'countries: [DE]'], ['1 by r0']],
    ['fewer methods', ['methods: [GET, POST]', 'methods: [POST]'], ['1 by r0']],
    ['a port of several', ['ports: [443, 8443]', 'ports: [8443]'], ['1 by r0']],
    ['an expression for everything, before', ['paths: [{ regex: /.* }]', 'paths: [/a]'], ['1 by r0']],
    ['an expression for everything, behind', ['paths: [/a]', 'paths: [{ regex: .* }]'], ['0 by r1']],
    [
      'an expression for everything of one method',
      ['paths: [/a], methods: [GET]', 'paths: [{ regex: .* }], methods: [GET, POST]'],
      ['0 by r1'],
    ],
    ['two that together take all', ['methods: [GET]', 'methods: [POST]', 'methods: [POST, GET]'], ['2 by r1, r0']],
  ])('%s', (_, routes, refused) => expect(refusedOf(routes)).toEqual(refused))

  test.each<[string, readonly string[]]>([
    ['one that asks for more goes first', ['', 'headers: { x-a: "1" }', 'methods: [GET]', 'query: { q: "1" }', 'schemes: [https]']],
    ['a path below', ['', 'paths: [/a]', 'paths: [{ exact: /a }]', 'paths: [{ prefixString: /a }]', 'paths: [{ regex: "/a[0-9]" }]']],
    ['another value', ['headers: { x-a: "1" }', 'headers: { x-a: "2" }']],
    ['presence where a value was asked', ['headers: { x-a: "1" }', 'headers: { x-a: { present: true } }']],
    ['absence', ['headers: { x-a: { present: true } }', 'headers: { x-a: { present: false } }']],
    ['more countries', ['countries: [DE]', 'countries: [DE, FR]']],
    ['an exact path beside an expression for everything', ['paths: [{ exact: /a }]', 'paths: [{ regex: .* }]']],
    ['an expression for everything that asks for more', ['paths: [/a]', 'paths: [{ regex: .* }], headers: { x-a: "1" }']],
    ['two expressions for everything, told apart', ['paths: [{ regex: .* }]', 'paths: [{ regex: .* }], headers: { x-a: "1" }']],
    ['everything as prefix and as expression', ['countries: [DE]', 'paths: [{ regex: .* }], countries: [FR]']],
  ])('not %s', (_, routes) => expect(refusedOf(routes)).toEqual([]))
})

describe('when the first match wins', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['everything before', ['', 'paths: [/a], headers: { x-a: "1" }', 'paths: [{ regex: "/a[0-9]" }]'], ['1 by r0', '2 by r0']],
    [
      'a prefix above',
      ['paths: [/a]', 'paths: [/a/b]', 'paths: [{ exact: /a }]', 'paths: [{ regex: "/a/[0-9]+" }]'],
      ['1 by r0', '2 by r0', '3 by r0'],
    ],
    [
      'a string prefix above',
      ['paths: [{ prefixString: /a }]', 'paths: [/ab/c]', 'paths: [{ prefixString: /ab }]'],
      ['1 by r0', '2 by r0'],
    ],
    ['fewer demands above', ['paths: [/a], headers: { x-a: "1" }', 'paths: [/a/b], headers: { x-a: "1", x-b: "2" }'], ['1 by r0']],
    ['two paths, each below another route', ['paths: [/a]', 'paths: [/b]', 'paths: [/a/x, /b/y]'], ['2 by r0, r1']],
  ])('%s', (_, routes, refused) => expect(refusedOf(routes, 'first-match')).toEqual(refused))

  test.each<[string, readonly string[]]>([
    ['everything behind', ['paths: [/a]', '']],
    ['a longer word', ['paths: [/a]', 'paths: [/ab]', 'paths: [{ prefixString: /ab }]', 'paths: [{ prefixString: /a }]']],
    ['another method', ['methods: [GET]', 'paths: [/a]', 'paths: [/b], methods: [POST]']],
    ['one path of two', ['paths: [/a]', 'paths: [/a/x, /b]']],
    ['more demands above', ['headers: { x-a: "1" }', 'paths: [/a]']],
  ])('not %s', (_, routes) => expect(refusedOf(routes, 'first-match')).toEqual([]))
})

test('hosts are told apart in both orders', () => {
  const routes = '  - { hosts: ["*.example.org"], pool: shop }\n  - { hosts: [a.example.org], pool: shop }'
  expect(defectsOf(document({ routes, rest: 'matching: { order: first-match }' }))).toEqual([])
})
