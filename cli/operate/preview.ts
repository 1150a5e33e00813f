/** Who would be moved by a change, as it stands now: the deployed configuration with what is in force, before and after the differences. */
import { styleText } from 'node:util'
import type { Difference } from '../../config/director.ts'
import type { EntryView } from '../../config/director-view.ts'
import type { DrainsDocument, PlanBase, PlanBaseDocument, ReleasesDocument, WeightsDocument } from '../../config/operator-documents.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { askGateway } from '../ask-gateway.ts'
import type { GatewayAddress } from '../find-gateway.ts'
import { poolPlans } from '../plan/make-plan.ts'
import { poolLines } from '../plan/render.ts'
import { applyDifferences } from './apply-differences.ts'

/** Empty when nobody is moved. That it cannot be said is a line as well: it is asked about all the same. */
export async function previewLines(address: GatewayAddress, differences: readonly Difference[]): Promise<readonly string[]> {
  const held = await readSaid(address)
  if (!held.ok) return [`Who would be moved cannot be said: ${held.error}`]
  const { base, said } = held.value
  return movedLines(applyDifferences(base, said), applyDifferences(base, [...said, ...differences]))
}

export function movedLines(before: PlanBase, after: PlanBase): readonly string[] {
  const plans = poolPlans(before, after).filter(({ moved }) => moved === undefined || moved > 0)
  const empty = plans.filter(({ endpoints }) => endpoints.every(({ after: share = 0 }) => share === 0)).map(({ pool }) => pool)
  return [
    ...plans.flatMap(poolLines),
    ...(empty.length === 0 ? [] : [styleText('red', `  Nobody would be left in ${empty.join(', ')}: its requests would fail.`)]),
  ]
}

/** The deployed configuration as it is with the weights and drains that are in force. */
export async function readInForce(address: GatewayAddress): Promise<Result<PlanBase, string>> {
  const held = await readSaid(address)
  return held.ok ? ok(applyDifferences(held.value.base, held.value.said)) : held
}

interface Said {
  /** As deployed. */
  readonly base: PlanBase
  /** What is in force otherwise. */
  readonly said: readonly Pick<Difference, 'field' | 'after'>[]
}

async function readSaid(address: GatewayAddress): Promise<Result<Said, string>> {
  const [deployed, told] = await Promise.all([askGateway(address, { noun: 'plan' }), askGateway(address, { noun: 'drains' })])
  if (!deployed.ok) return deployed
  const { base } = deployed.value as PlanBaseDocument
  // Without a director nothing but the configuration is in force.
  if (!told.ok) return /DIRECTOR/.test(told.error) ? ok({ base, said: [] }) : err(told.error)
  const { pools, entries } = told.value as DrainsDocument
  const weights = pools.flatMap(({ id, endpoints }) =>
    endpoints.map(({ id: endpoint, inForce }) => ({ field: `pools.${id}.${endpoint}.weight`, after: inForce })),
  )
  const drains = entries.filter(({ inert }) => inert !== true).map(({ field, value }) => ({ field, after: value }))
  return ok({ base, said: [...weights, ...drains] })
}

/** Everybody's word about weights and releases. */
export async function readEntries(address: GatewayAddress): Promise<Result<readonly EntryView[], string>> {
  const [weights, releases] = await Promise.all([askGateway(address, { noun: 'weights' }), askGateway(address, { noun: 'releases' })])
  const missed = [weights, releases].find((each) => !each.ok)
  // Without a director nobody has said anything.
  if (missed !== undefined && !missed.ok) return /DIRECTOR/.test(missed.error) ? ok([]) : err(missed.error)
  return ok([weights, releases].flatMap((each) => (each.ok ? (each.value as WeightsDocument | ReleasesDocument).entries : [])))
}
