/**
 * What holds for every list of rules and every request: the first rule that a naive reading of the page finds is the one that decides. A
 * failing run prints its seed; SEED=N runs that one again.
 */
import { expect, test } from 'vitest'
import type { AuthorizationRule } from '../../../config/authorization.ts'
import type { CertificateMatch } from '../../../config/certificate-trust.ts'
import type { ValueMatch } from '../../../config/match.ts'
import { decidingRule } from '../../../worker/policy/authorize.ts'
import { dice, SEED } from '../../seed.ts'
import { type AskedParts, asking, authorizationOf, type RuleParts, rulesOf } from './asking.ts'

const LISTS = 400
const REQUESTS = 100

type Draw = () => number
const pick = <Item>(draw: Draw, items: readonly [Item, ...Item[]]): Item => items[Math.floor(draw() * items.length)] ?? items[0]

const PATHS = ['/a', '/a/b', '/a%2Fb', '/b', '/caf%C3%A9', '/caf%c3%a9', '/a!b', '/a%21b', '/ab', '/A'] as const
const NETWORKS = ['10.0.0.0/8', '10.1.0.0/16', '192.0.2.7', '2001:db8::/32', '0.0.0.0/0'] as const
const ADDRESSES = ['10.1.2.3', '10.2.3.4', '192.0.2.7', '2001:db8::1', '2001:db9::1', 'nonsense'] as const
const IDS = ['spiffe://example.org/ns/a/x', 'spiffe://example.org/ns/b/y'] as const

function randomRule(draw: Draw): RuleParts {
  const some = (share: number, part: () => Partial<AuthorizationRule>) => (draw() < share ? part() : {})
  return {
    effect: pick(draw, ['allow', 'deny']),
    ...some(0.3, () => ({ methods: [pick(draw, ['GET', 'POST'])] })),
    ...some(0.4, () => ({ paths: [{ kind: pick(draw, ['exact', 'prefix', 'prefix-string']), value: pick(draw, PATHS) }] })),
    ...some(0.3, () => ({
      headers: [
        pick<ValueMatch>(draw, [
          { name: 'x', kind: 'exact', value: '1' },
          { name: 'x', kind: 'present' },
          { name: 'x', kind: 'absent' },
        ]),
      ],
    })),
    ...some(0.3, () => ({
      claims: [
        pick(draw, [
          { claim: ['t'], kind: 'exact', value: '1' },
          { claim: ['t'], kind: 'present' },
          { claim: ['u', 'v'], kind: 'exact', value: '2' },
        ]),
      ],
    })),
    ...some(0.2, () => ({
      certificate: pick<CertificateMatch>(draw, [{}, { spiffe: ['spiffe://example.org/ns/a/*'] }, { dns: ['a.example'] }]),
    })),
    ...some(0.2, () => ({ clients: [pick(draw, NETWORKS)] })),
    ...some(0.2, () => ({ countries: [pick(draw, ['DE', 'FR', 'T1'])] })),
  }
}

function randomAsked(draw: Draw): AskedParts {
  const x = pick(draw, [undefined, '1', '2', '2, 1', ''])
  return {
    path: pick(draw, PATHS),
    method: pick(draw, ['GET', 'POST']),
    headers: x === undefined ? {} : { x },
    ...(draw() < 0.2 ? { dropped: ['x'] } : {}),
    ...(draw() < 0.6
      ? { claims: { ...(draw() < 0.6 ? { t: pick<unknown>(draw, [1, '1', '2', ['1', '2']]) } : {}), u: { v: pick(draw, [2, 3]) } } }
      : {}),
    ...(draw() < 0.6
      ? { certificate: { ...(draw() < 0.7 ? { spiffe: pick(draw, IDS) } : {}), dns: draw() < 0.5 ? ['a.example'] : [] } }
      : {}),
    ...(draw() < 0.8 ? { address: pick(draw, ADDRESSES) } : {}),
    ...(draw() < 0.8 ? { country: pick(draw, ['DE', 'FR', 'T1', 'XX']) } : {}),
  }
}

type Truth = 'yes' | 'no' | 'unknown'
const truth = (holds: boolean): Truth => (holds ? 'yes' : 'no')

