/** What requests are told apart by: paths, methods and headers. Each document has the defects that stand beside it, at their places, and no other. */
import { describe, expect, test } from 'vitest'
import { type Case, defectsOf, document, endpoint } from './documents.ts'

describe('paths and methods', () => {
  test.each<Case>([
    {
      why: 'no slash',
      parts: { route: 'paths: [api]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "api"  (write /api)',
      ],
    },
    {
      why: 'a star',
      parts: { route: 'paths: [/api/*]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "/api/*"  (a prefix takes all below it: write /api)',
      ],
    },
    {
      why: 'a query',
      parts: { route: 'paths: ["/api?x=1"]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "/api?x=1"',
      ],
    },
    {
      why: 'dots',
      parts: { route: 'paths: [/a/../b]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "/a/../b"',
      ],
    },
    {
      why: 'doubled',
      parts: { route: 'paths: [//a]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "//a"',
      ],
    },
    {
      why: 'encoded',
      parts: { route: 'paths: [/adm%69n]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "/adm%69n"',
      ],
    },
    {
      why: 'exact, without a slash',
      parts: { route: 'paths: [{ exact: api }]' },
      says: [
        '7:63  routes[0].paths[0].exact  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "api"  (write /api)',
      ],
    },
    {
      why: 'a kind that is unknown',
      parts: { route: 'paths: [{ regex: a+ }]' },
      says: ['7:54  routes[0].paths[0]  expected a path: "/api" takes all below it, { exact: "/api" } that one alone, found a mapping'],
    },
    {
      why: 'lower case',
      parts: { route: 'methods: [get]' },
      says: ['7:56  routes[0].methods[0]  expected a method in upper case, such as GET; not CONNECT or TRACE, found "get"  (write GET)'],
    },
    {
      why: 'TRACE',
      parts: { route: 'methods: [TRACE]' },
      says: ['7:56  routes[0].methods[0]  expected a method in upper case, such as GET; not CONNECT or TRACE, found "TRACE"'],
    },
    {
      why: 'the same prefix twice',
      parts: { route: 'paths: [/a, /a/]' },
      says: ['7:58  routes[0].paths[1]  expected each of the paths once, found "/a/"'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('headers', () => {
  test.each<Case>([
    {
      why: 'Meridian sets it',
      parts: { aws: endpoint('headers: { X-Forwarded-For: me }') },
      says: [
        '4:100  pools.shop.endpoints.aws-use1.headers.X-Forwarded-For  expected a header that Meridian does not set or remove by itself, found "X-Forwarded-For"',
      ],
    },
    {
      why: 'the platform sets it',
      parts: { aws: endpoint('monitor: { headers: { host: me } }') },
      says: [
        '4:111  pools.shop.endpoints.aws-use1.monitor.headers.host  expected a header that Meridian does not set or remove by itself, found "host"',
      ],
    },
    {
      why: 'an underscore',
      parts: { aws: endpoint('headers: { x_edge: 1 }') },
      says: [
        '4:100  pools.shop.endpoints.aws-use1.headers.x_edge  expected a header name of letters, digits and hyphens, found "x_edge"  (write x-edge)',
        '4:108  pools.shop.endpoints.aws-use1.headers.x_edge  expected a header value: printable ASCII without spaces at its ends, at most 4096 characters, found 1  (write "1")',
      ],
    },
    {
      why: 'a line break',
      parts: { aws: endpoint('headers: { x-edge: "a\\r\\nb: c" }') },
      says: [
        '4:108  pools.shop.endpoints.aws-use1.headers.x-edge  expected a header value: printable ASCII without spaces at its ends, at most 4096 characters, found "a\\r\\nb: c"',
      ],
    },
    {
      why: 'twice',
      parts: { aws: endpoint('headers: { x-edge: a, X-Edge: b }') },
      says: ['4:111  pools.shop.endpoints.aws-use1.headers.X-Edge  expected each header once, whatever its case, found "X-Edge"'],
    },
    {
      why: 'no name',
      parts: { route: 'headers: { "": a }' },
      says: ['7:57  routes[0].headers.  expected a header name of letters, digits and hyphens, found ""'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})
