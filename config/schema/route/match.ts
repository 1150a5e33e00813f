/** Which requests a route takes: the fields that `config/match.ts` is made of. What they mean to each other is left to `link/`. */
import { z } from 'zod'
import { readHost, readPath } from '../../addresses.ts'
import { choice, list, type Reading, readText, unread, whole } from '../../fields.ts'
import { CONTINENTS, PATH_AMBIGUITIES, type PathMatch, SCHEMES } from '../../match.ts'
import { AMBIGUITY_SHOWS } from '../../path-ambiguity.ts'
import type { RegexProgram } from '../../regex/program.ts'
import { certificateMatch } from '../certificate.ts'
import { claimMatches } from '../claims.ts'
import { PATHS, readRegex } from './regex.ts'
import { cookieMatches, headerMatches, queryMatches } from './value-match.ts'

/** A path of the file; an expression comes with what it is compiled to. */
export type PathFile = PathMatch & { readonly program?: RegexProgram }

const PATH_FORMS = 'a path: "/api" takes all below it, { exact: "/api" } that one alone, { prefixString: "/api" } or { regex: "/api/.+" }'

const KINDS = { exact: 'exact', prefix: 'prefix', prefixString: 'prefix-string', regex: 'regex' } as const
type Form = keyof typeof KINDS

/** A text is a prefix, because most paths are. */
export const path = () =>
  z
    .union(
      [
        z.string(),
        z.strictObject({ prefix: z.string() }),
        z.strictObject({ exact: z.string() }),
        z.strictObject({ prefixString: z.string() }),
        z.strictObject({ regex: z.string() }),
      ],
      PATH_FORMS,
    )
    .transform((written, context): PathFile => {
      const [form, raw] = typeof written === 'string' ? ['prefix' as const, written] : (Object.entries(written)[0] as [Form, string])
      const reading = readPathOf(form, raw)
      if ('value' in reading) return reading.value
      const place = typeof written === 'string' ? [] : [form]
      context.issues.push({ ...unread(reading), input: raw, path: place })
      return z.NEVER
    })

function readPathOf(form: Form, raw: string): Reading<PathFile> {
  const kind = KINDS[form]
  if (form === 'regex') {
    const compiled = readRegex(raw, PATHS)
    return 'value' in compiled ? { value: { kind, value: raw, program: compiled.value } } : compiled
  }
  const reading = readPath(raw)
  if (!('value' in reading)) return { ...reading, ...hintFor(raw) }
  const { value } = reading
  if (WITHOUT_PLAIN.test(value)) return refuseHalf(form, value)
  if (kind === 'exact') return { value: { kind, value } }
  // Both kinds of prefix are the same there.
  if (value === '/') return { value: { kind: 'prefix', value } }
  return { value: { kind, value: kind === 'prefix' ? value.replace(/\/$/, '') : value } }
}

/** Encodings of `*[]` and the pipe. Clients send both spellings, and one of them cannot be written as a path here. */
const WITHOUT_PLAIN = /%(?:2a|5[bd]|7c)/i
const BEHIND = { exact: '', prefix: '(?:/.*)?', prefixString: '.*' } as const

function refuseHalf(form: Exclude<Form, 'regex'>, value: string): Reading<PathFile> {
  const both = literally(value).replace(
    new RegExp(WITHOUT_PLAIN, 'gi'),
    (code) => `(?:[\\${decodeURIComponent(code)}]|${code.toUpperCase()})`,
  )
  const expected = 'a path without encodings of "*", "[", "]" and "|", which most endpoints read as these characters'
  return { expected, suggestion: `write { regex: ${JSON.stringify(both + BEHIND[form])} }, which takes both` }
}

const literally = (text: string): string => text.replace(/[.+?()[\]{}|$]/g, '[$&]')

/** Of a path that a route can take when it says so: only an expression takes it. */
function hintFor(raw: string): { readonly suggestion?: string } {
  const shown = PATH_AMBIGUITIES.filter((ambiguity) => AMBIGUITY_SHOWS[ambiguity].test(raw))
  const [first] = shown
  // Both spellings mean the same, so the plain one is what clients send.
  if (shown.length === 1 && first === 'encodedUnreserved')
    return { suggestion: `write ${raw.replace(new RegExp(AMBIGUITY_SHOWS[first], 'gi'), decodeURIComponent)}` }
  if (first === undefined || !raw.startsWith('/') || raw.includes('*')) return {}
  const allow = shown.map((ambiguity) => `"${ambiguity}: allow"`).join(' and ')
  return { suggestion: `write { regex: ${JSON.stringify(literally(raw))} }, and ${allow} beside "paths"` }
}

