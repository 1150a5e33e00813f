/** Which claims meet which conditions. */
import { expect, test } from 'vitest'
import type { ClaimMatch, Claims } from '../../../config/claim.ts'
import { compileRegex } from '../../../config/regex/compile-regex.ts'
import { claimAt, claimCondition, claimHolds } from '../../../worker/policy/claims.ts'
import { Regex } from '../../../worker/policy/regex.ts'

const CLAIMS = JSON.parse(
  '{"sub":"ann","tenant":"blue","level":3,"beta":true,"empty":"","nothing":null,"roles":["reader","writer",7],"nested":[["deep"]],' +
    '"realm_access":{"roles":["admin"]},"https://example.com/plan":"gold","__proto__":{"admin":true}}',
) as Claims

const regexOf = (source: string): Regex => {
  const compiled = compileRegex(source)
  if (!('value' in compiled)) throw new Error(source)
  return new Regex(compiled.value)
}

const exact = (claim: string[], value: string): ClaimMatch => ({ claim, kind: 'exact', value })
const regex = (claim: string[], value: string): ClaimMatch => ({ claim, kind: 'regex', value })
const present = (...claim: string[]): ClaimMatch => ({ claim, kind: 'present' })

test.each<readonly [ClaimMatch, boolean]>([
  [exact(['tenant'], 'blue'), true],
  [exact(['tenant'], 'Blue'), false],
  [exact(['tenant'], 'blu'), false],
  [exact(['level'], '3'), true],
  [exact(['level'], '03'), false],
  [exact(['beta'], 'true'), true],
  [exact(['empty'], ''), true],
  [exact(['nothing'], 'null'), false],
  [exact(['nothing'], ''), false],
  [exact(['roles'], 'writer'), true],
  [exact(['roles'], '7'), true],
  [exact(['roles'], 'reader,writer,7'), false],
  [exact(['roles', '0'], 'reader'), false],
  [exact(['nested'], 'deep'), false],
  [exact(['realm_access', 'roles'], 'admin'), true],
  [exact(['realm_access'], '[object Object]'), false],
  [exact(['realm_access.roles'], 'admin'), false],
  [exact(['https://example.com/plan'], 'gold'), true],
  [exact(['missing'], 'undefined'), false],
  [exact(['tenant', 'length'], '4'), false],
  [exact(['roles', 'length'], '3'), false],
  [regex(['tenant'], 'b.*'), true],
  [regex(['tenant'], 'lu'), false],
  [regex(['roles'], 'w[a-z]+'), true],
  [regex(['roles'], 'x.*'), false],
  [regex(['level'], '[0-9]'), true],
  [regex(['missing'], '.*'), false],
  [regex(['nothing'], '.*'), false],
  [present('sub'), true],
  [present('nothing'), true],
  [present('realm_access', 'roles'), true],
  [present('missing'), false],
  [present('sub', 'missing'), false],
  [present('toString'), false],
  [present('constructor', 'name'), false],
  [present('hasOwnProperty'), false],
  // Its own member of that name, and nobody's prototype.
  [present('__proto__', 'admin'), true],
  [present('admin'), false],
])('%j: %s', (match, expected) => {
  expect(claimHolds(match, CLAIMS, regexOf)).toBe(expected)
  expect(claimCondition(match, regexOf)(CLAIMS)).toBe(expected)
})

test('what stands at a path is handed over as it is', () => {
  expect(claimAt(CLAIMS, ['realm_access'])).toEqual({ roles: ['admin'] })
  expect(claimAt(CLAIMS, ['nothing'])).toBeNull()
  expect(claimAt({}, ['__proto__'])).toBeUndefined()
})
