/** Headers as operators write them, a mapping from names to values, and as the gateway holds them: pairs, names in lower case. */
import { z } from 'zod'
import { HEADER_VALUE, readHeaderName } from './addresses.ts'
import { phrase } from './fields.ts'

export type HeaderPair = readonly [name: string, value: string]

const HEADERS_MAX = 32
const VALUE = 'a header value: printable ASCII without spaces at its ends, at most 4096 characters'

/** A mapping of at most 32 headers. `settable` refuses the names that the gateway looks after itself. */
export function headerValues(settable: boolean) {
  const expected = `a mapping of at most ${HEADERS_MAX} header names to values`
  const headerName = z.string().check((context) => {
    const reading = readHeaderName(context.value, settable)
    if ('value' in reading) return
    context.issues.push({ code: 'custom', message: phrase(reading.expected, reading.suggestion), input: context.value })
  })
  const value = z
    .string({
      error: (issue) =>
        typeof issue.input === 'number' || typeof issue.input === 'boolean' ? phrase(VALUE, `write "${issue.input}"`) : VALUE,
    })
    .max(4096, VALUE)
    .regex(HEADER_VALUE, VALUE)
  return z.record(headerName, value, expected).transform((headers, context) => {
    const pairs = Object.entries(headers).map(([name, text]): HeaderPair => [name.toLowerCase(), text])
    if (pairs.length > HEADERS_MAX) context.issues.push({ code: 'custom', message: expected, input: headers })
    if (new Set(pairs.map(([name]) => name)).size < pairs.length) {
      context.issues.push({ code: 'custom', message: 'header names that differ in more than upper and lower case', input: headers })
    }
    return pairs
  })
}
