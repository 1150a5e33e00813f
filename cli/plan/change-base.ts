/** A base as it would be with other weights and drains: what a change would do before anybody has made it. */
import type { Endpoint } from '../../config/base.ts'
import { showPath } from '../../config/defect.ts'
import type { PlanBase } from '../../config/operator-documents.ts'
import type { DrainTarget } from '../../config/overlay.ts'
import { isAt } from '../../config/overlay.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { didYouMean } from '../../config/suggest.ts'
import { findTarget } from './find-target.ts'

export interface Proposal {
  readonly weights: readonly { readonly pool: string; readonly endpoint: string; readonly weight: number }[]
  /** Names of endpoints, regions or clouds. */
  readonly drains: readonly string[]
  readonly undrains: readonly string[]
  /** Of a weights file: its layer, as a whole. */
  readonly file?: WeightsProposed
}

export interface WeightsProposed {
  readonly weights: Proposal['weights']
  /** Shares of clients on the canary. */
  readonly releases: readonly { readonly release: string; readonly weight: number }[]
}

/** The schema's own limit. */
export const WEIGHT_MAX = 10_000

/** All that is wrong with the proposal, or the base with it. */
export function changeBase(base: PlanBase, proposal: Proposal): Result<PlanBase, readonly string[]> {
  const problems = [
    ...proposal.weights.flatMap((each) => problemOfWeight(base, each)),
    ...(proposal.file?.releases ?? []).flatMap((each) => problemOfRelease(base, each)),
  ]
  const named = (names: readonly string[]): readonly DrainTarget[] =>
    names.flatMap((name) => {
      const found = findTarget(base.pools, name)
      if (!found.ok) problems.push(found.error)
      return found.ok ? [found.value] : []
    })
  const [out, back] = [named(proposal.drains), named(proposal.undrains)]
  if (problems.length > 0) return err(problems)
  const changed = (pool: string, endpoint: Endpoint): Endpoint => {
    const weight = proposal.weights.findLast((each) => each.pool === pool && each.endpoint === endpoint.id)?.weight ?? endpoint.weight
    const isOut = out.some((target) => isAt(target, endpoint))
    const isBack = back.some((target) => isAt(target, endpoint))
    return { ...endpoint, weight, drain: isOut || (endpoint.drain && !isBack) }
  }
  return ok({ ...base, pools: base.pools.map((pool) => ({ ...pool, endpoints: pool.endpoints.map((each) => changed(pool.id, each)) })) })
}

function problemOfRelease({ releases = [] }: PlanBase, { release: name }: WeightsProposed['releases'][number]): string[] {
  const known = releases.map(({ id }) => id)
  if (known.some((id) => id === name)) return []
  const hint = didYouMean(name, known) ?? (known.length === 0 ? 'the configuration has none' : `there are ${known.join(', ')}`)
  return [`releases.${name}: there is no release "${name}"; ${hint}`]
}

function problemOfWeight({ pools }: PlanBase, { pool: name, endpoint, weight }: Proposal['weights'][number]): string[] {
  const at = showPath(['pools', name, endpoint])
  const pool = pools.find(({ id }) => id === name)
  const unknown = (what: string, known: readonly string[], written: string): string[] => {
    const hint = didYouMean(written, known)
    return [`${at}: ${what}${hint === undefined ? `; there are ${known.join(', ')}` : `; ${hint}`}`]
  }
  if (pool === undefined)
    return unknown(
      `there is no pool "${name}"`,
      pools.map(({ id }) => id),
      name,
    )
  const ids = pool.endpoints.map(({ id }) => id)
  if (!ids.some((id) => id === endpoint)) return unknown(`the pool "${name}" has no endpoint "${endpoint}"`, ids, endpoint)
  return isWeight(weight) ? [] : [`${at}: expected a whole number from 0 to ${WEIGHT_MAX}, found ${weight}`]
}

const isWeight = (weight: number): boolean => Number.isInteger(weight) && weight >= 0 && weight <= WEIGHT_MAX