/** As the page words it. */
function truths(rule: RuleParts, asked: AskedParts): readonly Truth[] {
  const { path = '/', method = 'GET', headers = {}, dropped = [], claims, certificate, address, country } = asked
  const takes = (kind: string, value: string, text: string): boolean =>
    text === value || (kind === 'prefix' && text.startsWith(`${value}/`)) || (kind === 'prefix-string' && text.startsWith(value))
  const onPath = (rule.paths ?? []).map(({ kind, value }): Truth => {
    if (path.includes('%2F')) return takes(kind, value, path) ? 'yes' : 'unknown'
    if (takes(kind, value, path)) return 'yes'
    return takes(kind, decodeURIComponent(value), decodeURIComponent(path)) ? 'unknown' : 'no'
  })
  const onHeaders = (rule.headers ?? []).map((match): Truth => {
    const held = headers[match.name]
    if (dropped.includes(match.name)) return 'unknown'
    if (match.kind !== 'exact') return truth((held !== undefined) === (match.kind === 'present'))
    return held === match.value ? 'yes' : held?.split(', ').includes(match.value) ? 'unknown' : 'no'
  })
  const onClaims = (rule.claims ?? []).map((match): Truth => {
    if (claims === undefined) return 'unknown'
    const value = match.claim.length === 1 ? claims['t'] : (claims['u'] as Record<string, unknown>)['v']
    return truth(
      match.kind === 'present'
        ? value !== undefined
        : [value]
            .flat()
            .map(String)
            .includes((match as { value: string }).value),
    )
  })
  const known = address === undefined || address === 'nonsense' ? undefined : address
  const inside = (network: string): boolean =>
    known !== undefined &&
    (network === known ||
      (network === '0.0.0.0/0' && known.includes('.')) ||
      (network.startsWith('10.') && known.startsWith(network === '10.0.0.0/8' ? '10.' : '10.1.')) ||
      (network === '2001:db8::/32' && known === '2001:db8::1'))
  return [
    ...(rule.methods === undefined ? [] : [truth(rule.methods.includes(method))]),
    ...onPath,
    ...onHeaders,
    ...onClaims,
    ...(rule.certificate === undefined
      ? []
      : [
          certificate === undefined
            ? ('unknown' as const)
            : truth(
                (rule.certificate.spiffe === undefined || certificate.spiffe === IDS[0]) &&
                  (rule.certificate.dns === undefined || certificate.dns?.length === 1),
              ),
        ]),
    ...(rule.clients === undefined ? [] : [known === undefined ? ('unknown' as const) : truth(rule.clients.some(inside))]),
    ...(rule.countries === undefined
      ? []
      : [
          country !== undefined && rule.countries.includes(country)
            ? ('yes' as const)
            : country === 'DE' || country === 'FR'
              ? ('no' as const)
              : ('unknown' as const),
        ]),
  ]
}

const appliesTo =
  (asked: AskedParts) =>
  (rule: RuleParts): boolean =>
    truths(rule, asked).every((one) => one === 'yes' || (one === 'unknown' && rule.effect === 'deny'))

test(`${LISTS * REQUESTS} random requests are judged as the page words it, seed ${SEED}`, { timeout: 120_000 }, () => {
  const seen = { allow: 0, deny: 0, none: 0 }
  for (let round = 0; round < LISTS; round += 1) {
    const draw = dice(SEED + round)
    const rules = Array.from({ length: 1 + Math.floor(draw() * 6) }, () => randomRule(draw))
    const compiledRules = rulesOf(authorizationOf(rules))
    for (let count = 0; count < REQUESTS; count += 1) {
      const asked = randomAsked(draw)
      const found = decidingRule(compiledRules, asking(asked))
      const place = rules.findIndex(appliesTo(asked))
      const expected = place < 0 ? undefined : `rules[${place}]`
      if (found?.id !== expected)
        expect.fail(
          `seed ${SEED}, round ${round}: ${found?.id}, not ${expected}\n${JSON.stringify(asked)}\n${JSON.stringify(rules, null, 1)}`,
        )
      seen[found?.effect ?? 'none'] += 1
    }
  }
  for (const [end, count] of Object.entries(seen)) expect(count, end).toBeGreaterThan(1000)
})
