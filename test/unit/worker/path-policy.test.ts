/** What the path policy says of a path: nothing ambiguous, refused, or ambiguous in ways that a route may want. */
import { expect, test } from 'vitest'
import { ambiguitiesOf } from '../../../worker/inbound/path-policy.ts'
import { namesOf } from '../../../worker/policy/ambiguity.ts'

const said = (path: string) => {
  const found = ambiguitiesOf(path)
  return found === undefined ? 'refused' : namesOf(found).join(' ')
}

test.each([
  '/',
  '/a/b.c',
  '/.well-known/x',
  '/a...b/c..d',
  '/a%20b',
  '/a/hm..%20what/.x%20y',
  '/a/why..%3F',
  '/caf%C3%A9',
  '/%E2%82%AC',
  '/100%25',
  "/@me/(x)/*!$&'+,=:",
  '/a|b[c]',
  '/a%7Bc%7D%5E%22',
  '/a/',
  `/${'a'.repeat(8000)}`,
])('%s is served', (path) => expect(said(path)).toBe(''))

test.each([
  ['an encoded backslash', '/a/%5c../b'],
  ['a backslash', '/a\\..\\b'],
  ['a path parameter behind dots', '/..;/admin'],
  ['an encoded path parameter behind dots', '/..%3bx/admin'],
  ['an encoded NUL', '/admin%00'],
  ['an encoded line end', '/a%0d%0ab'],
  ['an encoded delete', '/a%7f'],
  ['encoded dots', '/%2e%2e/admin'],
  ['half encoded dots', '/a/.%2E'],
  ['one encoded dot', '/a/%2e/b'],
  ['dots before an encoded slash', '/..%2fadmin'],
  ['dots behind an encoded slash', '/a%2F..'],
  ['dots between encoded slashes', '/a%2f%2e%2e%2fb'],
  ['dots before an encoded space', '/public/..%20/admin'],
  ['dots behind an encoded space', '/public/%20../admin'],
  ['one dot between encoded spaces', '/a/%20.%20'],
  ['dots before an encoded query', '/a/b/..%3Fx'],
  ['dots before an encoded fragment', '/a/b/..%23x'],
  ['encoded dots before an encoded space', '/a/%2e%2e%20/b'],
  ['dots behind two slashes', '/a//../b'],
  ['an encoding of an encoding', '/%252e%252e/'],
  ['an encoding of an encoded slash', '/a%252fb'],
  ['no encoding', '/%zz'],
  ['half an encoding', '/a%2'],
  ['a lone percent sign', '/a%'],
  ['a long form of a slash', '/a%c0%afb'],
  ['a longer form of a slash', '/a%e0%80%afb'],
  ['a long form of a dot', '/%c0%ae%c0%ae/'],
  ['bytes that are no UTF-8', '/%ff'],
  ['a surrogate in UTF-8', '/%ed%a0%80'],
  ['dot segments', '/a/../b'],
  ['a dot segment at the end', '/a/..'],
  ['the same place', '/a/./b'],
  ['a raw space', '/a b'],
  ['raw UTF-8', '/é'],
  ['a fragment', '/a#b'],
  ['a quote that goes out as %22', '/a"b'],
  ['a bracket that goes out as %3C', '/a<b'],
  ['a bracket that goes out as %3E', '/a>b'],
  ['a circumflex that goes out as %5E', '/a^b'],
  ['a backtick that goes out as %60', '/a`b'],
  ['a brace that goes out as %7B', '/a{b'],
  ['a brace that goes out as %7D', '/a}b'],
  ['no slash', 'a'],
  ['nothing', ''],
  ['too much', `/${'a'.repeat(9000)}`],
])('%s is refused whatever a route says', (_, path) => expect(said(path)).toBe('refused'))

test.each([
  ['two slashes', '//admin', 'doubleSlash'],
  ['two slashes within', '/a//b', 'doubleSlash'],
  ['an encoded slash', '/a/%2f/b', 'encodedSlash'],
  ['an encoded slash, upper case', '/a%2Fb', 'encodedSlash'],
  ['a path parameter', '/admin;x=1', 'semicolon'],
  ['an encoded semicolon', '/admin%3bx', 'semicolon'],
  ['an encoded letter', '/adm%69n', 'encodedUnreserved'],
  ['an encoded capital', '/%41dmin', 'encodedUnreserved'],
  ['an encoded digit', '/%31', 'encodedUnreserved'],
  ['an encoded dot within', '/a%2eb', 'encodedUnreserved'],
  ['three encoded dots', '/%2e%2e%2e', 'encodedUnreserved'],
  ['an encoded tilde', '/%7euser', 'encodedUnreserved'],
  ['several at once', '/a//%41%2f;x', 'encodedSlash doubleSlash encodedUnreserved semicolon'],
])('%s is for the route to say', (_, path, names) => expect(said(path)).toBe(names))
