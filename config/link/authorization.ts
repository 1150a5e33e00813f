/** What rules must not contradict: each can decide something, and somebody gets in. Rules on ambiguous paths are in `ambiguous-rules.ts`. */
import { type AuthorizationFile, type RuleFile, ruleId } from '../compile-authorization.ts'
import type { Path } from '../defect.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { refuseAmbiguousRules } from './ambiguous-rules.ts'
import { refuseFallThrough } from './fall-through.ts'
import { type Findings, lost, lostFields, refuse } from './findings.ts'
import { refuseUnprovable, refuseUnprovableOn } from './identity-conditions.ts'
import { hides, networksOf } from './rule-covers.ts'
import { refuseElsewhere, refuseNowhere, refuseUnheard, toldHeaders } from './rule-reach.ts'

export function linkAuthorization(file: GatewayFile, findings: Findings): void {
  const told = toldHeaders(file)
  for (const [index, admission] of file.admission.entries()) {
    const { authorization } = admission
    if (authorization === undefined) continue
    const path = ['admission', index, 'authorization']
    linkRules(authorization, path, findings)
    refuseNowhere(file, admission, [...path, 'rules'], findings)
    for (const [place, rule] of authorization.rules.entries()) {
      refuseUnheard(rule, told, [...path, 'rules', place], findings)
      refuseUnprovable(rule, [admission], { path: [...path, 'rules', place], whose: 'of these hosts' }, findings)
    }
  }
  for (const [index, route] of file.routes.entries()) {
    refuseUnprovableOn(file, route, { hosts: route.hosts, path: ['routes', index] }, findings)
    const authorization = route.admission?.authorization
    if (authorization === undefined) continue
    const path = ['routes', index, 'admission', 'authorization']
    linkRules(authorization, path, findings)
    for (const [place, rule] of authorization.rules.entries()) {
      refuseUnheard(rule, told, [...path, 'rules', place], findings)
      refuseElsewhere(rule, route, [...path, 'rules', place], findings)
      refuseUnprovableOn(file, rule, { hosts: route.hosts, path: [...path, 'rules', place] }, findings)
    }
  }
  refuseAmbiguousRules(file, findings)
  refuseFallThrough(file, findings)
}

function linkRules({ rules }: AuthorizationFile, path: Path, findings: Findings): void {
  const at = [...path, 'rules']
  const names = new Map<string, string>()
  for (const [index, rule] of rules.entries()) {
    refuseEmptyLists(rule, [...at, index], findings)
    noteEverybody(rule, [...at, index], findings)
    if (rule.name === undefined) continue
    const owner = names.get(rule.name)
    if (owner !== undefined)
      refuse(findings, { code: 'NAME_TAKEN', path: [...at, index, 'name'], expected: `a name that no other rule has (${owner} has it)` })
    names.set(rule.name, owner ?? `rules[${index}]`)
  }
  // Who knows an effect of each rule knows whether one allows something, whatever else is wrong with them.
  if (lostFields(at, EFFECT, findings, 'list')) return
  if (rules.length === 0) refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path: at, expected: 'at least one rule' })
  else if (rules.every(({ effect }) => effect === 'deny')) {
    const suggestion = 'end with "- effect: allow" to let in all that is not denied'
    refuse(findings, { code: 'RULES_ADMIT_NOBODY', path: at, expected: 'a rule that allows something, or nobody gets in', suggestion })
  }
  refuseHidden(rules, at, findings)
}

const EFFECT: ReadonlySet<string> = new Set(['effect'])

const LISTS = { paths: 'path', methods: 'method', clients: 'network', countries: 'country' } as const

function refuseEmptyLists(rule: RuleFile, path: Path, findings: Findings): void {
  for (const [list, one] of Object.entries(LISTS)) {
    const held = rule[list as keyof typeof LISTS]
    if (held?.length !== 0 || lost([...path, list], findings)) continue
    refuse(findings, { code: 'COUNT_OUT_OF_RANGE', path: [...path, list], expected: `at least one ${one}, or no field "${list}" for all` })
  }
}

function refuseHidden(rules: readonly RuleFile[], path: Path, findings: Findings): void {
  for (const [index, rule] of rules.entries()) {
    if (lost([...path, index], findings)) continue
    const owner = rules.slice(0, index).findIndex((first, place) => !lost([...path, place], findings) && hides(first, rule))
    const [first] = rules.slice(owner)
    if (owner < 0 || first === undefined) continue
    const expected = `a rule that ${ruleId(first, owner)} does not go before in every case: this one never decides`
    refuse(findings, { code: 'RULE_HIDDEN', path: [...path, index], expected, found: `"effect: ${rule.effect}"` })
  }
}

/** The whole of a family. */
function noteEverybody({ clients = [] }: RuleFile, path: Path, findings: Findings): void {
  const families = networksOf(clients).flatMap(({ length, family }) => (length === 0 ? [family] : []))
  if (families.length === 0) return
  const text =
    families.length > 1
      ? 'every client whose address is known'
      : `every IPv${families[0]} client, and no IPv${families[0] === 4 ? 6 : 4} one`
  findings.notes.push({ code: 'CLIENTS_EVERYBODY', path: [...path, 'clients'], text: `these networks hold ${text}` })
}
