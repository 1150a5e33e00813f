/**
 * What vantages say of `emergency.json`: what it freezes, which the director heeds, and what else it takes away, which it shows people. Vantages
 * merge all of it by themselves. It is the union of what those say that were heard just now; while none is heard, of those that were heard last.
 */
import type { VantageId } from '../config/ids.ts'
import { isRecord } from '../config/is-record.ts'
import { BY_MAX, REASON_MAX } from '../config/operator-files/weights-file.ts'
import { parseEmergency } from '../config/parse-overlay.ts'
import { between, type Instant, ms } from '../config/units.ts'
import type { DirectorPart } from './director-part.ts'
import type { ToldEmergency } from './policy/emergency-fields.ts'

/** Five missed questions. */
const HEARD_FOR = ms(5000)

interface Heard {
  readonly at: Instant
  /** Absent: it has read none. */
  readonly told?: ToldEmergency
}

export class HeardEmergency implements DirectorPart {
  readonly #begun: Instant
  readonly #heard = new Map<VantageId, Heard>()
  #latest: Instant

  constructor(begun: Instant) {
    this.#begun = begun
    this.#latest = begun
  }

  /**
   * No vantage has spoken since the start, or for five seconds: nobody knows what is frozen. What moves by itself waits; people do not, who may be
   * needed just then, and who have read what they froze. A director that has never heard of a vantage waits no longer than that.
   */
  readonly isDeaf = (now: Instant): boolean =>
    this.#heard.size === 0 ? Math.abs(between(this.#begun, now)) < HEARD_FOR : Math.abs(between(this.#latest, now)) >= HEARD_FOR

  readonly hear = (question: Readonly<Record<string, unknown>>, from: VantageId, at: Instant): void => {
    const told = readTold(question)
    this.#heard.set(from, { at, ...(told === undefined ? {} : { told }) })
    this.#latest = at
  }

  /** A vantage that falls silent alone is forgotten: it may be gone for good. When all do, it is the director that is cut off. */
  readonly told = (): readonly ToldEmergency[] =>
    [...this.#heard.values()].flatMap(({ at, told }) =>
      told !== undefined && Math.abs(between(at, this.#latest)) < HEARD_FOR ? [told] : [],
    )

  readonly frozen = (): readonly string[] => [...new Set(this.told().flatMap(({ emergency }) => emergency.freeze))]
}

function readTold({ emergency: raw, emergencySaid: said }: Readonly<Record<string, unknown>>): ToldEmergency | undefined {
  const emergency = parseEmergency(raw)
  if (emergency === undefined) return undefined
  const { by, reason } = isRecord(said) ? said : {}
  return isWord(by, BY_MAX) && isWord(reason, REASON_MAX) ? { emergency, by, reason } : { emergency }
}

const isWord = (raw: unknown, max: number): raw is string => typeof raw === 'string' && raw.length <= max
