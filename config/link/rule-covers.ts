/** Whether one rule applies to all that another does. Only what is plainly so. */
import type { RuleFile } from '../compile-authorization.ts'
import { holdsNetwork, type Network, readNetwork } from '../networks.ts'
import { coversPath, impliesAll, impliesCertificate, impliesClaims } from './covers.ts'

/**
 * Whether the second never decides: the first goes before it, and applies wherever it would. A `deny` applies to what is unknown as well,
 * so that an `allow` before it hides it only when it asks for nothing.
 */
export function hides(first: RuleFile, second: RuleFile): boolean {
  if (asksNothing(first)) return true
  if (first.effect === 'allow' && second.effect === 'deny') return false
  const { methods, paths, countries } = first
  return (
    (methods === undefined || isWithin(second.methods, methods)) &&
    (countries === undefined || isWithin(second.countries, countries)) &&
    (paths === undefined || (second.paths?.every((path) => paths.some((held) => coversPath(held, path))) ?? false)) &&
    (first.clients === undefined || holdsAll(first.clients, second.clients)) &&
    impliesAll(second.headers, first.headers) &&
    impliesClaims(second.claims, first.claims) &&
    impliesCertificate(second.certificate, first.certificate)
  )
}

export const asksNothing = ({ paths, methods, headers, claims, certificate, clients, countries }: RuleFile): boolean =>
  claims.length === 0 &&
  certificate === undefined &&
  paths === undefined &&
  methods === undefined &&
  headers.length === 0 &&
  clients === undefined &&
  countries === undefined

const isWithin = (given: readonly string[] | undefined, held: readonly string[]): boolean =>
  given?.every((item) => held.includes(item)) ?? false

function holdsAll(held: readonly string[], given: readonly string[] | undefined): boolean {
  const networks = networksOf(held)
  return given !== undefined && networksOf(given).every((one) => networks.some((network) => holdsNetwork(network, one)))
}

/** Those that could be read. */
export const networksOf = (written: readonly string[]): readonly Network[] =>
  written.flatMap((each) => {
    const reading = readNetwork(each)
    return 'value' in reading ? [reading.value] : []
  })
