/**
 * `weights.json`: weights that operators put beside the deployment. It speaks of the names in it and is silent about others; a later file
 * replaces an earlier one whole. What its names stand for is looked up by `weights-names.ts`.
 */
import { bytes } from '../units.ts'
import { type ReadFile, readJson } from './read-json.ts'
import { constant, field, type MappingOf, mapping, named, optional, percent, text, whole } from './shape.ts'

/** What the object is called in the bucket. */
export const WEIGHTS_FILE = 'weights.json'

/** A thousand pools of a few endpoints take half of it. */
export const WEIGHTS_BYTES_MAX = bytes(256 * 1024)

/** Of people's words. */
export const REASON_MAX = 200
export const BY_MAX = 100
/** As in the configuration. */
const WEIGHT_MAX = 10_000

const FIELDS = {
  $schema: optional(text('the address of this schema', 200), 'Where this schema stands, for editors.'),
  version: field(constant(1), 'Of this format.'),
  base: optional(
    whole(0, Number.MAX_SAFE_INTEGER),
    'The revision that it was written for. When another is in force by now, it is refused with what has changed since. Absent: whatever is in force.',
  ),
  reason: field(text('why', REASON_MAX), 'Why, for the audit trail.'),
  by: field(text('who', BY_MAX), 'Who, for the audit trail. Nothing proves it: who may write the bucket may write any name.'),
  pools: field(
    named(named(whole(0, WEIGHT_MAX), 'the name of an endpoint', ['endpoints', 64]), 'the name of a pool', ['pools', 1000]),
    "Weights of endpoints by pool, in place of the deployed ones. Endpoints that are not named keep theirs; {} ends what earlier files said. 0 takes no traffic, not even when the others fail. An operator's own change (CLI or API) goes before it.",
  ),
  releases: optional(
    named(mapping('a release', { weight: field(percent(), 'Share of the clients on the canary.') }), 'the name of a release', [
      'releases',
      200,
    ]),
    'Weights of canaries by release. A release that has been started goes before it.',
  ),
}

const SHAPE = mapping('weights', FIELDS)

/** Names as they were written: nothing says yet that they stand for anything. */
export type WeightsFile = Omit<MappingOf<typeof FIELDS>, '$schema'>

export const WEIGHTS_SCHEMA = { title: 'Meridian weights.json', ...SHAPE.schema }

/** Reads a text. All defects of form at once. */
export function parseWeightsFile(raw: string): ReadFile<WeightsFile> {
  const { file, ...read } = readJson(raw, WEIGHTS_BYTES_MAX, SHAPE)
  if (file === undefined) return read
  const { $schema: _, ...said } = file
  return { ...read, file: said }
}
