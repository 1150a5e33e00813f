/** What `emergency.json` freezes, as vantages say: the union of what those say that were heard just now. Vantages merge the rest of it by themselves. */
import type { VantageId } from '../config/ids.ts'
import { parseEmergency } from '../config/parse-overlay.ts'
import { between, type Instant, ms } from '../config/units.ts'
import type { DirectorPart } from './director-part.ts'

/** Five missed questions. */
const HEARD_FOR = ms(5000)

export class EmergencyFreeze implements DirectorPart {
  readonly #heard = new Map<VantageId, { readonly at: Instant; readonly freeze: readonly string[] }>()

  readonly hear = ({ emergency }: Readonly<Record<string, unknown>>, from: VantageId, at: Instant): void => {
    this.#heard.set(from, { at, freeze: parseEmergency(emergency)?.freeze ?? [] })
  }

  readonly frozen = (now: Instant): readonly string[] => [
    ...new Set([...this.#heard.values()].flatMap(({ at, freeze }) => (Math.abs(between(at, now)) < HEARD_FOR ? freeze : []))),
  ]
}
