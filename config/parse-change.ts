/**
 * Reads a request for changes that came over RPC or from a body: a request, or everything that is wrong with its shape. What its names stand
 * for is the director's to say.
 */
import type { Path } from './defect.ts'
import { type Change, type ChangeDefect, type ChangeRequest, OPERATOR_DOORS, RELEASE_ACTIONS } from './director.ts'
import type { PageRequest } from './director-view.ts'
import { endpointId, poolId, releaseId } from './ids.ts'
import type { DrainTarget } from './overlay.ts'
import { isRecord } from './parse-snapshot.ts'
import { isWrong, listOf, maybe, oneOf, type Reader, readFields, shareOfOne, within, words } from './read-change.ts'
import { err, ok, type Result } from './result.ts'
import { ms, share } from './units.ts'

export const REASON_MAX = 200
export const BY_MAX = 128
/** Of one request. */
export const CHANGES_MAX = 64
/** As in gateway.yaml. */
const WEIGHT_MAX = 10_000
const ENDPOINTS_MAX = 256
/** A gradual drain is a matter of minutes; one that lasts longer than a month belongs in gateway.yaml. */
const OVER_MAX = 3_600_000
const LASTS_MIN = 1000
const LASTS_MAX = 31 * 86_400_000
const NAME_MAX = 128

const name = (what: string): Reader<string> => words(what, NAME_MAX)

const CHANGE_KINDS = [
  'set-weights',
  'clear-weights',
  'drain',
  'undrain',
  'release',
  'set-release',
  'clear-release',
  'revert',
] as const satisfies readonly Change['kind'][]

const REQUEST_FIELDS = ['changes', 'by', 'door', 'reason', 'ifMatch', 'dryRun', 'id']

export function parseChangeRequest(raw: unknown): Result<ChangeRequest, readonly ChangeDefect[]> {
  const found: ChangeDefect[] = []
  const fields = readFields(raw, [], found, REQUEST_FIELDS)
  if (fields === undefined) return err(found)
  const { dryRun } = fields
  const changes = listOf(readChange, 'changes', CHANGES_MAX)(fields['changes'], ['changes'], found)
  const by = words('who', BY_MAX)(fields['by'], ['by'], found)
  const door = oneOf(OPERATOR_DOORS)(fields['door'], ['door'], found)
  const reason = words('why', REASON_MAX)(fields['reason'], ['reason'], found)
  const ifMatch = maybe(fields['ifMatch'], within(0, Number.MAX_SAFE_INTEGER, 'a revision'), ['ifMatch'], found)
  const id = maybe(fields['id'], name('an id'), ['id'], found)
  if (dryRun !== undefined && typeof dryRun !== 'boolean') isWrong(dryRun, ['dryRun'], found, 'true or false')
  if (changes === undefined || by === undefined || door === undefined || reason === undefined || found.length > 0) return err(found)
  return ok({
    changes,
    by,
    door,
    reason,
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(id === undefined ? {} : { id }),
    ...(dryRun === true ? { dryRun } : {}),
  })
}

const readChange: Reader<Change> = (raw, path, found) => {
  const kind = oneOf(CHANGE_KINDS)(isRecord(raw) ? raw['kind'] : raw, isRecord(raw) ? [...path, 'kind'] : path, found)
  if (kind === undefined) return undefined
  const before = found.length
  const change = READERS[kind](raw, path, found)
  return found.length === before ? change : undefined
}

type Readers = { readonly [Kind in Change['kind']]: Reader<Extract<Change, { kind: Kind }>> }

const over: Reader<number> = within(0, OVER_MAX, 'a length in ms')

/** When it ends by itself; absent: not before somebody ends it. */
function readLasts(fields: Readonly<Record<string, unknown>> | undefined, path: Path, found: ChangeDefect[]) {
  const lasts = maybe(fields?.['lasts'], within(LASTS_MIN, LASTS_MAX, 'a length in ms'), [...path, 'lasts'], found)
  return lasts === undefined ? {} : { lasts: ms(lasts) }
}

