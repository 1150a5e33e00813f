/** What `emergency.json` freezes, as vantages say: the union of what those say that were heard just now. Vantages merge the rest of it by themselves. */
import type { VantageId } from '../config/ids.ts'
import { parseEmergency } from '../config/parse-overlay.ts'
import { between, type Instant, ms } from '../config/units.ts'
import type { DirectorPart } from './director-part.ts'

/** Five missed questions. */
const HEARD_FOR = ms(5000)

export class EmergencyFreeze implements DirectorPart {
  readonly #begun: Instant
  readonly #heard = new Map<VantageId, { readonly at: Instant; readonly freeze: readonly string[] }>()

  constructor(begun: Instant) {
    this.#begun = begun
  }

  /**
   * Just begun, and no vantage has spoken: nobody knows what is frozen. What moves by itself waits so long; people do not, who may be needed just
   * then, and who have read what they froze.
   */
  readonly isDeaf = (now: Instant): boolean => this.#heard.size === 0 && Math.abs(between(this.#begun, now)) < HEARD_FOR

  readonly hear = ({ emergency }: Readonly<Record<string, unknown>>, from: VantageId, at: Instant): void => {
    this.#heard.set(from, { at, freeze: parseEmergency(emergency)?.freeze ?? [] })
  }

  readonly frozen = (now: Instant): readonly string[] => [
    ...new Set([...this.#heard.values()].flatMap(({ at, freeze }) => (Math.abs(between(at, now)) < HEARD_FOR ? freeze : []))),
  ]
}
