/** The name of a binding of wrangler.toml. */
import type { Reading } from '../fields.ts'

export const BINDING_FORM = 'the name of a binding such as EDGE_CERTIFICATE: capital letters, digits and _, at most 63'
export const BINDING = /^[A-Z][A-Z0-9_]{0,62}$/

export function readBinding(raw: string): Reading<string> {
  if (BINDING.test(raw)) return { value: raw }
  const respelled = raw.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
  return BINDING.test(respelled) ? { expected: BINDING_FORM, suggestion: `write ${respelled}` } : { expected: BINDING_FORM }
}
