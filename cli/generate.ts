/** What is generated from the description of the configuration: the JSON Schema for editors and the reference for people. */
import { z } from 'zod'
import { gatewaySchema } from '../config/schema.ts'

export interface GeneratedFile {
  /** Relative to the project's root. */
  readonly file: string
  readonly text: string
}

/** All generated files, whole. A test holds the committed ones current. */
export function generated(): readonly GeneratedFile[] {
  const schema = z.toJSONSchema(gatewaySchema, { target: 'draft-7', io: 'input' })
  return [{ file: 'config/gateway.schema.json', text: `${JSON.stringify(schema, null, 2)}\n` }]
}
