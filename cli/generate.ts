/**
 * What is generated from the description of the configuration: the JSON Schema for editors and the reference for people. The
 * schema is what zod makes of it, with what only people read put into the descriptions.
 */
import { z } from 'zod'
import { EMERGENCY_SCHEMA } from '../config/operator-files/emergency-file.ts'
import { WEIGHTS_SCHEMA } from '../config/operator-files/weights-file.ts'
import { RESULT_SCHEMA } from '../config/operator-files/weights-result.ts'
import { gatewaySchema } from '../config/schema.ts'
import { defectsOfFields } from './defects-of-fields.ts'
import { printJson } from './print-json.ts'
import { renderDefects } from './render-defects.ts'
import { renderReference } from './render-reference.ts'

export interface GeneratedFile {
  /** Relative to the project's root. */
  readonly file: string
  readonly text: string
}

/** A schema as it comes out of zod, with the keys of `About`. */
export interface DescribedSchema {
  readonly type?: string
  readonly description?: string
  readonly defaultText?: string
  readonly default?: unknown
  readonly unit?: string
  readonly limits?: string
  readonly danger?: string
  readonly example?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, DescribedSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: DescribedSchema | false
  readonly items?: DescribedSchema
  readonly anyOf?: readonly DescribedSchema[]
}

/** The generated files, whole. A test holds the committed ones current. */
export function generated(): { readonly schema: GeneratedFile; readonly reference: GeneratedFile; readonly defects: GeneratedFile } {
  const described = z.toJSONSchema(gatewaySchema, { target: 'draft-7', io: 'input' }) as DescribedSchema
  const title = { title: 'Meridian gateway configuration', ...described, required: ['pools', 'routes'] }
  return {
    schema: { file: 'config/gateway.schema.json', text: `${printJson(forEditors(title), 0)}\n` },
    reference: { file: 'docs/configuration.md', text: renderReference(title, defectsOfFields(title)) },
    defects: { file: 'docs/defects.md', text: renderDefects() },
  }
}

const DRAFT = { $schema: 'http://json-schema.org/draft-07/schema#' }

/** The schemas of what operators put into the bucket, and of what they get back. */
export function operatorSchemas(): readonly GeneratedFile[] {
  return Object.entries({ weights: WEIGHTS_SCHEMA, emergency: EMERGENCY_SCHEMA, 'weights.result': RESULT_SCHEMA }).map(
    ([name, schema]) => ({
      file: `config/${name}.schema.json`,
      text: `${printJson({ ...DRAFT, ...schema }, 0)}\n`,
    }),
  )
}

/** Keys whose values are data of the configuration, not schemas. */
const DATA = new Set(['default', 'enum', 'required'])

/** The same in words that JSON Schema knows: editors show descriptions. */
function forEditors(schema: DescribedSchema): unknown {
  const { description, defaultText, unit: _unit, limits: _limits, danger, example, properties, ...rest } = schema
  const said = [
    description,
    defaultText === undefined ? undefined : `Default: ${defaultText}.`,
    danger === undefined ? undefined : `Danger: ${danger}`,
  ]
  const text = said.filter((part) => part !== undefined).join(' ')
  const kept = Object.entries(rest).map(([key, held]) => [key, DATA.has(key) ? held : eachSchema(held)])
  return {
    ...(text === '' ? {} : { description: text }),
    ...Object.fromEntries(kept),
    ...(example === undefined ? {} : { examples: [example] }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, forEditors(field)])) }),
  }
}

function eachSchema(held: unknown): unknown {
  if (Array.isArray(held)) return held.map(eachSchema)
  return typeof held === 'object' && held !== null ? forEditors(held) : held
}
