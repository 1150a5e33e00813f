/**
 * The one table of what can be wrong with a configuration. A code is API: it names one kind of contradiction, whichever field it is found in,
 * and never changes its meaning. docs/defects.md is generated from it, and each code has an example that a test runs (`defects/examples`).
 */
import { ADMISSION_DEFECTS } from './defects/admission.ts'
import { DEPLOY_DEFECTS } from './defects/deploy.ts'
import type { DefectFacts } from './defects/facts.ts'
import { FORM_DEFECTS } from './defects/form.ts'
import { NOTES as GATEWAY_NOTES } from './defects/notes.ts'
import { OPERATOR_DEFECTS, OPERATOR_NOTES } from './defects/operators.ts'
import { POOL_DEFECTS } from './defects/pools.ts'
import { RELEASE_DEFECTS } from './defects/releases.ts'
import { ROUTE_DEFECTS } from './defects/routes.ts'

export type { DefectFacts } from './defects/facts.ts'

export const DEFECTS = {
  ...FORM_DEFECTS,
  ...POOL_DEFECTS,
  ...ROUTE_DEFECTS,
  ...ADMISSION_DEFECTS,
  ...RELEASE_DEFECTS,
  ...DEPLOY_DEFECTS,
  ...OPERATOR_DEFECTS,
} as const

export const NOTES = { ...GATEWAY_NOTES, ...OPERATOR_NOTES } as const

export type DefectCode = keyof typeof DEFECTS
export type NoteCode = keyof typeof NOTES

/** What is said of a code, be it of a defect or of a note; undefined for what is none. */
export function factsOf(code: string): DefectFacts | undefined {
  const all: Readonly<Record<string, DefectFacts>> = { ...DEFECTS, ...NOTES }
  return Object.hasOwn(all, code) ? all[code] : undefined
}
