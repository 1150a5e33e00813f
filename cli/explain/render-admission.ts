/** What is known of who sent a request, and what each rule made of it, as lines for people. */
import { styleText } from 'node:util'
import type { ExplainedAdmission, ExplainedRule, ExplainedRules } from '../../config/explained-admission.ts'

export function admissionLines({ host, token, certificate, demand, rules, wouldRefuse }: ExplainedAdmission): string[] {
  const known = [token === undefined ? [] : [`token: ${token}`], certificate === undefined ? [] : [`certificate: ${certificate}`]].flat()
  return [
    '',
    styleText('bold', `who sent it${host === undefined ? '' : `, as ${host} asks`}`),
    ...known.map((line) => `  ${line}`),
    ...(demand === undefined ? [] : [`  demanded: ${demand.require}${demand.mode === 'strict' ? '' : ` (${demand.mode})`}`]),
    ...(wouldRefuse === undefined ? [] : [styleText('yellow', `  would be refused: ${wouldRefuse.code}, ${wouldRefuse.reason}`)]),
    ...rules.flatMap(rulesLines),
  ]
}

function rulesLines({ whose, mode, allows, decides, rules }: ExplainedRules): string[] {
  const width = Math.max(4, ...rules.map(({ rule }) => rule.length))
  const outcome = decides === undefined ? 'none applies: denied' : `${allows ? 'allowed' : 'denied'} by ${decides}`
  return [
    styleText('bold', `rules of the ${whose}${mode === 'enforce' ? '' : ` (${mode})`}: ${outcome}`),
    ...rules.map((rule) => ruleLine(rule, decides, width)),
  ]
}

function ruleLine({ rule, effect, failed }: ExplainedRule, decides: string | undefined, width: number): string {
  const line = `  ${effect.padEnd(5)} ${rule.padEnd(width)}  ${failed === undefined ? 'applies' : `not: ${failed}`}`
  return rule === decides ? line : styleText('dim', line)
}
