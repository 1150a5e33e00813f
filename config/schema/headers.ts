/** Headers as operators write them, a mapping from names to values, and as the gateway holds them: pairs, names in lower case. */
import { z } from 'zod'
import { HEADER_VALUE, readHeaderName } from '../addresses.ts'
import { ALWAYS, fields, list, phrase, readText, type Unread, unread, unreadKey } from '../fields.ts'
import type { HeaderUse } from '../reserved-headers.ts'

export type HeaderPair = readonly [name: string, value: string]

const HEADERS_MAX = 32
const VALUE = 'a header value: printable ASCII without spaces at its ends, at most 4096 characters'

/** A mapping of at most 32 headers. */
export function headerValues(use: HeaderUse) {
  const expected = `a mapping of at most ${HEADERS_MAX} header names to values`
  const value = z
    .string({
      error: (issue) =>
        typeof issue.input === 'number' || typeof issue.input === 'boolean' ? phrase(VALUE, `write "${issue.input}"`) : VALUE,
    })
    .max(4096, VALUE)
    .regex(HEADER_VALUE, VALUE)
  return z
    .record(z.string(), value, expected)
    .superRefine((headers: unknown, context) => {
      if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return
      const names = Object.keys(headers)
      if (names.length > HEADERS_MAX) context.addIssue(unread({ expected, code: 'COUNT_OUT_OF_RANGE' }))
      for (const [index, name] of names.slice(0, HEADERS_MAX).entries()) {
        const problem = problemOf(name, names.slice(0, index), use)
        if (problem !== undefined) context.addIssue(unreadKey(name, problem))
      }
    }, ALWAYS)
    .transform((headers) => Object.entries(headers).map(([name, text]): HeaderPair => [name.toLowerCase(), text]))
}

function problemOf(name: string, before: readonly string[], use: HeaderUse): Unread | undefined {
  const reading = readHeaderName(name, use)
  if (!('value' in reading)) return reading
  return before.some((other) => other.toLowerCase() === reading.value)
    ? { expected: 'each header once, whatever its case', code: 'VALUE_REPEATED' }
    : undefined
}

const headerName = (use: HeaderUse) => readText('a header name of letters, digits and hyphens', (raw) => readHeaderName(raw, use))

/** Changes of headers on the way to endpoints or back. `whose` says what they are changed in: `every answer of the route`. */
export function headerEdits(use: 'request' | 'response', whose: string) {
  return fields('changes of headers', {
    set: headerValues(use)
      .prefault({})
      .meta({ description: `Set in ${whose}, in place of what is there.`, example: { 'x-edge': 'meridian' } }),
    add: headerValues(use)
      .prefault({})
      .meta({
        description: `Added to ${whose}: joined by a comma to the value that is there.`,
        danger: 'A header that has one value only becomes two in one: set it instead.',
        example: { 'cache-control': 'no-transform' },
      }),
    remove: list(headerName(use), 'header names', 0, HEADERS_MAX)
      .prefault([])
      .meta({ description: `Removed from ${whose}.`, example: ['x-debug'] }),
  })
}
