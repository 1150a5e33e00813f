/** Shows how a change spreads: which vantages have it, live, until all have it or ten seconds have passed. Isolates ask theirs each second. */
import type { SpreadView } from '../../config/director-view.ts'
import type { ChangeNoun } from '../../config/operators.ts'
import { askGateway } from '../ask-gateway.ts'
import type { GatewayAddress } from '../find-gateway.ts'
import { showLength } from '../status/show-length.ts'

const LOOK_EVERY = 150
const GIVE_UP_AFTER = 10_000

export interface SpreadTold {
  readonly spread: SpreadView
  readonly took: number
  readonly complete: boolean
}

export interface FollowPorts {
  /** Undefined: it could not be read this time. */
  readonly look: () => Promise<SpreadView | undefined>
  readonly show: (told: SpreadTold) => void
  readonly now: () => number
  readonly sleep: (length: number) => Promise<void>
}

export async function followSpread(revision: number, { look, show, now, sleep }: FollowPorts): Promise<SpreadTold | undefined> {
  const since = now()
  let told: SpreadTold | undefined
  for (;;) {
    const spread = await look()
    const took = now() - since
    if (spread !== undefined) {
      told = { spread, took, complete: spread.vantages.length > 0 && spread.vantages.every(({ holds }) => (holds ?? 0) >= revision) }
      show(told)
      if (told.complete) return told
    }
    if (took >= GIVE_UP_AFTER) return told
    await sleep(LOOK_EVERY)
  }
}

/** The noun that was changed may be read by whoever changed it, as a rule. */
export const spreadReader = (address: GatewayAddress, noun: ChangeNoun) => async (): Promise<SpreadView | undefined> => {
  const answer = await askGateway(address, { noun: noun === 'revisions' ? 'weights' : noun })
  return answer.ok ? (answer.value as { readonly spread?: SpreadView }).spread : undefined
}

/** `wnam has it, weur has it, apac not yet`. */
export function spreadLine({ spread, took }: SpreadTold, revision: number): string {
  const each = spread.vantages.map(({ vantage, holds }) => `${vantage} ${(holds ?? 0) >= revision ? 'has it' : 'not yet'}`)
  return `${(took / 1000).toFixed(1)} s: ${each.join(', ') || 'no vantage is known yet'}`
}

export function spreadEnd(told: SpreadTold | undefined, revision: number): string {
  if (told === undefined) return 'How far it has come could not be read; it spreads by itself.'
  const { spread, took, complete } = told
  if (complete)
    return `All ${spread.vantages.length} vantages have it after ${(took / 1000).toFixed(1)} s; isolates with traffic within a second.`
  const without = spread.vantages.filter(({ holds }) => (holds ?? 0) < revision)
  const silent = without.map(
    ({ vantage, heardAgo }) => `${vantage} (${heardAgo === undefined ? 'never heard' : `last heard ${showLength(heardAgo)} ago`})`,
  )
  return `After ${(took / 1000).toFixed(0)} s it is not at: ${silent.join(', ') || 'any vantage, none is known'}. They pull it as soon as they can.`
}
