/** Headers of answers that a route waits for: a mapping from names to what they must be. */
import { z } from 'zod'
import { HEADER_VALUE, readHeaderName } from '../../addresses.ts'
import { ALWAYS, type Unread, unread, unreadKey } from '../../fields.ts'
import type { AnswerMatch } from '../../resilience.ts'

const HEADERS_MAX = 16
const VALUE = 'a header value (printable ASCII, at most 4096 characters), { present: true } or { present: false }'

/** A mapping of 1 to 16 headers. */
export function answerHeaders() {
  const expected = `a mapping of 1 to ${HEADERS_MAX} header names to what they must be`
  const wanted = z.union(
    [z.string().max(4096, VALUE).regex(HEADER_VALUE, VALUE), z.strictObject({ present: z.boolean(VALUE) }, VALUE)],
    VALUE,
  )
  return z
    .record(z.string(), wanted, expected)
    .superRefine((headers: unknown, context) => {
      if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return
      const names = Object.keys(headers)
      if (names.length === 0 || names.length > HEADERS_MAX) context.addIssue(unread({ expected, code: 'COUNT_OUT_OF_RANGE' }))
      for (const [index, name] of names.slice(0, HEADERS_MAX).entries()) {
        const problem = problemOf(name, names.slice(0, index))
        if (problem !== undefined) context.addIssue(unreadKey(name, problem))
      }
    }, ALWAYS)
    .transform((headers) =>
      Object.entries(headers).map(([name, value]): AnswerMatch => {
        if (typeof value === 'string') return { kind: 'exact', name: name.toLowerCase(), value }
        return { kind: value.present ? 'present' : 'absent', name: name.toLowerCase() }
      }),
    )
}

function problemOf(name: string, before: readonly string[]): Unread | undefined {
  const reading = readHeaderName(name, 'match')
  if (!('value' in reading)) return reading
  return before.some((other) => other.toLowerCase() === reading.value)
    ? { expected: 'each header once, whatever its case', code: 'VALUE_REPEATED' }
    : undefined
}
