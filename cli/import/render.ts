/** What an import made, as text: the configuration as YAML that people go on to edit, and the findings one a line. */
import { stringify } from 'yaml'
import type { Paint } from '../show-defects.ts'
import type { GatewayDocument } from './document.ts'
import type { Finding, Severity } from './finding.ts'

const SCHEMA = '# yaml-language-server: $schema=gateway.schema.json'

export function renderDocument(document: GatewayDocument, files: readonly string[]): string {
  const from = `# Imported from ${files.map((file) => JSON.stringify(file)).join(', ')}.`
  return `${SCHEMA}\n${from}\n\n${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`
}

const SEVERITIES: readonly Severity[] = ['exact', 'approximate', 'dropped', 'refused']

/** `file:line:column  severity  text`, and their numbers. */
export function renderFindings(findings: readonly Finding[], paint: Paint): string {
  const lines = findings.map(
    ({ severity, place, text }) =>
      `${paint.place(`${place.file}:${place.line}:${place.column}`)}  ${(severity === 'refused' ? paint.hint : paint.path)(severity)}  ${printable(text)}`,
  )
  const counts = SEVERITIES.map((severity) => `${findings.filter((one) => one.severity === severity).length} ${severity}`)
  return `${[...lines, counts.join(', ')].join('\n')}\n`
}

/** What a manifest says must not steer the terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
