/** Defects of form: of files, and of fields taken by themselves. Each is of many fields; `expected` says what the field at hand wants. */
import type { DefectFacts } from './facts.ts'

export const FORM_DEFECTS = {
  FILE_UNREADABLE: {
    means: 'A file is not there, may not be read, is too large, or is named where no file can be read.',
    instead: 'Name a file that the user who runs the command can read; paths begin at the folder of the configuration.',
  },
  FILE_TOO_LARGE: {
    means: 'The file is larger, nested deeper or, once its aliases are followed, of more values than any configuration needs.',
    instead: 'Split the gateway, or say the same with fewer aliases.',
  },
  FILE_MALFORMED: {
    means: 'The file is not the YAML, TOML or JSON that it should be, so that nothing of it can be read.',
    instead: 'Mend what the parser found at this place; in YAML it is most often the indentation, a tab or a missing quote.',
  },
  KEY_REPEATED: {
    means: 'A mapping has the same key twice: only one of the two could count.',
    instead: 'Put what both say under one key.',
  },
  KEY_RESERVED: {
    means: 'A key is called "__proto__", which JavaScript takes for something else.',
    instead: 'Choose another name.',
  },
  ALIAS_UNKNOWN: {
    means: 'An alias or a merge key of YAML leads to nothing that it could stand for.',
    instead: 'Put the anchor (&name) further up than the alias (*name), and merge (<<) mappings only.',
  },
  FIELD_UNKNOWN: {
    means: 'No field of this name exists here, so that it would have been ignored.',
    instead: 'Correct its spelling, move it to where it belongs, or remove it.',
  },
  FIELD_MISSING: {
    means: 'Something that has no default is not said.',
    instead: 'Add the field, or one of those that are named.',
  },
  FIELDS_EXCLUSIVE: {
    means: 'Two fields stand side by side of which only one can hold.',
    instead: 'Keep one of them.',
  },
  FIELD_NEEDS_ANOTHER: {
    means: 'A field means something only with another one beside it, which is not there.',
    instead: 'Add the other field, or remove this one.',
  },
  FIELD_WITHOUT_EFFECT: {
    means: 'Nothing reads this field where it stands: whoever wrote it expects something that will not happen.',
    instead: 'Remove it, or set what makes it count.',
  },
  VALUE_MALFORMED: {
    means: 'A value is of the wrong type, or not written as its field wants it.',
    instead: 'Write it as "expected" shows; lengths, shares and sizes have their unit and stand in no other.',
  },
  VALUE_OUT_OF_RANGE: {
    means: 'A value is well written and beyond the limits of its field.',
    instead: 'Choose one within the limits; docs/configuration.md says why they are where they are.',
  },
  VALUE_UNKNOWN: {
    means: 'A word is none of those that its field knows.',
    instead: 'Use one of the words that are listed.',
  },
  VALUE_REPEATED: {
    means: 'A list names the same thing twice, perhaps in another spelling, or beside one that takes it in already.',
    instead: 'Name it once.',
  },
  COUNT_OUT_OF_RANGE: {
    means: 'A list or a mapping holds more than it may, or is empty where an empty one would mean nothing.',
    instead: 'Bring it within the limits, or leave the field out where its absence means all.',
  },
  NAME_MALFORMED: {
    means: 'A name that operators choose holds something else than lower-case letters, digits and hyphens.',
    instead: 'Respell it: names stand in headers, logs and URLs.',
  },
  NAME_TAKEN: {
    means: 'Two things of one kind have the same name, so that the log, the statistics and references could mean either.',
    instead: 'Give each a name of its own.',
  },
  BOUNDS_REVERSED: {
    means: 'Of two bounds that go together the lower is above the upper, or a part is allowed more than the whole.',
    instead: 'Raise the one or lower the other.',
  },
} as const satisfies Record<string, DefectFacts>
