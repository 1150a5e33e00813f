/** Other hosts and paths than the client asked for: of requests to endpoints, and of redirects. */
import { readHost, readPath } from '../../addresses.ts'
import { fields, readText } from '../../fields.ts'

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
})
