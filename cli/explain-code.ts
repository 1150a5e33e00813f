/** `npx meridian check --explain CODE`: what a code of a defect means, an example that has it, and what to write instead. */
import { DEFECTS, factsOf, NOTES } from '../config/defects.ts'
import { didYouMean } from '../config/suggest.ts'
import { readExample } from './defect-examples.ts'

/** The text, or undefined for what is no code. Codes are taken in any case. */
export function explainCode(written: string, json: boolean): string | undefined {
  const code = written.toUpperCase()
  const facts = factsOf(code)
  if (facts === undefined) return undefined
  const kind = Object.hasOwn(NOTES, code) ? 'note' : 'defect'
  const example = readExample(code)?.text ?? ''
  const reference = `docs/defects.md#${code.toLowerCase()}`
  if (json) return `${JSON.stringify({ command: 'check', code, kind, ...facts, example, reference }, null, 2)}\n`
  const indented = example.replace(/^(?=.)/gm, '    ')
  const legend = 'Without the lines of "+" it has this, and without those of "-" it has not:'
  return `${code} (${kind})\n\n${facts.means}\n${facts.instead}\n\n${legend}\n\n${indented}\n${reference}\n`
}

/** What to say of a word that is no code. */
export function noSuchCode(written: string): string {
  const near = didYouMean(written.toUpperCase(), [...Object.keys(DEFECTS), ...Object.keys(NOTES)])
  return `There is no code ${JSON.stringify(written)}${near === undefined ? '; docs/defects.md lists them' : `; ${near}`}.`
}
