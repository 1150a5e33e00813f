/**
 * Folds drains into the state: what goes out, comes back, and ends by itself. One that is turned round half-way, or is to take
 * another time, goes on from the share that it has reached, so that no traffic jumps.
 */
import type { Change } from '../../config/director.ts'
import { show } from '../../config/document.ts'
import type { DrainTarget } from '../../config/overlay.ts'
import { changeDefect } from '../../config/read-change.ts'
import { didYouMean } from '../../config/suggest.ts'
import { after, type DurationMs, type Instant, instant } from '../../config/units.ts'
import { type DirectorState, type DrainEntry, targetName } from './director-state.ts'
import type { ChangeScene, Place } from './fold-changes.ts'
import { covers, type KnownEndpoint, type KnownNames, namesFor } from './known-names.ts'

type DrainChange = Extract<Change, { kind: 'drain' }>
type UndrainChange = Extract<Change, { kind: 'undrain' }>

export function drain(
  state: DirectorState,
  { target, over, lasts }: DrainChange,
  { names, said }: ChangeScene,
  place: Place,
): DirectorState {
  const { known, name, has } = namesFor(target, names)
  if (!has) return unknownTarget(state, target, { known, name }, place)
  const held = find(state, target)
  const until = lasts === undefined ? undefined : after(said.at, lasts)
  const going = held?.direction === 'out'
  // What is out already goes no faster.
  const isSame = going && (held.over === over || doneOf(held, said.at) === 1)
  if (isSame && held.until === until) return state
  const entry: DrainEntry = {
    ...said,
    target,
    direction: 'out',
    over: isSame ? held.over : over,
    since: isSame ? held.since : startOf(held, 'out', over, said.at),
    ...(until === undefined ? {} : { until }),
  }
  return put(state, held, entry)
}

export function undrain(state: DirectorState, { target, over }: UndrainChange, { names, said }: ChangeScene, place: Place): DirectorState {
  const held = find(state, target)
  if (held === undefined) return notDrained(state, target, names, place)
  if (over === 0) return put(state, held, undefined)
  if (held.direction === 'back' && held.over === over) return state
  const since = startOf(held, 'back', over, said.at)
  return put(state, held, { ...said, target, direction: 'back', over, since, until: after(since, over) })
}

/** From when `over` counts, so that the share goes on from where the one under way has brought it, whichever way that went. */
function startOf(held: DrainEntry | undefined, direction: DrainEntry['direction'], over: DurationMs, now: Instant): Instant {
  if (held === undefined) return now
  const done = doneOf(held, now)
  return instant(Math.round(now - (held.direction === direction ? done : 1 - done) * over))
}

const doneOf = ({ over, since }: DrainEntry, now: Instant): number => (over === 0 ? 1 : Math.min(1, Math.max(0, (now - since) / over)))

const find = ({ drains }: DirectorState, target: DrainTarget): DrainEntry | undefined =>
  drains.find((entry) => targetName(entry.target) === targetName(target))

const put = (state: DirectorState, held: DrainEntry | undefined, entry: DrainEntry | undefined): DirectorState => ({
  ...state,
  drains: [...state.drains.filter((each) => each !== held), ...(entry === undefined ? [] : [entry])],
})

/** Nothing to be done, unless something else keeps it out: then the operator would wait in vain. */
function notDrained(state: DirectorState, target: DrainTarget, names: KnownNames, place: Place): DirectorState {
  const { known, name, has } = namesFor(target, names)
  if (!has) return unknownTarget(state, target, { known, name }, place)
  if (target.kind !== 'endpoint') return state
  const endpoint = names.endpoints.get(target.endpoint)
  const why = endpoint === undefined ? undefined : whyOut(state, endpoint)
  if (why === undefined) return state
  place.found.push({
    path: [...place.path, 'target'],
    expected: 'an endpoint that a drain of its own keeps out',
    found: `${show(name)}, ${why}`,
  })
  return state
}

function whyOut({ drains }: DirectorState, endpoint: KnownEndpoint): string | undefined {
  const wider = drains.find(({ target, direction }) => direction === 'out' && covers(target, endpoint))
  if (wider !== undefined) return `which the drain of ${targetName(wider.target)} keeps out`
  return endpoint.drain ? 'which gateway.yaml drains: only a deploy ends that' : undefined
}

function unknownTarget(
  state: DirectorState,
  target: DrainTarget,
  { known, name }: { readonly known: Iterable<string>; readonly name: string },
  { path, found }: Place,
): DirectorState {
  const article = target.kind === 'endpoint' ? 'an' : 'a'
  const suggestion = didYouMean(name, known)
  found.push(
    changeDefect({
      path: [...path, 'target', target.kind],
      expected: `${article} ${target.kind} of the gateway`,
      found: show(name),
      suggestion,
    }),
  )
  return state
}