/** RFC 9110 section 9.1: methods are case-sensitive. CONNECT and TRACE are refused before any route is looked up. */
export const method = () => {
  const expected = 'a method in upper case, such as GET; not CONNECT or TRACE'
  return readText(expected, (raw) => {
    if (/^[A-Z][A-Z-]{0,31}$/.test(raw) && raw !== 'CONNECT' && raw !== 'TRACE') return { value: raw }
    return /^[a-z-]+$/i.test(raw) && raw !== raw.toUpperCase() ? { expected, suggestion: `write ${raw.toUpperCase()}` } : { expected }
  })
}

/** Codes that are not in ISO 3166-1 although people write them. */
const NOT_COUNTRIES: ReadonlyMap<string, string> = new Map([
  ['UK', 'write GB'],
  ['EL', 'write GR'],
  ['EU', 'write continents: [EU]'],
])
const TOR = 'T1'
const COUNTRY = 'a country in two upper-case letters (ISO 3166-1), such as DE, or T1 for Tor'

const NAMES_OF_COUNTRIES = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

function readCountry(raw: string): Reading<string> {
  if (raw === TOR) return { value: raw }
  const code = raw.toUpperCase()
  const hint = NOT_COUNTRIES.get(code)
  if (hint !== undefined) return { expected: COUNTRY, suggestion: hint }
  const name = /^[A-Z]{2}$/.test(code) ? NAMES_OF_COUNTRIES.of(code) : undefined
  if (name === undefined || name === 'Unknown Region') return { expected: COUNTRY }
  return code === raw ? { value: raw } : { expected: COUNTRY, suggestion: `write ${code}` }
}

export const country = () => readText(COUNTRY, readCountry)

