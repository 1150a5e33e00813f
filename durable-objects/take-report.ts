/** Folds what one isolate reports into the votes. What counts as evidence is `policy/judge-traffic.ts`'s; what follows `policy/fold-endpoint.ts`'s. */
import type { EndpointKey } from '../config/ids.ts'
import type { AttemptReport, ReportRow } from '../config/report.ts'
import type { Instant } from '../config/units.ts'
import { routesDownOf } from './policy/compose-vote.ts'
import { type EndpointFold, type FoldRules, foldFinding, foldProbation } from './policy/fold-endpoint.ts'
import { judgePair, type Looked } from './policy/judge-traffic.ts'
import type { Pair } from './policy/traffic-window.ts'
import type { VantageState } from './vantage-state.ts'

/** Isolates whose last report is remembered, the most recent: what could be repeated is younger than that. */
const REPORTS_MAX = 4096

/** Of a report that was parsed. Returns true when it changed an opinion, or says that a canary fails. A report that was taken already changes nothing. */
export function takeReport(state: VantageState, report: AttemptReport, rules: FoldRules, now: Instant): boolean {
  state.counters.reports += 1
  const last = state.reports.get(report.isolate)
  if (last !== undefined && report.seq <= last) {
    state.counters.repeated += 1
    return false
  }
  remember(state, report)
  const rows = report.rows.filter((row) => state.targets.has(row.endpoint))
  state.window.add({ ...report, rows }, now)
  state.tracks.add(report.tracks ?? [], now)
  let changed = false
  for (const row of rows) changed = takeProbation(state, row, rules, now) || changed
  const failing = rows.filter((row) => row.failedConnect + row.failedOther > 0)
  const pairs = failing.flatMap((row) => state.window.get(row.route, row.endpoint) ?? [])
  const canaryFails = report.tracks?.some(({ track, failed: count }) => track === 'canary' && count > 0) === true
  return judgeAll(state, pairs, rules, now) || changed || canaryFails
}

/** Judges again what was reported failing: time passed, or other isolates spoke since. */
export function judgeTraffic(state: VantageState, rules: FoldRules, now: Instant): void {
  judgeAll(state, state.window.failing(now), rules, now)
}

/** Returns true when an opinion changed. */
function judgeAll(state: VantageState, pairs: readonly Pair[], rules: FoldRules, now: Instant): boolean {
  const looked: Looked = new Map()
  let changed = false
  for (const pair of pairs) {
    const before = state.fold(pair.endpoint)
    // Of what is out as a whole nothing more is to be found out.
    const finding = before.ejection === undefined ? judgePair(state.window, pair, now, looked) : undefined
    if (finding === undefined) continue
    const after = foldFinding(before, finding, rules, now)
    state.folds.set(pair.endpoint, after)
    changed ||= after.ejection !== undefined || routesDownOf(after).length !== routesDownOf(before).length
  }
  return changed
}

function takeProbation(state: VantageState, row: ReportRow, rules: FoldRules, now: Instant): boolean {
  if (row.probationSucceeded + row.probationFailed === 0) return false
  const before = state.fold(row.endpoint)
  const outcome = { route: row.route, succeeded: row.probationSucceeded, failed: row.probationFailed }
  const after = foldProbation(before, outcome, rules, now)
  state.folds.set(row.endpoint, after)
  forgive({ state, before, after }, row.endpoint, now)
  return before !== after
}

interface Restoring {
  readonly state: VantageState
  readonly before: EndpointFold
  readonly after: EndpointFold
}

/** What was restored starts with a clean sheet: the failures that ejected it are within the window still. */
function forgive({ state, before, after }: Restoring, endpoint: EndpointKey, now: Instant): void {
  if (before.ejection !== undefined && after.ejection === undefined) state.window.forgive(endpoint, now)
  for (const route of Object.keys(before.routes) as (keyof EndpointFold['routes'])[]) {
    if (before.routes[route]?.ejection !== undefined && after.routes[route]?.ejection === undefined)
      state.window.forgive(endpoint, now, route)
  }
}

function remember(state: VantageState, report: AttemptReport): void {
  state.reports.delete(report.isolate)
  state.reports.set(report.isolate, report.seq)
  const oldest = state.reports.size > REPORTS_MAX ? state.reports.keys().next().value : undefined
  if (oldest !== undefined) state.reports.delete(oldest)
}
