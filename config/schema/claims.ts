/** Conditions on claims: a mapping from their paths to what they must be, or a list of both for names that hold dots. */
import { z } from 'zod'
import type { ClaimMatch, ClaimPath } from '../claim.ts'
import { ALWAYS, type Reading, unread } from '../fields.ts'
import type { RegexProgram } from '../regex/program.ts'
import { QUERY_VALUES, readRegex } from './route/regex.ts'

/** A condition of the file; an expression comes with what it is compiled to. */
export type ClaimFile = ClaimMatch & { readonly program?: RegexProgram }

const CLAIMS_MAX = 16
const DEPTH_MAX = 8
const VALUE_MAX = 4096

const FORMS = 'the value of a claim (a text, number or true/false), { regex: "…" }, or { present: true }'
const PATH = `the path of a claim, such as tenant or realm_access.roles: at most ${DEPTH_MAX} names of 1 to 256 characters`

/**
 * Claims that are a text, a number or a list of texts wherever they are registered (RFC 7519 section 4.1, RFC 8693 section 4.2, RFC 9068 section
 * 2.2, OpenID Connect Core 1.0 section 2): nothing can stand within one, so a path that leads there is a mistake that would never meet anything.
 */
const WITHOUT_MEMBERS: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'scope',
  'client_id',
  'azp',
  'nonce',
  'auth_time',
  'acr',
  'amr',
])

/** `realm_access.roles`, or a list of names that may hold dots. */
export function readClaimPath(raw: string | readonly string[]): Reading<ClaimPath> {
  // A name that is a URL has dots of its own, and would be torn to pieces.
  if (typeof raw === 'string' && raw.includes('://')) return { expected: PATH, suggestion: `write it in a list: ["${raw}"]` }
  const names = typeof raw === 'string' ? raw.split('.') : raw
  const sound = names.length >= 1 && names.length <= DEPTH_MAX && names.every((name) => name.length >= 1 && name.length <= 256)
  const [first = ''] = names
  if (sound && names.length > 1 && WITHOUT_MEMBERS.has(first))
    return { expected: PATH, suggestion: `there is nothing within ${first}, which is a text, a number or a list` }
  if (sound) return { value: names }
  return typeof raw === 'string' && raw.includes('.')
    ? { expected: PATH, suggestion: 'a name that holds dots is written in a list' }
    : { expected: PATH }
}

type Held = { readonly kind: 'exact' | 'regex'; readonly value: string; readonly program?: RegexProgram } | { readonly kind: 'present' }

const condition = () =>
  z
    .union(
      [z.string(), z.number(), z.boolean(), z.strictObject({ regex: z.string() }), z.strictObject({ present: z.literal(true) })],
      FORMS,
    )
    .transform((written, context): Held => {
      const reading = readCondition(written)
      if ('value' in reading) return reading.value
      const place = typeof written === 'object' ? ['regex'] : []
      // Not at an end: the union that it is in would say less.
      context.issues.push({ ...unread(reading), input: written, path: place, continue: true })
      return z.NEVER
    })

type Written = string | number | boolean | { readonly regex: string } | { readonly present: true }

/** Beyond, two numbers are one: a token with such a number is refused, and the file has lost it already. */
const isSafe = (written: number): boolean => Number.isFinite(written) && Math.abs(written) <= Number.MAX_SAFE_INTEGER
const SAFE = `a number of at most ${Number.MAX_SAFE_INTEGER}: tokens with a larger one are refused, so let the issuer write a text`

function readCondition(written: Written): Reading<Held> {
  if (typeof written !== 'object') {
    if (typeof written === 'number' && !isSafe(written)) return { expected: SAFE }
    const value = String(written)
    return value.length <= VALUE_MAX ? { value: { kind: 'exact', value } } : { expected: `${FORMS}; at most ${VALUE_MAX} characters` }
  }
  if ('present' in written) return { value: { kind: 'present' } }
  const compiled = readRegex(written.regex, QUERY_VALUES)
  return 'value' in compiled ? { value: { kind: 'regex', value: written.regex, program: compiled.value } } : compiled
}

/** At most 16, none of them twice. Empty where the field is absent. */
export function claimMatches() {
  const expected = `a mapping of at most ${CLAIMS_MAX} claims to conditions, or a list of { claim: […], value: … }; each ${FORMS}`
  const mapping = z.record(z.string(), condition(), expected)
  const item = z.strictObject({ claim: z.array(z.string(PATH), PATH), value: condition() }, 'a claim and its value')
  return z
    .union([mapping, z.array(item, expected)], { error: () => expected })
    .superRefine((given: unknown, context) => {
      if (typeof given !== 'object' || given === null) return
      const paths = pathsOf(given)
      if (paths.length > CLAIMS_MAX) context.addIssue(unread({ expected, code: 'COUNT_OUT_OF_RANGE' }))
      for (const [place, path] of paths.slice(0, CLAIMS_MAX)) {
        const reading = readClaimPath(path)
        if ('value' in reading) continue
        const { params, ...issue } = unread(reading)
        context.addIssue({ ...issue, path: [...place], params: { ...params, atKey: place.length === 1 } })
      }
    }, ALWAYS)
    .transform((given): readonly ClaimFile[] =>
      Array.isArray(given)
        ? given.map(({ claim, value }) => ({ claim, ...value }))
        : Object.entries(given).map(([written, held]) => ({ claim: written.split('.'), ...held })),
    )
    .prefault({})
}

type Placed = readonly [place: readonly (string | number)[], path: string | readonly string[]]

/** Each path with its place in what was given, which may be anything. */
function pathsOf(given: object): readonly Placed[] {
  if (!Array.isArray(given)) return Object.keys(given).map((key): Placed => [[key], key])
  return given.flatMap((each: unknown, index): readonly Placed[] => {
    const claim = typeof each === 'object' && each !== null ? (each as { claim?: unknown }).claim : undefined
    return Array.isArray(claim) && claim.every((name) => typeof name === 'string') ? [[[index, 'claim'], claim]] : []
  })
}
