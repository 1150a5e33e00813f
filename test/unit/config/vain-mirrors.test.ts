/** Mirrors that could never get a copy, because their route takes no method that is copied. */
import { expect, test } from 'vitest'
import { defectsOf, document } from './documents.ts'

const WANTED = '"all", or GET, HEAD or OPTIONS among the methods of the route: "safe" copies nothing else'

test.each([
  ['methods: [POST, PUT], mirrors: [{ pool: shop }]', [`routes[0].mirrors[0].methods  expected ${WANTED}, found POST, PUT`]],
  ['methods: [POST, PUT], mirrors: [{ pool: shop, methods: all }]', []],
  ['methods: [POST, GET], mirrors: [{ pool: shop }]', []],
  ['methods: [post], mirrors: [{ pool: shop }]', [expect.stringContaining('routes[0].methods[0]')]],
])('%s', (route, expected) => expect(defectsOf(document({ route })).map((line) => line.replace(/^\d+:\d+ {2}/, ''))).toEqual(expected))
