/**
 * What operators want and what emergencies take away, as this isolate holds it: across vantages, snapshots and restarts of the isolate, and
 * however old health is.
 *
 * The overlay: the newest by its order, whoever brought it; a vantage that has an older one, or none, changes nothing, for it has only heard less.
 * What came unsigned (through the colo's cache or KV of a gateway without the secret) counts until the next signed word; then it is forgotten, and
 * the newest signed one, which has been kept beside it, counts again, or what has just come when that is newer.
 *
 * An emergency has no order: each vantage says what it has read. The one that was asked last is believed at once, also that it is lifted. What
 * another one said goes on beside it until 1.5 s after that one was last heard to say so: vantages tell each other within a fraction of a second,
 * and isolates of a colo hear some vantage each second. Two that do not agree take away together what each of them takes, and an isolate that goes
 * from one to the other does not let traffic back for the moment in which the other has not read it yet. So while the same vantage answers, an
 * emergency ends with the snapshot that says so; else with the first word that comes 1.5 s after the former vantage was last heard. While nobody
 * answers it stays.
 */
import type { VantageId } from '../../config/ids.ts'
import { agedOverlay, compareOverlays, type Emergency, type HeldOverlay, type InForce, type Overlay } from '../../config/overlay.ts'
import type { HealthSnapshot } from '../../config/snapshot.ts'
import { between, type Instant, ms } from '../../config/units.ts'
import { type AppliedOverlay, applyOverlay, type OverlaidBase } from '../policy/apply-overlay.ts'

/** What a vantage said of an emergency goes on for so long beside what another says. */
const SAID_FOR = ms(1500)

interface SaidEmergency {
  readonly emergency: Emergency
  /** When it was last heard to say so. */
  readonly at: Instant
}

type Word = Pick<HealthSnapshot, 'vantage' | 'overlay' | 'emergency'>

interface Source {
  /** When it was true, by this isolate's clock. */
  readonly at: Instant
  /** It came from a vantage itself, or with a MAC of the secret. */
  readonly signed: boolean
}

/** Where an entry for isolates that start was read. */
export type KnownIn = 'colo' | 'store'

export class OverlayInForce {
  readonly #base: OverlaidBase
  #held: HeldOverlay | undefined
  /** The newest that was signed: what is held, unless that is unsigned. */
  #signed: HeldOverlay | undefined
  /** What is held came through a cache or KV, and there is no secret: any word of a vantage itself ends it. */
  #unsigned = false
  readonly #said = new Map<VantageId | KnownIn, SaidEmergency>()
  #applied: AppliedOverlay | undefined
  #compiled: readonly unknown[] = []
  /** A vantage has been heard, directly or through the colo's cache. */
  isHeard = false

  constructor(base: OverlaidBase) {
    this.#base = base
  }

  /** The same object as long as nothing changed. Undefined: everything is as the base has it. */
  get applied(): AppliedOverlay | undefined {
    return this.#applied
  }

  get isUnsigned(): boolean {
    return this.#unsigned
  }

  /** A vantage's word, true at `at`. */
  hear({ vantage, overlay, emergency }: Word, { at, signed }: Source): void {
    this.isHeard = true
    this.hearOverlay(overlay, { at, signed })
    const said = this.#said.get(vantage)
    if (emergency === undefined) this.#said.delete(vantage)
    else this.#said.set(vantage, { emergency: said === undefined || differ(said.emergency, emergency) ? emergency : said.emergency, at })
    this.confirm(vantage, at)
  }

  /** What it said last is what it would say at `at`. */
  confirm(vantage: VantageId, at: Instant): void {
    for (const [other, { emergency, at: heard }] of this.#said) {
      if (other === vantage) this.#said.set(other, { emergency, at })
      else if (Math.abs(at - heard) >= SAID_FOR) this.#said.delete(other)
    }
    this.#compile()
  }

  /** Of whoever: the newest counts. A signed word ends what is unsigned, and of what is signed nothing older takes the place of what is newer. */
  hearOverlay(overlay: Overlay | undefined, { at, signed }: Source): void {
    if (signed) {
      this.#signed = newest(this.#signed, overlay, at)
      this.#held = this.#signed
      this.#unsigned = false
    } else {
      const held = newest(this.#held, overlay, at)
      this.#unsigned ||= held !== this.#held
      this.#held = held
    }
    this.#compile()
  }

  /** An entry that was kept for isolates that start. */
  keep({ overlay, emergencies }: InForce, from: KnownIn, source: Source): void {
    if (!source.signed && this.isHeard) return
    if (overlay !== undefined) this.hearOverlay(overlay, source)
    const [first] = emergencies
    if (first !== undefined && !this.isHeard) this.#said.set(from, { emergency: together(first, emergencies), at: source.at })
    this.#compile()
  }

  /** What may be told on to others of the colo. */
  told(now: Instant): Overlay | undefined {
    const held = this.#held
    return held === undefined || this.#unsigned ? undefined : agedOverlay(held.overlay, between(held.at, now))
  }

  /** Once for each change. */
  #compile(): void {
    const emergencies = [...this.#said.values()].map(({ emergency }) => emergency)
    const parts = [this.#held, ...emergencies]
    if (parts.length === this.#compiled.length && parts.every((part, index) => part === this.#compiled[index])) return
    this.#compiled = parts
    this.#applied = applyOverlay(this.#base, this.#held, emergencies)
  }
}

const newest = (held: HeldOverlay | undefined, overlay: Overlay | undefined, at: Instant): HeldOverlay | undefined =>
  overlay === undefined || (held !== undefined && compareOverlays(overlay.order, held.overlay.order) <= 0) ? held : { overlay, at }

const differ = (a: Emergency, b: Emergency): boolean => JSON.stringify(a) !== JSON.stringify(b)

/** As long as it may be to be read again. */
const ETAG_MAX = 256

/** One that takes what each of them takes. */
function together(first: Emergency, all: readonly Emergency[]): Emergency {
  if (all.length === 1) return first
  const of = (list: (each: Emergency) => readonly string[]): readonly string[] => [...new Set(all.flatMap(list))]
  return {
    etag: all
      .map(({ etag }) => etag)
      .join(' ')
      .slice(0, ETAG_MAX),
    drain: of(({ drain }) => drain),
    weightZero: of(({ weightZero }) => weightZero),
    freeze: of(({ freeze }) => freeze),
    killCanary: of(({ killCanary }) => killCanary),
  }
}