/** Fields of a route, in order of their precedence. */
export const matchFields = {
  hosts: list(readText('a host such as shop.example.com or *.example.com', readHost), 'hosts', 1, 100).meta({
    description:
      'Hosts that it takes: exact, or `*.` for any depth below but not the name itself. An exact host goes before a wildcard, a longer wildcard before a shorter. `*` takes every host that nothing else takes.',
    danger:
      'Each must be covered by a route or custom domain in wrangler.toml. The most specific host decides alone, whatever the order of matching: what none of its routes takes is answered 404, not handed to a wildcard. With `*` no host is refused any more, whatever reaches the Worker.',
    example: ['shop.example.com'],
  }),
  paths: list(path(), 'paths', 1, 100)
    .prefault(['/'])
    .meta({
      description:
        'One of them must hold. A text is a prefix by whole segments (`/a` takes `/a` and `/a/b`, not `/ab`); `{ exact: /a }` takes that path alone; `{ prefixString: /a }` takes `/ab` too; `{ regex: "/a/[0-9]+" }` takes a path that it takes whole, in RE2 syntax. Exact goes before regular expressions, these before prefixes, a longer prefix before a shorter.',
      limits:
        '1 to 100; an expression has at most 512 characters and 192 characters and classes once its counted repetitions are written out, and takes no path longer than 4096 bytes',
      danger:
        'Paths are compared as they came, with their encodings, and a request whose path another route takes in another spelling (`%3A` for `:`) is refused. An expression costs time at each request that it is tried on: let it begin with as much fixed text as it can.',
      example: ['/api', { exact: '/healthz' }, { regex: '/items/[0-9]+' }],
    }),
  methods: list(method(), 'methods', 0, 16)
    .prefault([])
    .meta({ description: 'Methods that it takes; an empty list takes all.', example: ['GET', 'HEAD'] }),
  headers: headerMatches().meta({
    description:
      'Headers that must be as said, all of them: a text is the exact value, `{ regex: … }` takes the value whole, `{ present: true }` or `{ present: false }` asks whether it is there. Several headers of one name are one value, joined by ", ".',
    danger: 'Anybody can send any header: this chooses, it does not protect.',
    example: { 'x-tenant': 'blue', 'x-version': { regex: 'v[12]' }, 'x-debug': { present: false } },
  }),
  query: queryMatches().meta({
    description:
      'Parameters of the query that must be as said, in the forms of `headers`. Names and values are compared decoded (`+` is a space), case-sensitive; of a parameter that comes several times the first value counts.',
    danger: 'Endpoints may take the last value, or all of them, of a parameter that comes several times.',
    example: { version: '2' },
  }),
  cookies: cookieMatches().meta({
    description:
      'Cookies that must be as said, in the forms of `headers`. Of a cookie that comes several times the first counts; values are compared as they came.',
    example: { beta: 'on' },
  }),
  countries: list(country(), 'countries', 0, 250)
    .prefault([])
    .meta({
      description:
        "Countries of the client, by the platform's word. An empty list takes all; where the platform does not know, none holds.",
      danger: 'Addresses are placed by a database: it errs, and proxies hide.',
      example: ['DE', 'AT', 'CH'],
    }),
  continents: list(choice(CONTINENTS), 'continents', 0, CONTINENTS.length)
    .prefault([])
    .meta({ description: 'The same for continents.', example: ['EU'] }),
  schemes: list(choice(SCHEMES), 'schemes', 0, SCHEMES.length)
    .prefault([])
    .meta({ description: 'Schemes that it takes; an empty list takes both.', example: ['https'] }),
  ports: list(whole(1, 65_535), 'ports', 0, 16)
    .prefault([])
    .meta({
      description: 'Ports that it takes, as the authority of the request says: without one, 443 for https and 80 for http.',
      example: [443, 8443],
    }),
  claims: claimMatches().meta({
    description:
      'What the verified token must say, in the forms of the `claims` of a rule: all of it. A request without a verified token has no claims, also in permissive mode.',
    limits: 'at most 16; only on hosts whose admission names `tokens`',
    danger:
      'This chooses. A request that does not meet it is offered to the next route: what must not be done by others belongs into `authorization`. A preflight (CORS) never has a token.',
    example: { tenant: 'blue', 'realm_access.roles': { regex: 'tester-.*' } },
  }),
  certificate: certificateMatch()
    .optional()
    .meta({
      description:
        'Whom the verified client certificate must be for. `{}`: that there is one. Also in permissive mode only a verified one counts.',
      limits: 'only on hosts whose admission names `certificates`',
      defaultText: 'whoever, or none',
      example: { spiffe: ['spiffe://example.org/ns/shop/*'] },
    }),
  fallThrough: choice(['refuse', 'allow']).prefault('refuse').meta({
    description:
      'Whether a request that fails `claims` or `certificate` may go to a later route that demands less: a weaker `require`, no `authorization` where this one has rules, or a shorter path without rules of its own. With `refuse` a configuration in which one would is a defect.',
    danger: 'With `allow` the other route must be safe for everybody who can reach it.',
    example: 'allow',
  }),
  ...tolerances(),
}

/** Ambiguities of paths that a route may ask for; `docs/paths.md` has the table. */
function tolerances() {
  const tolerance = (description: string, danger: string) =>
    choice(['reject', 'allow']).prefault('reject').meta({ description, danger, example: 'allow' })
  return {
    encodedSlash: tolerance(
      'Whether it takes paths with an encoded slash (`%2F`), as package registries and APIs with paths inside of paths use them. It is part of its segment here. Other paths are not affected, and nothing is rewritten.',
      'An endpoint that decodes before it decides reads another path than was matched: no rule on paths protects such a route.',
    ),
    doubleSlash: tolerance(
      'Whether it takes paths with two slashes in a row. The empty segment between them counts.',
      'Endpoints that join slashes read another path than was matched: no rule on paths protects such a route.',
    ),
    encodedUnreserved: tolerance(
      'Whether it takes paths with letters, digits, `-`, `.`, `_` or `~` encoded (`%41` for `A`). They are compared as they came. Encoded dot segments are refused all the same.',
      'Endpoints decode them: no rule on paths protects such a route.',
    ),
    semicolon: tolerance(
      'Whether it takes paths with `;` or `%3B`, as path parameters (`/a;v=1`) use it. It is part of its segment here.',
      'Servlet containers cut it off before they decide: no rule on paths protects such a route.',
    ),
  }
}
