/** Which fields the examples of defects are about, so that the reference of a field leads to what contradicts it. */

import type { Path } from '../config/defect.ts'
import { FORM_DEFECTS } from '../config/defects/form.ts'
import { DEFECTS } from '../config/defects.ts'
import { EXAMPLES, EXAMPLES_NOW, type ExampleSide, readExample } from './defect-examples.ts'
import type { DescribedSchema } from './generate.ts'
import { loadText } from './load-gateway.ts'
import { certificateReader } from './read-certificates.ts'

/** Codes by field as the reference calls it: `routes[].home`. Those of form are of any field, and left out. */
export function defectsOfFields(root: DescribedSchema): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>()
  for (const code of Object.keys(DEFECTS)) {
    const example = readExample(code)
    if (example === undefined || !isOfGateway(example.wrong) || Object.hasOwn(FORM_DEFECTS, code)) continue
    const options = { local: example.local, now: EXAMPLES_NOW, certificates: certificateReader(EXAMPLES) }
    const loaded = loadText(example.wrong.gateway, code, options)
    for (const { path } of loaded.ok ? [] : loaded.defects) {
      const field = fieldAt(root, path)
      const known = fields.get(field)
      if (known === undefined) fields.set(field, [code])
      else if (!known.includes(code)) known.push(code)
    }
  }
  return fields
}

const isOfGateway = ({ wrangler, emergency }: ExampleSide): boolean => wrangler === undefined && emergency === undefined

/** The innermost field on the way to a place. */
function fieldAt(root: DescribedSchema, path: Path): string {
  let field = ''
  let below = ''
  let schema: DescribedSchema | undefined = root
  for (const step of path) {
    const properties: DescribedSchema['properties'] = schema.properties
    const held: DescribedSchema | undefined = properties?.[String(step)]
    if (held !== undefined) {
      field = field === '' ? String(step) : `${field}${below}.${step}`
      below = ''
      schema = held
      continue
    }
    const item: DescribedSchema | undefined = typeof step === 'number' ? schema.items : schema.additionalProperties || undefined
    if (item === undefined) break
    below += typeof step === 'number' ? '[]' : '.NAME'
    schema = item
  }
  return field
}
