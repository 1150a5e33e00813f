/**
 * What is known at some moment, from a file: a status document (`npx meridian status --json`), a snapshot as vantages publish it, or an
 * explanation (`npx meridian explain --json`).
 */
import type { ExplainedCandidate, Explanation } from '../../config/explanation.ts'
import type { RouteId } from '../../config/ids.ts'
import type { InForce } from '../../config/overlay.ts'
import { parseInForce } from '../../config/parse-overlay.ts'
import { isRecord, parseLastKnownGood, parseSnapshot } from '../../config/parse-snapshot.ts'
import { err, ok, type Result } from '../../config/result.ts'
import type { EndpointHealth, HealthSnapshot } from '../../config/snapshot.ts'
import type { EndpointStatus, StatusDocument, VantageAnswer, VantageStatus } from '../../config/status.ts'
import { share } from '../../config/units.ts'

export interface Known {
  readonly snapshot?: HealthSnapshot
  readonly age: Explanation['health']['age']
  readonly silent: boolean
  /** Of a status document: the votes behind it. */
  readonly answers: readonly VantageAnswer[]
  /** Of an explanation: what its isolate knew by itself, and of which route, where it was of one route alone. */
  readonly candidates: readonly ExplainedCandidate[]
  readonly route?: RouteId
  /** What was otherwise than the configuration said. */
  readonly inForce?: InForce
  /** Hashes of the configurations that it was known of; empty where the file does not say. */
  readonly bases: readonly string[]
}

export const NOTHING_KNOWN: Known = { age: 'none', silent: true, answers: [], candidates: [], bases: [] }

/** What to say when it is asked about another configuration than it was known of: endpoints that have changed their address have no health then. */
export function otherBase({ bases }: Known, hash: string): string | undefined {
  if (bases.length === 0 || bases.includes(hash)) return undefined
  return `decided by configuration ${hash}, and what is known is of ${bases.slice(0, 3).join(', ')}: --config says which to take`
}

const EXPECTED = 'expected the JSON of "meridian status --json", of "meridian explain --json", or a health snapshot'

export function readKnown(text: string): Result<Known, string> {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return err(`is no JSON; ${EXPECTED}`)
  }
  if (!isRecord(raw)) return err(EXPECTED)
  const snapshot = parseSnapshot(raw) ?? parseLastKnownGood(raw)
  if (snapshot !== undefined) return ok({ ...NOTHING_KNOWN, snapshot, age: 'fresh', silent: false, ...inForceOf(snapshot) })
  if (raw['format'] === 1 && Array.isArray(raw['vantages'])) return ofStatus(raw as unknown as StatusDocument)
  if (raw['format'] === 1 && isRecord(raw['decision']) && isRecord(raw['health'])) return ofExplanation(raw as unknown as Explanation)
  return err(EXPECTED)
}

const inForceOf = ({ overlay, emergency }: HealthSnapshot): Pick<Known, 'inForce'> =>
  overlay === undefined && emergency === undefined
    ? {}
    : { inForce: { ...(overlay === undefined ? {} : { overlay }), emergencies: emergency === undefined ? [] : [emergency] } }

function ofStatus({ vantages, inForce: raw }: StatusDocument): Result<Known, string> {
  const view = vantages.flatMap((each) => (each.answered ? [each.status] : []))[0]
  if (view === undefined) return err('holds no answer of any vantage')
  const parsed = parseSnapshot(snapshotOf(view))
  if (parsed === undefined) return err('is a status document of another version')
  const inForce = parseInForce(raw)
  if (raw !== undefined && inForce === undefined) return err('holds an overlay that cannot be read')
  return ok({
    ...NOTHING_KNOWN,
    snapshot: parsed,
    age: 'fresh',
    silent: false,
    answers: vantages,
    bases: [...new Set(vantages.flatMap((each) => (each.answered ? (each.status.bases ?? []).map(({ hash }) => hash) : [])))],
    ...(inForce === undefined ? {} : { inForce }),
  })
}

/** As that vantage would publish it. */
const snapshotOf = (view: VantageStatus): HealthSnapshot => ({
  format: 1,
  vantage: view.vantage,
  incarnation: view.incarnation,
  seq: 0,
  endpoints: Object.fromEntries(view.endpoints.map((endpoint) => [endpoint.key, healthOf(endpoint, view)])),
  retryScale: view.retryScale,
})

function healthOf({ verdict, stoodFor, restored, reasons, routesDown, votes }: EndpointStatus, view: VantageStatus): EndpointHealth {
  const own = votes.find(({ vantage }) => vantage === view.vantage)
  const probe = view.abstains ? 'unknown' : (own?.probe ?? 'unknown')
  return {
    verdict,
    stoodFor,
    ...(restored === true ? { restored } : {}),
    local: own?.traffic === 'down' ? 'down' : probe,
    routesDown,
    localRoutesDown: (own?.routesDown ?? []).filter((route) => !routesDown.includes(route)),
    reasons,
    ...(own?.latency === undefined ? {} : { latency: own.latency }),
  }
}

function ofExplanation({ decision, health, silentVantages, base }: Explanation): Result<Known, string> {
  const candidates = 'plan' in decision ? (decision.plan?.candidates ?? []) : []
  const endpoints = Object.fromEntries(candidates.flatMap((each) => (each.health === undefined ? [] : [[each.key, each.health]])))
  const { age, silent, vantage, retryScale } = health
  const inForce = parseInForce(health.inForce)
  if (health.inForce !== undefined && inForce === undefined) return err('holds an overlay that cannot be read')
  const route = 'route' in decision ? decision.route : undefined
  const overlaid = { ...(inForce === undefined ? {} : { inForce }), ...(route === undefined ? {} : { route }) }
  const answers = (silentVantages ?? []).map((each) => ({ ...each, answered: false as const }))
  const bases = [base]
  if (vantage === undefined) return ok({ age, silent, answers, candidates, bases, ...overlaid })
  const snapshot = {
    format: 1 as const,
    vantage,
    incarnation: { createdAt: 0, bootCount: 0 },
    seq: 0,
    endpoints,
    retryScale: share(retryScale),
  }
  return ok({ snapshot, age, silent, answers, candidates, bases, ...overlaid })
}
