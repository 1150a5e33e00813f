/** The example of docs/admission.md does what the table below it says. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { Base } from '../../../config/base.ts'
import { admit } from '../../../worker/policy/admit.ts'
import { hostPatterns, ofMostSpecific } from '../../../worker/policy/host-patterns.ts'
import { MatchRequest } from '../../../worker/policy/match-request.ts'
import { matchRoute } from '../../../worker/policy/match-route.ts'
import { makeRouteTable } from '../../../worker/policy/route-table.ts'
import { snippetsOf } from '../../docs/check-document.ts'
import { baseOf } from '../config/documents.ts'
import { ROOT } from '../config/load-example.ts'
import { type AskedParts, identityOf } from './asking.ts'
import { headOf, lookup } from './matching.ts'

const path = 'docs/admission.md'
const text = readFileSync(resolve(ROOT, path), 'utf8')
const [example] = snippetsOf({ path, text }).filter(({ kind }) => kind === 'yaml gateway')
const base: Base = baseOf(example?.text ?? '')

/** What becomes of a request: its route, or the code and the reason. */
function outcome(parts: AskedParts): string {
  const host = 'shop.example.com'
  const table = makeRouteTable(base)
  const admissions = hostPatterns(new Map(base.admission?.hosts.map((each) => [each.pattern, each])))
  const identity = { ...identityOf(parts), host: ofMostSpecific(admissions, host) ?? identityOf(parts).host }
  const head = { ...headOf({ ...parts, host }), address: parts.address }
  const asked = new MatchRequest(head, lookup(parts), identity)
  const match = matchRoute(table, asked)
  if (match.kind !== 'route') return match.kind
  const admission = admit(match.route, asked, table.rulesOf)
  return admission.kind === 'refused' ? `${admission.code} ${admission.rule ?? admission.reason}` : match.route.id
}

const BLUE = { tenant: 'blue' }
const ADMIN = { roles: ['admin'] }
const FEED = { spiffe: 'spiffe://partner.example/ns/feed/sa/a' }
const NO_RULE = 'ERR_FORBIDDEN no rule of the host allows it'

test.each<[asked: AskedParts, outcome: string]>([
  [{ path: '/cart', country: 'DE' }, 'ERR_TOKEN_REQUIRED no token; no certificate'],
  [{ path: '/cart', country: 'DE', claims: BLUE }, 'shop'],
  [{ path: '/cart', country: 'DE', claims: { ...BLUE, tier: 'gold' } }, 'gold'],
  [{ path: '/cart', country: 'DE', claims: {} }, NO_RULE],
  [{ path: '/cart', country: 'KP', claims: BLUE }, 'ERR_FORBIDDEN embargo'],
  [{ path: '/cart', claims: BLUE }, 'ERR_FORBIDDEN embargo'],
  [{ path: '/admin', country: 'DE', claims: ADMIN, address: '203.0.113.7' }, 'shop'],
  [{ path: '/admin', country: 'DE', claims: ADMIN, address: '198.51.100.7' }, 'ERR_FORBIDDEN no-admin'],
  [{ path: '/feed/x', country: 'DE', certificate: FEED }, 'shop'],
  [{ path: '/cart', country: 'DE', certificate: FEED }, NO_RULE],
  [{ path: '/healthz', country: 'DE' }, NO_RULE],
])('%j: %s', (asked, expected) => expect(outcome(asked)).toBe(expected))
