/** Other hosts and paths than the client asked for: of requests to endpoints, and of redirects. */
import { readHost, readPath } from '../../addresses.ts'
import { fields, readText } from '../../fields.ts'
import { readReplacement } from '../../regex/replacement.ts'
import { PATHS, readRegex } from './regex.ts'

/** One host, which a wildcard is not. */
export const oneHost = () =>
  readText('a host such as shop.example.com', (raw) =>
    raw.startsWith('*') ? { expected: 'a host such as shop.example.com, without a wildcard' } : readHost(raw),
  )

export const fullPath = () => readText('a path such as /new: from the root, without query', readPath)

/** What stands in place of a prefix: nothing is written as `/`. */
export const prefixPath = () => readText('a path such as /new: from the root, without query; "/" takes the prefix away', readPath)

export const rewrite = fields('a rewrite', {
  host: oneHost().optional().meta({
    description: 'The host that endpoints are told, as `X-Forwarded-Host`.',
    limits: 'one host, without port',
    defaultText: "the client's",
    danger: '`Host` itself is always the name in the URL of the endpoint: a Worker cannot send another.',
    example: 'shop.internal.example.com',
  }),
  path: fullPath().optional().meta({
    description:
      'The path that endpoints are asked for, in place of the whole. The query is kept; the base path of the endpoint goes before.',
    defaultText: "the client's",
    example: '/index.html',
  }),
  prefix: prefixPath().optional().meta({
    description:
      'Put in place of the prefix that the route matched, by whole segments: with the path prefix `/a`, `/a/b` becomes `/v2/b`, and `/a` becomes `/v2`.',
    limits: 'only where all paths of the route are prefixes, and not beside `path`',
    defaultText: 'none',
    example: '/v2',
  }),
  regex: fields('a replacement', {
    match: readText('a regular expression', (raw) => readRegex(raw, PATHS)).meta({
      description:
        'In RE2 syntax; it has to take the whole path. A path that it does not take stays as it is; one of more than 1,024 characters is answered 400.',
      example: '/api/v([0-9]+)/(.*)',
    }),
    replace: readText('a path with groups such as /v\\1/\\2', readReplacement).meta({
      description: 'What the path becomes: `\\1` to `\\9` are the groups of the expression, `\\0` is the whole path.',
      danger: 'What comes out and would be refused of a client is answered 400: doubled slashes, dot segments, no slash at the beginning.',
      example: '/v\\1/\\2',
    }),
  })
    .optional()
    .meta({
      description: 'Another path by a regular expression.',
      limits: 'not beside `path` and `prefix`',
      defaultText: 'none',
      example: { match: '/api/v([0-9]+)/(.*)', replace: '/v\\1/\\2' },
    }),
})
