/**
 * When an answer goes on although its body, which is held only because it was its turn to be looked after, has not come whole. While another attempt
 * may bring a whole one it is held: a trickle is rescued like any failure. When none can, or bodies are as slow elsewhere, nobody would gain by it.
 */
import { after, type Instant, instant, ms } from '../../config/units.ts'
import type { AttemptFact, Ledger } from './ledger.ts'

/** A body that comes right behind its head is there by then. */
const HELD_ALONE = ms(150)
/** As long has the body of another attempt before both count as slow by nature: connections may have to be made. */
const HELD_BESIDE = ms(500)

export interface HeldBack {
  /** The first of those that are held. */
  readonly fact: AttemptFact
  readonly until: Instant
  /** Held as well: then it is the route that is slow, not an endpoint. */
  readonly others: readonly AttemptFact[]
}

/** Undefined while none is held, or one waits for its upload. */
export function heldBack({ attempts }: Ledger): HeldBack | undefined {
  if (!attempts.some(isHeld)) return undefined
  let fact: AttemptFact | undefined
  let until = 0
  const others: AttemptFact[] = []
  for (const each of attempts) {
    if (each.outcome !== undefined) continue
    until = Math.max(until, hope(each, fact !== undefined))
    if (!isHeld(each)) continue
    if (fact === undefined) fact = each
    else others.push(each)
  }
  return fact === undefined || until === Number.POSITIVE_INFINITY ? undefined : { fact, until: instant(until), others }
}

const isHeld = ({ heldBriefly, outcome }: AttemptFact): boolean => heldBriefly === true && outcome === undefined

/** Until when something better may come of it. */
function hope(fact: AttemptFact, beside: boolean): number {
  const { sentAt, timeout, headAt, expired, candidate } = fact
  const { attempt, slow } = candidate.route.route.timeouts
  if (sentAt === undefined) return Number.POSITIVE_INFINITY
  if (fact.heldBriefly !== true || headAt === undefined) return expired ? 0 : after(sentAt, attempt)
  if (beside) return after(headAt, HELD_BESIDE)
  // Its timer starts another beside it, which may be whole first; a hard one would end it, and is for the head.
  return timeout === undefined || expired || slow === 'abort' ? after(headAt, HELD_ALONE) : after(sentAt, timeout)
}
