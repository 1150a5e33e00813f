/**
 * Path tricks against rules (S4 of the scorecard): thousands of spellings of paths that a rule denies. Whatever is let in is a path that no
 * server reads as a denied one, and it is sent on as it was judged; all else is 400 or 403.
 */
import { expect, test } from 'vitest'
import { ambiguitiesOf } from '../../../worker/inbound/path-policy.ts'
import { denial } from '../../../worker/policy/authorize.ts'
import { dice, SEED } from '../../seed.ts'
import { asking, authorizationOf, rulesOf } from './asking.ts'

const TRICKS = 60_000

const DENIED = ['/admin', '/internal/keys', '/caf%C3%A9', '/a!b']
const RULES = rulesOf(
  authorizationOf([
    { effect: 'deny', paths: DENIED.map((value) => ({ kind: 'prefix' as const, value })) },
    { effect: 'deny', paths: [{ kind: 'regex', value: '/users/[0-9]+/secrets(/.*)?' }] },
    { effect: 'allow' },
  ]),
)
const TARGETS = [...DENIED, '/users/7/secrets', '/admin/x', '/internal/keys/1']

type Draw = () => number
const pick = (draw: Draw, items: readonly string[]): string => items[Math.floor(draw() * items.length)] ?? ''
const hex = (draw: Draw, char: string): string => {
  const digits = char.charCodeAt(0).toString(16).padStart(2, '0')
  return `%${draw() < 0.5 ? digits : digits.toUpperCase()}`
}

const INSERTS = [
  '/',
  '//',
  '/./',
  '/../',
  '/x/../',
  '%2f',
  '%2F',
  '%5c',
  '\\',
  ';',
  ';x=y',
  '%3b',
  '%00',
  '%20',
  '%09',
  '.',
  '%2e',
  '%2e%2e/',
  '/..;/',
  '%252f',
  '%c0%af',
  '?',
  '#',
  '%3f',
  '%23',
  ' ',
  '\t',
]

function trick(draw: Draw): string {
  let path = pick(draw, TARGETS)
  const times = 1 + Math.floor(draw() * 3)
  for (let step = 0; step < times; step += 1) {
    const at = Math.floor(draw() * (path.length + 1))
    const kind = draw()
    if (kind < 0.35) path = path.slice(0, at) + pick(draw, INSERTS) + path.slice(at)
    else if (kind < 0.7 && at < path.length) path = path.slice(0, at) + hex(draw, path.charAt(at)) + path.slice(at + 1)
    else if (kind < 0.8) path = path.replace(/%[0-9a-f]{2}/gi, (each) => (draw() < 0.5 ? each.toLowerCase() : each.toUpperCase()))
    else if (kind < 0.9) path += pick(draw, ['/', '/x', '?x', '%3Fx', '%23x', '//', '/.', `/${'a'.repeat(5000)}`])
    else path = `${pick(draw, ['/', '/x/..', '/.', '/%2e', '//', '/x%2f..', '/x/..%20', '/x/%20..', '/%20.'])}${path}`
  }
  return path
}

/** As a server reads a path that decodes first, forgives everything and cuts at what ends a path: the worst of those in the scorecard. */
function lenient(path: string): string {
  let text = path.split(/[?#]/)[0] ?? ''
  for (let round = 0; round < 2; round += 1) {
    try {
      text = decodeURIComponent(text)
    } catch {
      return text
    }
  }
  const plain = (text.split(/[?#\0]/)[0] ?? '').replaceAll('\\', '/').replace(/;[^/]*/g, '')
  const kept: string[] = []
  for (const segment of plain.split('/').map((each) => each.trim())) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}`
}

const below = (denied: string, path: string): boolean => path === denied || path.startsWith(`${denied}/`)
const isDenied = (read: string): boolean =>
  DENIED.some((denied) => below(decodeURIComponent(denied), read)) || /^\/users\/[0-9]+\/secrets(?:\/|$)/.test(read)

test(`${TRICKS} tricks, seed ${SEED}`, { timeout: 60_000 }, () => {
  const draw = dice(SEED)
  const seen = { refused: 0, denied: 0, allowed: 0 }
  for (let round = 0; round < TRICKS; round += 1) {
    const path = trick(draw)
    // The runtime takes the query off before anything is read.
    const target = path.split('?')[0] ?? ''
    const ambiguities = ambiguitiesOf(target)
    // No route here allows an ambiguous path.
    if (ambiguities !== 0) {
      seen.refused += 1
      continue
    }
    const denied = denial(RULES, asking({ path: target })) !== undefined
    seen[denied ? 'denied' : 'allowed'] += 1
    if (!denied && isDenied(lenient(target)))
      expect.fail(`${JSON.stringify(path)} is let in, and a lenient server reads ${lenient(target)}; seed ${SEED}`)
  }
  // Each end is met, or the generator is at fault.
  for (const [end, count] of Object.entries(seen)) expect(count, end).toBeGreaterThan(500)
})

test('a route that allows ambiguous paths is told nothing by a rule on paths: it is denied', () => {
  for (const path of ['/x%2fadmin', '//admin', '/%61dmin', '/admin;x', '/y;/admin'])
    expect(denial(RULES, asking({ path })), path).toBeDefined()
})
