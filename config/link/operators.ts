/** What the operators' API must not contradict: issuers that exist, are its own, and are believed in one place. */
import type { Path } from '../defect.ts'
import { namesAt, own } from '../document.ts'
import type { GatewayFile } from '../parse-gateway.ts'
import { didYouMean } from '../suggest.ts'
import type { TokenPlace } from '../token-issuer.ts'
import { type Findings, few, isGiven, isSaid, isSure, lost, refuse } from './findings.ts'

export function linkOperators(file: GatewayFile, findings: Findings): void {
  const { operators, issuers, admission } = file
  const path = ['operators', 'issuers']
  if (lost(path, findings)) return
  for (const [index, name] of operators.issuers.entries()) {
    const at = [...path, index]
    const issuer = own(issuers, name)
    if (issuer === undefined) {
      const known = namesAt(findings.parsed.document, ['issuers'])
      if (!known.includes(name) && (known.length > 0 || isSaid('issuers', findings)))
        refuse(findings, {
          code: 'ISSUER_UNKNOWN',
          path: at,
          expected: `one of issuers: ${few(known)}`,
          suggestion: didYouMean(name, known),
        })
      continue
    }
    const shared = admission.findIndex(({ tokens }) => tokens.includes(name))
    if (shared >= 0) {
      const suggestion = 'make it a second issuer, with an audience of its own'
      refuse(findings, {
        code: 'OPERATOR_ISSUER_SHARED',
        path: at,
        expected: `an issuer of operators alone (admission[${shared}] takes its tokens too)`,
        suggestion,
      })
    }
    refuseSameAudience(file, name, at, findings)
    if (issuer.from.length !== 1 || !issuer.from.every(isBearer))
      refuse(findings, {
        code: 'TOKEN_PLACE_REFUSED',
        path: ['issuers', name, 'from'],
        expected: "no other place than { header: authorization, scheme: Bearer } for operators' tokens",
      })
    if (issuer.binding === 'certificate')
      refuse(findings, {
        code: 'BINDING_UNPROVABLE',
        path: ['issuers', name, 'binding'],
        expected: "no certificate: the operators' API asks for none",
      })
    const twin = operators.issuers.slice(0, index).find((other) => own(issuers, other)?.issuer === issuer.issuer)
    if (twin !== undefined)
      refuse(findings, { code: 'ISSUER_AMBIGUOUS', path: at, expected: `issuers of different "issuer": ${twin} says the same` })
  }
  if (operators.issuers.length === 0 && isGiven(['operators', 'scopes'], findings) && isSure(path, findings))
    refuse(findings, {
      code: 'FIELD_NEEDS_ANOTHER',
      path: ['operators', 'scopes'],
      expected: 'a field "issuers" beside it: the secret grants all',
    })
}

/** What comes otherwise, a browser might bring along by itself, and no failure would be counted. */
const isBearer = (place: TokenPlace): boolean =>
  place.kind === 'header' && place.name === 'authorization' && place.scheme?.toLowerCase() === 'bearer'

/** By another name it is the same issuer still: its tokens for that audience would open both doors. */
function refuseSameAudience({ issuers, admission }: GatewayFile, name: string, path: Path, findings: Findings): void {
  const issuer = own(issuers, name)
  if (issuer === undefined) return
  for (const other of new Set(admission.flatMap(({ tokens }) => tokens))) {
    const twin = other === name ? undefined : own(issuers, other)
    const audience = twin?.issuer === issuer.issuer ? twin.audiences.find((each) => issuer.audiences.includes(each)) : undefined
    if (audience === undefined) continue
    refuse(findings, {
      code: 'OPERATOR_ISSUER_SHARED',
      path,
      expected: `an issuer whose audiences are operators' alone (${other}, which an admission names, is the same issuer and has one of them)`,
      found: audience,
    })
    return
  }
}
