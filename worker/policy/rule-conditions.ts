/**
 * What a rule asks of a request, compiled to predicates. A fact of a request may be unknown: then a condition holds in a `deny` and does
 * not in an `allow`. Unknown are
 * - the path to a `deny`, where it may be read in several ways: each reading counts;
 * - a text longer than 4 KiB to a regular expression;
 * - a header that ends here, so that endpoints know nothing of it;
 * - all claims without a verified token, all of a certificate without a verified one, and a SPIFFE id that its authority does not vouch for;
 * - the client's address and country where the platform does not say, and the country of whoever comes through Tor.
 * A header that is not there is known not to be there, and so is a claim of a verified token.
 */
import type { AuthorizationRule } from '../../config/authorization.ts'
import type { PathMatch, ValueMatch } from '../../config/match.ts'
import { isWithin, readIp, readNetwork } from '../../config/networks.ts'
import { SUBJECT_MAX } from '../../config/regex/program.ts'
import type { Condition, RegexOf } from './conditions.ts'
import { certificateAsked, claimAsked } from './identity-conditions.ts'
import { type Rule, takesPath } from './rule.ts'

type Holds = Condition['holds']

/** How a rule's own conditions are made: what they answer when they cannot know. */
interface Making {
  readonly whenUnknown: boolean
  readonly regexOf: RegexOf
}

/** In the order in which they are asked: what costs least goes first. */
export function ruleConditions(rule: AuthorizationRule, regexOf: RegexOf): readonly Condition[] {
  const making: Making = { whenUnknown: rule.effect === 'deny', regexOf }
  const { methods, paths, headers = [], claims = [], countries, certificate, clients } = rule
  const conditions: Condition[] = []
  if (methods !== undefined) conditions.push({ label: 'method', holds: ({ head }) => methods.includes(head.method) })
  if (paths !== undefined) conditions.push({ label: 'path', holds: ofPaths(paths, making) })
  for (const match of headers) conditions.push({ label: `header ${match.name}`, holds: ofHeader(match, making) })
  for (const match of claims) conditions.push(claimAsked(match, making.whenUnknown, regexOf))
  if (countries !== undefined) conditions.push({ label: 'country', holds: ofCountries(countries, making) })
  if (clients !== undefined) conditions.push({ label: 'client', holds: ofClients(clients, making) })
  if (certificate !== undefined) conditions.push(certificateAsked(certificate, making.whenUnknown))
  return conditions
}

function ofPaths(paths: readonly PathMatch[], { whenUnknown, regexOf }: Making): Holds {
  const rules = paths.map((path) => (path.kind === 'regex' ? { path, regex: regexOf(path.value) } : { path }))
  if (!whenUnknown) return ({ head }) => rules.some((rule) => takesPath(rule, head.path))
  const denied = [...rules, ...rules.flatMap(decodedRule)]
  return (request) =>
    request.head.ambiguities !== 0 ||
    (request.head.path.length > SUBJECT_MAX && rules.some(({ path }) => path.kind === 'regex')) ||
    request.readings.some((reading) => denied.some((rule) => takesPath(rule, reading)))
}

/** The same path with its own encodings decoded: what a decoded request is held against. */
function decodedRule({ path }: Pick<Rule, 'path' | 'regex'>): readonly Pick<Rule, 'path'>[] {
  if (path.kind === 'regex' || !path.value.includes('%')) return []
  return [{ path: { kind: path.kind, value: decodeURIComponent(path.value) } }]
}

function ofHeader(match: ValueMatch, { whenUnknown, regexOf }: Making): Holds {
  const { name } = match
  const holds = ofValue(match, whenUnknown, regexOf)
  return (request) => (request.head.headers?.dropped.includes(name) === true ? whenUnknown : holds(request.header(name)))
}

function ofValue(match: ValueMatch, whenUnknown: boolean, regexOf: RegexOf): (value: string | undefined) => boolean {
  switch (match.kind) {
    case 'present':
      return (value) => value !== undefined
    case 'absent':
      return (value) => value === undefined
    case 'exact': {
      const { value: wanted } = match
      return whenUnknown ? (value) => membersOf(value).includes(wanted) : (value) => value === wanted
    }
    case 'regex': {
      const regex = regexOf(match.value)
      if (!whenUnknown) return (value) => value !== undefined && regex.takes(value)
      return (value) => membersOf(value).some((member) => member.length > SUBJECT_MAX || regex.takes(member))
    }
    default:
      throw new Error(`an unknown kind of condition: ${JSON.stringify(match satisfies never)}`)
  }
}

/** A value whole, and what it lists: several headers of one name arrive as one, and nobody knows which of them an endpoint heeds. */
function membersOf(value: string | undefined): readonly string[] {
  if (value === undefined) return []
  return value.includes(',') ? [value, ...value.split(',').map((member) => member.trim())] : [value]
}

const TOR = 'T1'
/** What the platform says when it does not know. */
const NOWHERE = 'XX'

function ofCountries(countries: readonly string[], { whenUnknown }: Making): Holds {
  return ({ head }) => {
    const { country } = head.place
    if (country !== undefined && countries.includes(country)) return true
    return country === undefined || country === TOR || country === NOWHERE ? whenUnknown : false
  }
}

function ofClients(clients: readonly string[], { whenUnknown }: Making): Holds {
  const networks = clients.map((written) => {
    const reading = readNetwork(written)
    if ('value' in reading) return reading.value
    throw new Error(`${written} is no network: the base was not checked`)
  })
  return ({ head }) => {
    const ip = head.address === undefined ? undefined : readIp(head.address)
    return ip === undefined ? whenUnknown : networks.some((network) => isWithin(network, ip))
  }
}
