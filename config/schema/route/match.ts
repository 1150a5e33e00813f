/** Which requests a route takes. */
import { z } from 'zod'
import { readHost, readPath } from '../../addresses.ts'
import type { PathMatch } from '../../base.ts'
import { list, phrase, readText } from '../../fields.ts'
import { headerValues } from '../headers.ts'

const PATH_FORMS = 'a path: "/api" takes all below it, { exact: "/api" } that one alone'

/** A text is a prefix, because most paths are. */
const path = () =>
  z
    .union([z.string(), z.strictObject({ prefix: z.string() }), z.strictObject({ exact: z.string() })], PATH_FORMS)
    .transform((written, context): PathMatch => {
      const exact = typeof written !== 'string' && 'exact' in written
      const raw = typeof written === 'string' ? written : 'exact' in written ? written.exact : written.prefix
      const reading = readPath(raw)
      if ('value' in reading)
        return exact ? { kind: 'exact', value: reading.value } : { kind: 'prefix', value: reading.value.replace(/(?<=.)\/$/, '') }
      const place = typeof written === 'string' ? [] : [exact ? 'exact' : 'prefix']
      context.issues.push({ code: 'custom', message: phrase(reading.expected, reading.suggestion), input: raw, path: place })
      return z.NEVER
    })

/** RFC 9110 section 9.1: methods are case-sensitive. CONNECT and TRACE are refused before any route is looked up. */
const method = () => {
  const expected = 'a method in upper case, such as GET; not CONNECT or TRACE'
  return readText(expected, (raw) => {
    if (/^[A-Z][A-Z-]{0,31}$/.test(raw) && raw !== 'CONNECT' && raw !== 'TRACE') return { value: raw }
    return /^[a-z-]+$/i.test(raw) && raw !== raw.toUpperCase() ? { expected, suggestion: `write ${raw.toUpperCase()}` } : { expected }
  })
}

export const matchFields = {
  hosts: list(readText('a host such as shop.example.com or *.example.com', readHost), 'hosts', 1, 100).meta({
    description:
      'Hosts that it takes: exact, or `*.` for any depth below but not the name itself. An exact host goes before a wildcard, a longer wildcard before a shorter.',
    danger:
      'Each must be covered by a route or custom domain in wrangler.toml. The most specific host decides alone: what none of its routes takes is answered 404, not handed to a wildcard.',
    example: ['shop.example.com'],
  }),
  paths: list(path(), 'paths', 1, 100)
    .prefault(['/'])
    .meta({
      description:
        'One of them must hold. A text is a prefix by whole segments (`/a` takes `/a` and `/a/b`, not `/ab`); `{ exact: /a }` takes that path alone. Exact goes before prefix, a longer prefix before a shorter.',
      example: ['/api', { exact: '/healthz' }],
    }),
  methods: list(method(), 'methods', 0, 16)
    .prefault([])
    .meta({ description: 'Methods that it takes; an empty list takes all.', example: ['GET', 'HEAD'] }),
  headers: headerValues('match')
    .prefault({})
    .meta({
      description: 'Headers that must have exactly these values, all of them.',
      example: { 'x-tenant': 'blue' },
    }),
}
