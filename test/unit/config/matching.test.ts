/** What requests are told apart by: paths, methods and headers. Each document has the defects that stand beside it, at their places, and no other. */
import { describe, expect, test } from 'vitest'
import { type Case, defectsOf, document, endpoint, notesOf } from './documents.ts'

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
        '7:54  routes[0].paths[0]  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "//a"  (write { regex: "//a" }, and "doubleSlash: allow" beside "paths")',
      ],
    },
    {
      why: 'encoded',
      parts: { route: 'paths: [/adm%69n]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "/adm%69n"  (write /admin)',
      ],
    },
    {
      why: 'one spelling of two',
      parts: {
        route: 'paths: ["/v1/a%3Ab", { exact: "/caf%c3%a9" }, "/v1/x:y", "/a%20b", "/caf%C3%A9", "/tags/c%23", { prefixString: "/b%20" }]',
      },
      says: [
        '7:54  routes[0].paths[0]  expected a route that takes /v1/a:b too, because most endpoints read it as the same path, found "/v1/a%3Ab"  (name /v1/a:b beside it, or instead)',
        '7:67  routes[0].paths[1]  expected a route that takes /caf%C3%A9 too, because most endpoints read it as the same path, found "/caf%c3%a9"  (name /caf%C3%A9 beside it, or instead)',
        '7:127  routes[0].paths[5]  expected a route that takes /tags/c too, because most endpoints read it as the same path, found "/tags/c%23"  (name /tags/c beside it, or instead)',
      ],
    },
    {
      why: 'both spellings',
      parts: { route: 'paths: ["/v1/a%3Ab", "/v1/a:b", { exact: "/caf%c3%a9" }, { exact: "/caf%C3%A9" }]' },
      says: [],
    },
    {
      why: 'an encoding whose character cannot be written',
      parts: { route: 'paths: [{ exact: "/a%2ab" }, "/x.y/%5Bz"]' },
      says: [
        '7:63  routes[0].paths[0].exact  expected a path without encodings of "*", "[", "]" and "|", which most endpoints read as these characters, found "/a%2ab"  (write { regex: "/a(?:[\\\\*]|%2A)b" }, which takes both)',
        '7:75  routes[0].paths[1]  expected a path without encodings of "*", "[", "]" and "|", which most endpoints read as these characters, found "/x.y/%5Bz"  (write { regex: "/x[.]y/(?:[\\\\[]|%5B)z(?:/.*)?" }, which takes both)',
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
      parts: { route: 'paths: [{ glob: /a* }]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path: "/api" takes all below it, { exact: "/api" } that one alone, { prefixString: "/api" } or { regex: "/api/.+" }, found a mapping',
      ],
    },
    {
      why: 'two kinds at once',
      parts: { route: 'paths: [{ exact: /a, regex: /a }]' },
      says: [
        '7:54  routes[0].paths[0]  expected a path: "/api" takes all below it, { exact: "/api" } that one alone, { prefixString: "/api" } or { regex: "/api/.+" }, found a mapping',
      ],
    },
    {
      why: 'a string prefix without a slash',
      parts: { route: 'paths: [{ prefixString: api }]' },
      says: [
        '7:70  routes[0].paths[0].prefixString  expected a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "api"  (write /api)',
      ],
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

describe('regular expressions', () => {
  const expected = 'expected a regular expression in RE2 syntax'
  test.each<Case>([
    {
      why: 'not closed',
      parts: { route: 'paths: [{ regex: "/a(b" }]' },
      says: [`7:63  routes[0].paths[0].regex  ${expected}, found "/a(b"  (missing closing ): \`/a(b\`)`],
    },
    {
      why: 'a look ahead',
      parts: { route: 'headers: { x-a: { regex: "(?!b).*" } }' },
      says: [
        `7:71  routes[0].headers.x-a.regex  ${expected}, found "(?!b).*"  (RE2 cannot look ahead or behind: write what the text must be)`,
      ],
    },
    {
      why: 'a back-reference',
      parts: { route: 'query: { q: { regex: "(a)\\\\1" } }' },
      says: [`7:67  routes[0].query.q.regex  ${expected}, found "(a)\\\\1"  (RE2 has no back-references)`],
    },
    {
      why: 'too large once written out',
      parts: { route: 'cookies: { c: { regex: "a{200}" } }' },
      says: [
        `7:69  routes[0].cookies.c.regex  ${expected} of at most 192 characters and classes once its counted repetitions are written out, found "a{200}"  (write + or * instead of a large count)`,
      ],
    },
    {
      why: 'too long',
      parts: { route: `paths: [{ regex: "/${'a'.repeat(600)}" }]` },
      says: [`7:63  routes[0].paths[0].regex  ${expected} of at most 512 characters, found "/${'a'.repeat(77)}…`],
    },
    {
      why: 'no path begins so',
      parts: { route: 'paths: [{ regex: "api/.*" }]' },
      says: [
        '7:63  routes[0].paths[0].regex  expected a regular expression that takes paths, whole; each begins with /, found "api/.*"  (write /api/.*)',
      ],
    },
    {
      why: 'no path holds a question mark',
      parts: { route: 'paths: [{ regex: "/a\\\\?b=.*" }]' },
      says: [
        '7:63  routes[0].paths[0].regex  expected a regular expression that takes paths, whole; each begins with /, found "/a\\\\?b=.*"',
      ],
    },
    {
      why: 'a path that the route does not want',
      parts: { route: 'doubleSlash: allow, paths: [{ regex: "/a//b%2F.*" }]' },
      says: [
        '7:83  routes[0].paths[0].regex  expected an expression that takes a path which is served: this one is ambiguous, found "/a//b%2F.*"  (write "encodedSlash: allow" beside it)',
      ],
    },
    {
      why: 'no cookie holds a semicolon',
      parts: { route: 'cookies: { c: { regex: "a;b" } }' },
      says: ['7:69  routes[0].cookies.c.regex  expected a regular expression that takes cookie values, whole, found "a;b"'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('conditions on values', () => {
  const forms = 'as a text, { regex: "…" }, or { present: true }'
  test.each<Case>([
    {
      why: 'a number',
      parts: { route: 'query: { page: 1 }' },
      says: [`7:61  routes[0].query.page  expected the value of a query parameter ${forms}, found 1  (write "1")`],
    },
    {
      why: 'a form that is unknown',
      parts: { route: 'headers: { x-a: { prefix: a } }' },
      says: [`7:62  routes[0].headers.x-a  expected the value of a header ${forms}, found a mapping`],
    },
    {
      why: 'a header twice',
      parts: { route: 'headers: { x-a: a, X-A: b }' },
      says: ['7:65  routes[0].headers.X-A  expected each header once, whatever its case, found "X-A"'],
    },
    {
      why: 'a cookie with a space',
      parts: { route: 'cookies: { c: a b }' },
      says: [
        '7:60  routes[0].cookies.c  expected the value of a cookie: printable ASCII without spaces, commas, semicolons, quotes and backslashes, at most 4096 characters, found "a b"',
      ],
    },
    {
      why: 'no country',
      parts: { route: 'countries: [UK, de, ZZ, EU, T1]' },
      says: [
        '7:58  routes[0].countries[0]  expected a country in two upper-case letters (ISO 3166-1), such as DE, or T1 for Tor, found "UK"  (write GB)',
        '7:62  routes[0].countries[1]  expected a country in two upper-case letters (ISO 3166-1), such as DE, or T1 for Tor, found "de"  (write DE)',
        '7:66  routes[0].countries[2]  expected a country in two upper-case letters (ISO 3166-1), such as DE, or T1 for Tor, found "ZZ"',
        '7:70  routes[0].countries[3]  expected a country in two upper-case letters (ISO 3166-1), such as DE, or T1 for Tor, found "EU"  (write continents: [EU])',
      ],
    },
    {
      why: 'an order of its own',
      parts: { rest: 'matching: { order: first }' },
      says: ['8:20  matching.order  expected one of most-specific, first-match, found "first"  (did you mean "first-match"?)'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

test('many expressions of a host that begin with no fixed text are said', () => {
  const wide = (count: number, text: string) => {
    const route = (index: number) => `  - { hosts: [shop.example.com], paths: [{ regex: "${text}/x${index}" }], pool: shop }`
    return notesOf(document({ routes: Array.from({ length: count }, (_, index) => route(index)).join('\n') })).filter((note) =>
      note.includes('fixed text'),
    )
  }
  expect(wide(51, '/[^/]+')).toEqual([expect.stringMatching(/51 expressions of the host shop\.example\.com .* about 10 ms$/)])
  expect(wide(50, '/[^/]+')).toEqual([])
  expect(wide(60, '/api/[^/]+')).toEqual([])
})
