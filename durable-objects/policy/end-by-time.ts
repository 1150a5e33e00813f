/** What operators said for a while: drains and weights that end by themselves, when nobody has ended them before. */
import { type Instant, instant } from '../../config/units.ts'
import type { DirectorState } from './director-state.ts'

/** The state without what is over at `now`; the same one when there is nothing. What was below a weight counts again, whatever it adds up to. */
export function endByTime(state: DirectorState, now: Instant): DirectorState {
  const goesOn = ({ until }: { readonly until?: Instant }): boolean => until === undefined || until > now
  const [drains, weights] = [state.drains.filter(goesOn), state.weights.filter(goesOn)]
  const isSame = drains.length === state.drains.length && weights.length === state.weights.length
  return isSame ? state : { ...state, drains, weights }
}

/** When the next of it ends. */
export function nextEnd({ drains, weights }: DirectorState): Instant | undefined {
  const ends = [...drains, ...weights].flatMap(({ until }) => (until === undefined ? [] : [until]))
  return ends.length === 0 ? undefined : instant(Math.min(...ends))
}
