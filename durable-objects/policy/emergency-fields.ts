/** What `emergency.json` takes away as fields that people compare, beside those of the director's own state. It goes before all of them. */
import type { Difference } from '../../config/director.ts'
import type { EndpointId, ReleaseId } from '../../config/ids.ts'
import type { Emergency } from '../../config/overlay.ts'
import type { KnownNames } from './known-names.ts'

/** As a vantage has told it. */
export interface ToldEmergency {
  readonly emergency: Emergency
  /** Of the file. Absent one version back. */
  readonly by?: string
  readonly reason?: string
}

const WHAT = { drain: 'out', weightZero: 'nothing new', freeze: 'frozen', killCanary: 'killed' } as const
type List = keyof typeof WHAT

/** Each name once, in order of the fields: `emergency.drain.us-east-1`. */
export function emergencyFields(told: readonly ToldEmergency[], names: KnownNames): readonly Difference[] {
  const fields = new Map<string, Difference>()
  for (const { emergency, by, reason } of told) {
    for (const list of Object.keys(WHAT) as List[]) {
      for (const name of emergency[list]) {
        const field = `emergency.${list}.${name}`
        const why = by === undefined || reason === undefined ? {} : { reason: `${reason} (${by})` }
        const inert = isKnown(list, name, names) ? {} : { inert: true as const }
        if (!fields.has(field))
          fields.set(field, { field, before: undefined, after: WHAT[list], owner: 'emergency.json', ...why, ...inert })
      }
    }
  }
  return [...fields.values()].sort((a, b) => (a.field < b.field ? -1 : 1))
}

function isKnown(list: List, name: string, { endpoints, regions, clouds, releases }: KnownNames): boolean {
  if (list === 'freeze' || list === 'killCanary') return name === '*' || releases.has(name as ReleaseId)
  return endpoints.has(name as EndpointId) || (list === 'drain' && (regions.has(name) || clouds.has(name)))
}
