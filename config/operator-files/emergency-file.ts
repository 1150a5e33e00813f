/**
 * `emergency.json`: what operators take away without a director. It can only take, so that a vantage that reads an old one, or none, never
 * gives anything back that was not there. Names that no base has are inert.
 */
import { bytes } from '../units.ts'
import { type ReadFile, readJson } from './read-json.ts'
import { constant, field, listOf, type MappingOf, mapping, moment, nameOf, optional, text } from './shape.ts'
import { BY_MAX, REASON_MAX } from './weights-file.ts'

/** What the object is called in the bucket. */
export const EMERGENCY_FILE = 'emergency.json'

export const EMERGENCY_BYTES_MAX = bytes(64 * 1024)

/** Of each list. */
export const EMERGENCY_NAMES_MAX = 256

const FIELDS = {
  $schema: optional(text('the address of this schema', 200), 'Where this schema stands, for editors.'),
  version: field(constant(1), 'Of this format.'),
  reason: field(text('why', REASON_MAX), 'Why, for everybody who asks what is in force.'),
  by: field(text('who', BY_MAX), 'Who. Nothing proves it: who may write the bucket may write any name.'),
  expires: optional(moment(), 'From when on it counts no more, by the clock of whoever reads it. Absent: until the object is deleted.'),
  drain: optional(
    listOf(text('the name of an endpoint, a region or a cloud', 63), 'names', EMERGENCY_NAMES_MAX),
    'Endpoints, regions and clouds that get nothing more.',
  ),
  weightZero: optional(
    listOf(nameOf('the name of an endpoint'), 'names', EMERGENCY_NAMES_MAX),
    'Endpoints that get nothing new, except when nothing else is left.',
  ),
  freeze: optional(
    listOf(nameOf('the name of a release, or *', { all: true }), 'names', EMERGENCY_NAMES_MAX),
    'Releases that go no further; *: all of them, and nobody changes a weight.',
  ),
  killCanary: optional(
    listOf(nameOf('the name of a release, or *', { all: true }), 'names', EMERGENCY_NAMES_MAX),
    'Releases whose canary nobody gets; *: of all.',
  ),
}

const SHAPE = mapping('an emergency', FIELDS)

export const EMERGENCY_SCHEMA = { title: 'Meridian emergency.json', ...SHAPE.schema }

type Lists = 'drain' | 'weightZero' | 'freeze' | 'killCanary'

/** Lists that were left out are empty. */
export type EmergencyFile = Omit<MappingOf<typeof FIELDS>, '$schema' | Lists> & Readonly<Record<Lists, readonly string[]>>

/** Reads a text. All defects of form at once; whether it has expired is the reader's to ask (`hasExpired`). */
export function parseEmergencyFile(raw: string): ReadFile<EmergencyFile> {
  const { file, ...read } = readJson(raw, EMERGENCY_BYTES_MAX, SHAPE)
  if (file === undefined) return read
  const { $schema: _, ...said } = file
  return { ...read, file: { drain: [], weightZero: [], freeze: [], killCanary: [], ...said } }
}

/** Whether it counts no more. `now`: of the reader's clock. */
export const hasExpired = ({ expires }: Pick<EmergencyFile, 'expires'>, now: number): boolean => expires !== undefined && expires <= now