/** Each gives what it could read; whoever called looks whether something was wrong. */
const READERS: Readers = {
  'set-weights': (raw, path, found) => {
    const fields = readFields(raw, path, found, ['kind', 'pool', 'weights', 'lasts'])
    const pool = name('a pool')(fields?.['pool'], [...path, 'pool'], found) ?? ''
    const weights = readWeights(fields?.['weights'], [...path, 'weights'], found) ?? {}
    return { kind: 'set-weights', pool: poolId(pool), weights, ...readLasts(fields, path, found) }
  },
  'clear-weights': (raw, path, found) => {
    const fields = readFields(raw, path, found, ['kind', 'pool', 'endpoints'])
    const pool = name('a pool')(fields?.['pool'], [...path, 'pool'], found) ?? ''
    const endpoints = maybe(fields?.['endpoints'], listOf(name('an endpoint'), 'endpoints', ENDPOINTS_MAX), [...path, 'endpoints'], found)
    return { kind: 'clear-weights', pool: poolId(pool), ...(endpoints === undefined ? {} : { endpoints: endpoints.map(endpointId) }) }
  },
  drain: (raw, path, found) => {
    const fields = readFields(raw, path, found, ['kind', 'target', 'over', 'lasts'])
    const { target, over: length } = readMove(fields, path, found)
    const { lasts } = readLasts(fields, path, found)
    // It would come back at once from half-way.
    if (lasts !== undefined && lasts < length)
      isWrong(lasts, [...path, 'lasts'], found, `a length of at least its "over", which is ${length}`)
    return { kind: 'drain', target, over: length, ...(lasts === undefined ? {} : { lasts }) }
  },
  undrain: (raw, path, found) => ({ kind: 'undrain', ...readMove(readFields(raw, path, found, ['kind', 'target', 'over']), path, found) }),
  release: (raw, path, found) => {
    const fields = readFields(raw, path, found, ['kind', 'release', 'action'])
    const release = name('a release')(fields?.['release'], [...path, 'release'], found) ?? ''
    const action = oneOf(RELEASE_ACTIONS)(fields?.['action'], [...path, 'action'], found) ?? 'pause'
    return { kind: 'release', release: releaseId(release), action }
  },
  'set-release': (raw, path, found) => {
    const fields = readFields(raw, path, found, ['kind', 'release', 'weight'])
    const release = name('a release')(fields?.['release'], [...path, 'release'], found) ?? ''
    return {
      kind: 'set-release',
      release: releaseId(release),
      weight: share(shareOfOne(fields?.['weight'], [...path, 'weight'], found) ?? 0),
    }
  },
  'clear-release': (raw, path, found) => {
    const fields = readFields(raw, path, found, ['kind', 'release'])
    return { kind: 'clear-release', release: releaseId(name('a release')(fields?.['release'], [...path, 'release'], found) ?? '') }
  },
  revert: (raw, path, found) => {
    const fields = readFields(raw, path, found, ['kind', 'revision'])
    const revision = within(0, Number.MAX_SAFE_INTEGER, 'a revision')(fields?.['revision'], [...path, 'revision'], found) ?? 0
    return { kind: 'revert', revision }
  },
}

function readMove(fields: Readonly<Record<string, unknown>> | undefined, path: Path, found: ChangeDefect[]) {
  const target = readTarget(fields?.['target'], [...path, 'target'], found) ?? { kind: 'endpoint', endpoint: endpointId('') }
  return { target, over: ms(over(fields?.['over'], [...path, 'over'], found) ?? 0) }
}

const readWeights: Reader<Readonly<Record<string, number>>> = (raw, path, found) => {
  const entries = isRecord(raw) ? Object.entries(raw) : []
  if (entries.length === 0 || entries.length > ENDPOINTS_MAX)
    return isWrong(raw, path, found, `a mapping of 1 to ${ENDPOINTS_MAX} endpoints to their weights`)
  const weight = within(0, WEIGHT_MAX, 'a weight: a whole number')
  return Object.fromEntries(entries.map(([endpoint, value]) => [endpoint, weight(value, [...path, endpoint], found) ?? 0]))
}

const TARGETS = ['endpoint', 'region', 'cloud'] as const

const readTarget: Reader<DrainTarget> = (raw, path, found) => {
  const kind = oneOf(TARGETS)(isRecord(raw) ? raw['kind'] : raw, isRecord(raw) ? [...path, 'kind'] : path, found)
  if (kind === undefined) return undefined
  const value = name(`the name of a ${kind}`)(readFields(raw, path, found, ['kind', kind])?.[kind], [...path, kind], found)
  if (value === undefined) return undefined
  switch (kind) {
    case 'endpoint':
      return { kind, endpoint: endpointId(value) }
    case 'region':
      return { kind, region: value }
    case 'cloud':
      return { kind, cloud: value }
    default:
      return kind satisfies never
  }
}

const LIMIT = 50
const LIMIT_MAX = 200

/** Whatever is no number of the right size is the default: a page is always given. */
export function parsePage(raw: unknown): Required<PageRequest> {
  const { before, limit } = isRecord(raw) ? raw : {}
  const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0
  return { before: isWhole(before) ? before : Number.MAX_SAFE_INTEGER, limit: isWhole(limit) ? Math.min(limit, LIMIT_MAX) : LIMIT }
}
