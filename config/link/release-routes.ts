/** What a route with a release must not contradict: a release that exists, clients that can be recognised, writes that have a home. */
import type { Path } from '../defect.ts'
import { namesAt, own } from '../document.ts'
import type { LinkedAction, LinkedPool } from '../link-gateway.ts'
import type { ReleaseFile, RouteFile } from '../parse-gateway.ts'
import { didYouMean } from '../suggest.ts'
import { type Findings, few, isSaid, isSure, lost, refuse } from './findings.ts'
import { allOf, judgesOf } from './judged-by.ts'

/** Undefined when the defects say why. */
export function linkRelease(
  route: RouteFile,
  pools: ReadonlyMap<string, LinkedPool>,
  path: Path,
  findings: Findings,
): LinkedAction | undefined {
  const { parsed } = findings
  const name = route.release ?? ''
  const release = own(parsed.file?.releases ?? {}, name)
  if (release === undefined) {
    const declared = namesAt(parsed.document, ['releases'])
    if (!declared.includes(name) && isSaid('releases', findings)) {
      const expected = `a release of this file: ${few(declared)}`
      refuse(findings, { code: 'RELEASE_UNKNOWN', path: [...path, 'release'], expected, suggestion: didYouMean(name, declared) })
    }
    return undefined
  }
  refuseHome(route, release, path, findings)
  refuseUnproved(route, release, path, findings)
  refuseTwice(route, release, path, findings)
  noteLone(route, release, path, findings)
  const [stable, canary] = [pools.get(release.stable.pool), pools.get(release.canary.pool)]
  if (stable === undefined || canary === undefined) return undefined
  return {
    kind: 'forward',
    pools: [{ pool: stable, weight: 1, file: { ...release.stable, weight: 1 } }],
    replies: [],
    release: { name, canary: { pool: canary, weight: 1, file: { ...release.canary, weight: 1 } } },
  }
}

/** Writes that have a home go there, whatever the track: in another pool there is no home. */
function refuseHome({ writes }: RouteFile, { stable, canary }: ReleaseFile, path: Path, findings: Findings): void {
  if (writes !== 'home' || stable.pool === canary.pool || lost([...path, 'writes'], findings)) return
  refuse(findings, {
    code: 'HOME_IN_ONE_TRACK',
    path: [...path, 'writes'],
    expected: `no home, or a release whose tracks have the same pool: the home is in ${stable.pool}, and the canary is ${canary.pool}`,
  })
}

/** A key that nobody can prove moves nobody. */
function refuseUnproved(route: RouteFile, { key, override }: ReleaseFile, path: Path, findings: Findings): void {
  const { file } = findings.parsed
  if (file === undefined || lost(['admission'], findings) || !isSure([...path, 'admission'], findings)) return
  const wants = [
    ...(key.claim === undefined ? [] : [{ what: 'key "claim"', of: 'tokens' as const }]),
    ...(key.certificate === true ? [{ what: 'key "certificate"', of: 'certificates' as const }] : []),
    ...(override?.claim === undefined ? [] : [{ what: 'override "claim"', of: 'tokens' as const }]),
  ]
  for (const { what, of } of wants) {
    const host = route.hosts.find((each) => !allOf(judgesOf(file, each)).some(({ admission }) => admission[of].length > 0))
    if (route.admission?.require === 'none')
      refuse(findings, {
        code: 'PROOF_MISSING',
        path: [...path, 'admission', 'require'],
        expected: `another demand, because nothing is verified here and the release has the ${what}`,
      })
    else if (host !== undefined)
      refuse(findings, {
        code: 'PROOF_MISSING',
        path: [...path, 'release'],
        expected: `an admission for ${host} that verifies ${of}, for its ${what}`,
      })
  }
}

function refuseTwice({ mirrors = [] }: RouteFile, { steps, canary }: ReleaseFile, path: Path, findings: Findings): void {
  const index = mirrors.findIndex(({ pool }) => pool === canary.pool)
  if (index < 0 || steps.every(({ mirror }) => mirror === undefined)) return
  const expected = 'another pool than that of the canary, to which a step of the release mirrors already'
  refuse(findings, { code: 'VALUE_REPEATED', path: [...path, 'mirrors', index, 'pool'], expected })
}

/** What rescues or hedges on the canary alone needs somebody else there. */
function noteLone({ hedge, retry }: RouteFile, { canary }: ReleaseFile, path: Path, findings: Findings): void {
  if (retry.attemptsMax === 1)
    findings.notes.push({
      code: 'CANARY_NOT_RESCUED',
      path: [...path, 'retry', 'attemptsMax'],
      text: 'what fails on the canary is not rescued on stable',
    })
  if (hedge !== undefined && findings.parsed.names.get(canary.pool)?.length === 1)
    findings.notes.push({
      code: 'CANARY_NOT_HEDGED',
      path: [...path, 'hedge'],
      text: 'the canary has one endpoint: its requests are not hedged',
    })
}
