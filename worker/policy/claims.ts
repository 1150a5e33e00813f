/**
 * Whether what a verified token says meets a condition. A claim that is not there meets none. Names are looked up among a claim's own
 * members only, so that no token inherits an answer.
 */
import type { ClaimMatch, ClaimPath, Claims } from '../../config/claim.ts'
import type { RegexOf } from './conditions.ts'

/** What stands at a path: any JSON; undefined when nothing does. */
export function claimAt(claims: Claims, path: ClaimPath): unknown {
  let found: unknown = claims
  for (const name of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, name)) return undefined
    found = (found as Claims)[name]
  }
  return found
}

/** A text, number or boolean as a text; undefined for all else. */
export function claimText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A condition made ready: ask this where requests are served. */
export function claimCondition(match: ClaimMatch, regexOf: RegexOf): (claims: Claims) => boolean {
  const { claim } = match
  switch (match.kind) {
    case 'present':
      return (claims) => claimAt(claims, claim) !== undefined
    case 'exact': {
      const { value } = match
      return (claims) => anyText(claimAt(claims, claim), (text) => text === value)
    }
    case 'regex': {
      const regex = regexOf(match.value)
      return (claims) => anyText(claimAt(claims, claim), (text) => regex.takes(text))
    }
    default:
      throw new Error(`an unknown kind of condition: ${JSON.stringify(match satisfies never)}`)
  }
}

/** The same, asked once. */
export const claimHolds = (match: ClaimMatch, claims: Claims, regexOf: RegexOf): boolean => claimCondition(match, regexOf)(claims)

/** Whether a value, or a member of a list, reads as a text that holds. */
function anyText(value: unknown, holds: (text: string) => boolean): boolean {
  if (Array.isArray(value)) return value.some((member) => isHeld(member, holds))
  return isHeld(value, holds)
}

function isHeld(value: unknown, holds: (text: string) => boolean): boolean {
  const text = claimText(value)
  return text !== undefined && holds(text)
}
