/** What a name means to whoever drains: an endpoint, a region or a cloud. `region:NAME` says which, where a name is several things. */
import type { Pool } from '../../config/base.ts'
import { type EndpointId, endpointId } from '../../config/ids.ts'
import type { DrainTarget } from '../../config/overlay.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { didYouMean } from '../../config/suggest.ts'

/** As much of a pool as names need: gateways tell it too. */
export interface NamedPool {
  readonly id: Pool['id']
  readonly endpoints: readonly { readonly id: EndpointId; readonly region: string; readonly cloud: string }[]
}

const KINDS = ['endpoint', 'region', 'cloud'] as const

export function findTarget(pools: readonly NamedPool[], written: string): Result<DrainTarget, string> {
  const [prefix = '', ...others] = written.split(':')
  const asked = KINDS.find((kind) => kind === prefix && others.length > 0)
  const name = asked === undefined ? written : others.join(':')
  const known = namesOf(pools)
  const meant = KINDS.filter((kind) => (asked === undefined || kind === asked) && known[kind].includes(name))
  const [kind] = meant
  if (meant.length > 1)
    return err(
      `"${name}" is ${meant.map((each) => `a${each === 'endpoint' ? 'n' : ''} ${each}`).join(' and ')}; say ${meant.map((each) => `${each}:${name}`).join(' or ')}`,
    )
  if (kind !== undefined) return ok(targetOf(kind, name))
  const candidates = asked === undefined ? KINDS.flatMap((each) => known[each]) : known[asked]
  const hint = didYouMean(name, candidates)
  return err(`there is no ${asked ?? 'endpoint, region or cloud'} "${name}"; ${hint ?? `there are ${candidates.join(', ')}`}`)
}

/** `region us-east-1`, `endpoint aws-use1`. */
export const showTarget = (target: DrainTarget): string => `${target.kind} ${nameOf(target)}`

export function nameOf(target: DrainTarget): string {
  switch (target.kind) {
    case 'endpoint':
      return target.endpoint
    case 'region':
      return target.region
    case 'cloud':
      return target.cloud
    default:
      return target satisfies never
  }
}

function namesOf(pools: readonly NamedPool[]): Readonly<Record<DrainTarget['kind'], readonly string[]>> {
  const all = pools.flatMap(({ endpoints }) => endpoints)
  const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)]
  return {
    endpoint: distinct(all.map(({ id }) => id)),
    region: distinct(all.map(({ region }) => region)),
    cloud: distinct(all.map(({ cloud }) => cloud)),
  }
}

function targetOf(kind: DrainTarget['kind'], name: string): DrainTarget {
  switch (kind) {
    case 'endpoint':
      return { kind, endpoint: endpointId(name) }
    case 'region':
      return { kind, region: name }
    case 'cloud':
      return { kind, cloud: name }
    default:
      return kind satisfies never
  }
}
