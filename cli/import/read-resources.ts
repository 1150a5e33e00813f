/** Kubernetes manifests as text: one or many YAML documents a file, or a List of them. Each resource knows where its values stand. */
import type { Path } from '../../config/defect.ts'
import { readYaml } from '../read-yaml.ts'
import type { Findings, Locate } from './finding.ts'

export interface Resource {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly value: Readonly<Record<string, unknown>>
  readonly locate: Locate
}

/** Where kubectl puts what names no namespace. */
const DEFAULT_NAMESPACE = 'default'

/** Every resource of a file; what is none becomes a finding. */
export function readResources(file: string, text: string, findings: Findings): readonly Resource[] {
  return splitDocuments(text).flatMap(({ text: one, line }) => {
    const yaml = readYaml(one)
    if (!yaml.ok) {
      for (const { line: within, column, expected, found } of yaml.defects) {
        findings.add('refused', { file, line: line + within, column }, `expected ${expected}, found ${found}`)
      }
      return []
    }
    const locate: Locate = (path, atKey) => {
      const place = yaml.locate(path, atKey)
      return { file, line: line + place.line, column: place.column }
    }
    return readResource(yaml.value, locate, findings)
  })
}

function readResource(value: unknown, locate: Locate, findings: Findings): readonly Resource[] {
  if (value === null || value === undefined) return []
  const { apiVersion, kind, metadata, items } = isMapping(value) ? value : {}
  if (!isMapping(value) || typeof apiVersion !== 'string' || typeof kind !== 'string') {
    findings.add('refused', locate([]), 'expected a Kubernetes resource with apiVersion and kind')
    return []
  }
  if (kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item, index) => readResource(item, under(locate, ['items', index]), findings))
  }
  const { name, namespace } = isMapping(metadata) ? metadata : {}
  if (typeof name !== 'string' || name === '') {
    findings.add('refused', locate(['metadata'], true), `expected ${kind} to have metadata.name`)
    return []
  }
  return [
    {
      group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '',
      kind,
      namespace: typeof namespace === 'string' && namespace !== '' ? namespace : DEFAULT_NAMESPACE,
      name,
      value,
      locate,
    },
  ]
}

const under =
  (locate: Locate, prefix: Path): Locate =>
  (path, atKey) =>
    locate([...prefix, ...path], atKey)

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The documents of a YAML stream, each with the number of lines before it. */
function splitDocuments(text: string): readonly { readonly text: string; readonly line: number }[] {
  const documents: { text: string; line: number }[] = []
  let lines: string[] = []
  let start = 0
  for (const [index, line] of text.split('\n').entries()) {
    if (!/^(?:---|\.\.\.)(?:\s|$)/.test(line)) {
      lines.push(line)
      continue
    }
    documents.push({ text: lines.join('\n'), line: start })
    // What stands behind the marker belongs to the document that it begins.
    lines = [`   ${line.slice(3)}`]
    start = index
  }
  return [...documents, { text: lines.join('\n'), line: start }]
}
