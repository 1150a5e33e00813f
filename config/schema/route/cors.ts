/** Which pages of other origins may use a route, and what they may read. */
import type { z } from 'zod'
import type { CorsOrigins, CorsWildcard } from '../../cors.ts'
import { duration, fields, list, type Reading, readText, yesOrNo } from '../../fields.ts'

const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(\*|(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?$/
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** `*`, or an origin in one spelling: a browser leaves the default port out. */
function readOrigin(raw: string): Reading<string> {
  if (raw === '*') return { value: raw }
  const expected = 'an origin such as https://shop.example.com or https://*.example.com, or "*" for all'
  const [, scheme = '', host, port] = ORIGIN.exec(raw) ?? []
  if (host !== undefined && Number(port ?? 1) <= 65_535)
    return { value: `${scheme}://${host}${port === undefined || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}` }
  if (raw.endsWith('/') && ORIGIN.test(raw.slice(0, -1))) return { expected, suggestion: `write ${raw.slice(0, -1)}` }
  return /^[a-z0-9*.-]+\.[a-z]{2,}$/.test(raw) ? { expected, suggestion: `write https://${raw}` } : { expected }
}

function sortOrigins(origins: readonly string[]): CorsOrigins {
  const exact: string[] = []
  const wildcards: CorsWildcard[] = []
  for (const origin of origins) {
    const [before = '', after] = origin.split('*')
    if (origin !== '*' && after === undefined) exact.push(before)
    else if (origin !== '*' && after !== undefined) wildcards.push({ before, after })
  }
  return { any: origins.includes('*'), exact, wildcards }
}

const METHOD = /^(?:\*|[A-Z][A-Z-]{0,31})$/
const HEADER = /^(?:\*|[a-z0-9!#$%&'*+.^_`|~-]{1,128})$/i

const methodName = () =>
  readText('a method in upper case, such as PUT, or "*" for all', (raw) =>
    METHOD.test(raw) ? { value: raw } : { expected: 'a method in upper case, such as PUT, or "*" for all' },
  )

const headerName = () =>
  readText('a header name, or "*" for all', (raw) =>
    HEADER.test(raw) ? { value: raw.toLowerCase() } : { expected: 'a header name, or "*" for all' },
  )

const NAMES_MAX = 64

const names = (listed: readonly string[]) => ({ any: listed.includes('*'), listed: listed.filter((name) => name !== '*').join(', ') })

export const cors = fields('CORS rules', {
  origins: list(readText('an origin, or "*" for all', readOrigin), 'origins', 1, NAMES_MAX)
    .transform(sortOrigins)
    .meta({
      description:
        'Origins whose pages may use the route: exact, with `*` for any number of labels, or `*` alone for all. An origin that is not listed gets no CORS header; its request is served all the same, and the browser keeps the answer from the page.',
      danger: 'A wildcard takes in every name below it, those of customers among them.',
      example: ['https://shop.example.com', 'https://*.example.org'],
    }),
  methods: list(methodName(), 'methods', 0, NAMES_MAX)
    .prefault([])
    .transform(names)
    .meta({ description: 'Methods beside GET, HEAD and POST that pages may use; `*` for all.', example: ['PUT', 'DELETE'] }),
  headers: list(headerName(), 'header names', 0, NAMES_MAX)
    .prefault([])
    .transform(names)
    .meta({
      description:
        'Request headers that pages may send; `*` for all. Without `credentials`, browsers want `authorization` named beside it.',
      example: ['content-type', 'x-tenant'],
    }),
  expose: list(headerName(), 'header names', 0, NAMES_MAX)
    .prefault([])
    .transform((listed) => listed.join(', '))
    .meta({ description: 'Response headers that pages may read; `*` for all, but not with `credentials`.', example: ['etag'] }),
  maxAge: duration('0s', '1440m').prefault('5s').meta({
    description: 'How long browsers may remember what a preflight said. Most keep to limits of their own, from 10 minutes to 2 hours.',
    danger: 'What is taken back goes on to be used for so long.',
    example: '10m',
  }),
  credentials: yesOrNo().prefault(false).meta({
    description: 'Pages may use cookies, client certificates and HTTP authentication of their visitors.',
    danger: 'With the origin `*`, every page in the world acts as your visitors. Say it with listed origins only.',
    example: true,
  }),
})

export type CorsFile = z.output<typeof cors>
