/** From resources to specs. What a cluster would not accept is refused whole; a field that is not known is dropped, said, and the rest read. */
import type { z } from 'zod'
import type { Path } from '../../../config/defect.ts'
import type { Findings, Locate } from '../finding.ts'
import { isMapping, type Resource } from '../read-resources.ts'

/** The spec of a resource; undefined when it was refused. */
export function parseSpec<Schema extends z.ZodType>(schema: Schema, resource: Resource, findings: Findings): z.output<Schema> | undefined {
  let spec: unknown = resource.value['spec'] ?? {}
  const at = (path: Path) => ['spec', ...path]
  const first = schema.safeParse(spec)
  if (first.success) return first.data
  for (const issue of first.error.issues) {
    if (issue.code !== 'unrecognized_keys') continue
    for (const key of issue.keys) {
      const path = [...(issue.path as Path), key]
      findings.add('dropped', resource.locate(at(path), true), `${nameOf(resource)}: ${String(key)} is not read`)
      spec = without(spec, path)
    }
  }
  const second = schema.safeParse(spec)
  if (second.success) return second.data
  for (const issue of second.error.issues) {
    findings.add('refused', resource.locate(at(issue.path as Path)), `${nameOf(resource)}: ${issue.message}`)
  }
  return undefined
}

function without(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return value
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === step ? without(item, rest) : item))
  if (!isMapping(value)) return value
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== step))
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, key === step ? without(held, rest) : held]))
}

export const nameOf = ({ kind, namespace, name }: Pick<Resource, 'kind' | 'namespace' | 'name'>): string => `${kind} ${namespace}/${name}`

/** The same, seen from a value within the spec. */
export const within =
  (locate: Locate, prefix: Path): Locate =>
  (path, atKey) =>
    locate(['spec', ...prefix, ...path], atKey)
