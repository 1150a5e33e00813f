/** Which route took a request, and why the others that cover its host did not. */
import type { ExplainedMatching } from '../../../config/explanation.ts'
import type { Decision } from '../../decide.ts'
import { explainMatch, showFailure } from '../../policy/explain-match.ts'
import { MatchRequest } from '../../policy/match-request.ts'
import type { RouteTable } from '../../policy/route-table.ts'

/** A gateway may have ten thousand routes for a host; people read the first few. */
const OTHERS_SHOWN = 20

/** Of a preflight by the request that it asks about. */
export function explainMatching(table: RouteTable, request: MatchRequest, headers: Headers, decision: Decision): ExplainedMatching {
  const taker = 'route' in decision ? decision.route : undefined
  const asked =
    decision.kind === 'preflight' ? new MatchRequest({ ...request.head, method: decision.method }, headers, request.identity) : request
  const { host, path, others } = explainMatch(table, asked)
  const shown = others.slice(0, OTHERS_SHOWN).map(({ route, failed }) => ({ route: route.id, why: showFailure(failed) }))
  return {
    ...(taker === undefined ? {} : { route: taker.id }),
    ...(host === undefined ? {} : { host }),
    ...(path === undefined ? {} : { path: path.kind === 'exact' || path.kind === 'prefix' ? path.value : `${path.kind} ${path.value}` }),
    others: shown,
    moreOthers: others.length - shown.length,
  }
}
