/** What went wrong with an object itself, for people: the last few troubles, each once. */
import { type DurationMs, type Instant, ms } from '../config/units.ts'

const PROBLEMS_MAX = 20

export class ProblemList {
  #problems: readonly { readonly at: Instant; readonly text: string }[] = []

  /** The same trouble each second is one trouble, seen last just now. */
  add(text: string, now: Instant): void {
    this.#problems = [{ at: now, text }, ...this.#problems.filter((problem) => problem.text !== text)].slice(0, PROBLEMS_MAX)
  }

  show(now: Instant): readonly { readonly ago: DurationMs; readonly text: string }[] {
    return this.#problems.map(({ at, text }) => ({ ago: ms(Math.max(0, now - at)), text }))
  }
}
