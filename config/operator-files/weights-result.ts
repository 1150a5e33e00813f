/** `weights.result.json`: what the director made of each `weights.json` that was put, written beside it. */
import type { Defect } from '../defect.ts'
import { showPath } from '../defect.ts'
import type { JsonSchema, Shape } from './shape.ts'
import { constant, field, type MappingOf, mapping, optional, text, truth, whole } from './shape.ts'

/** What the object is called in the bucket. */
export const RESULT_FILE = 'weights.result.json'

/** A name may be as long as the file. */
const PLACE_MAX = 500

const words = (max: number) => text('words', max)

const DEFECT = mapping('a defect', {
  path: field(words(PLACE_MAX), 'Where it is: pools.shop.aws-use1.'),
  expected: field(words(2000), 'What would have been right.'),
  found: field(words(500), 'What stands there.'),
  suggestion: optional(words(500), 'A fix, when one is near.'),
})

const many = <T>(item: Shape<T>, max: number): Shape<readonly T[]> => ({
  read: (value, path, found) =>
    Array.isArray(value) && value.length <= max
      ? value.flatMap((each, index) => item.read(each, [...path, index], found) ?? [])
      : undefined,
  schema: { type: 'array', items: item.schema, maxItems: max } satisfies JsonSchema,
})

const FIELDS = {
  version: field(constant(1), 'Of this format.'),
  etag: field(words(200), 'Of the object that this is about.'),
  accepted: field(truth(), 'Whether all of it counts. Nothing of a file that has defects does: what counted before goes on.'),
  revision: field(whole(0, Number.MAX_SAFE_INTEGER), 'The one in force after it.'),
  changed: field(
    truth(),
    'Whether that revision was made by it. False with a file that says what was so already, or has been applied before.',
  ),
  overruled: optional(
    many(words(PLACE_MAX), 2000),
    'What it says and does nothing meanwhile, because the word of an operator (CLI, API) or a release that has been started goes before it.',
  ),
  defects: field(many(DEFECT, 200), 'All that is wrong with it.'),
  at: field(words(40), "When, by the director's clock (RFC 3339)."),
}

const SHAPE = mapping('a result', FIELDS)

export type WeightsResult = MappingOf<typeof FIELDS>
export const RESULT_SCHEMA = { title: 'Meridian weights.result.json', ...SHAPE.schema }

/** Defects as the result has them: places as text. */
export const defectLines = (defects: readonly Omit<Defect, 'code'>[]): WeightsResult['defects'] =>
  defects.map(({ path, expected, found, suggestion }) => ({
    path: showPath(path).slice(0, PLACE_MAX),
    expected,
    found,
    ...(suggestion === undefined ? {} : { suggestion }),
  }))
