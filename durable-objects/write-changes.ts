/** The one way to a revision, for every owner of changes: what may be written, what was written before, and what somebody else was faster with. */
import type { ChangeDefect, ChangeReply, ChangeRequest } from '../config/director.ts'
import type { Result } from '../config/result.ts'
import type { DirectorStorage, Once } from './director-ports.ts'
import type { DirectorState, Said } from './policy/director-state.ts'
import type { ProblemList } from './problem-list.ts'
import type { RevisionBook } from './revision-book.ts'

export type Fold = (state: DirectorState, said: Said) => Result<DirectorState, readonly ChangeDefect[]>

export interface WriteOptions extends Pick<ChangeRequest, 'ifMatch' | 'dryRun'> {
  readonly once?: Once
}

interface Desk {
  readonly storage: Pick<DirectorStorage, 'doneUnder' | 'revisions'>
  readonly book: RevisionBook
  readonly problems: ProblemList
  /** Why nothing may be changed; undefined when it may. */
  readonly obstacle: () => string | undefined
  readonly onWritten: () => void
}

export class ChangeWriter {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** What was done under the same id is done, and nothing else is done under it; what was made for another revision is a conflict. Never throws. */
  write(said: Said, fold: Fold, { once, ifMatch, dryRun }: WriteOptions): ChangeReply {
    const { obstacle, storage, book, problems, onWritten } = this.#desk
    const why = obstacle()
    if (why !== undefined) return refuse('a director that knows what is in force', why)
    const { at: now } = said
    try {
      const done = once === undefined || dryRun === true ? undefined : storage.doneUnder(once)
      if (done !== undefined)
        return done.asked === undefined || done.asked === once?.asked ? this.#again(done.revision) : isTaken(done.revision)
      const { revision } = book.order
      if (ifMatch !== undefined && ifMatch !== revision)
        return { kind: 'conflict', revision, differences: book.differencesSince(ifMatch, now) }
      const folded = fold(book.state, said)
      if (!folded.ok) return { kind: 'refused', defects: folded.error }
      if (dryRun === true) return { kind: 'done', revision, differences: book.differences(folded.value, now) }
      const differences = book.commit(folded.value, said, once === undefined ? {} : { once })
      onWritten()
      return { kind: 'done', revision: book.order.revision, differences }
    } catch (error) {
      problems.add(`A revision could not be written: ${String(error)}`, now)
      return refuse('a change that can be written down', String(error))
    }
  }

  #again(revision: number): ChangeReply {
    const entry = this.#desk.storage.revisions(revision + 1, 1).find((each) => each.revision === revision)
    return { kind: 'done', revision, differences: entry?.differences ?? [] }
  }
}

const refuse = (expected: string, found: string): ChangeReply => ({ kind: 'refused', defects: [{ path: [], expected, found }] })

/** Said with the name of the API's header: nothing else brings ids of people. */
const isTaken = (revision: number): ChangeReply => {
  const found = `the key of another change, which was made as revision ${revision}`
  return { kind: 'refused', defects: [{ path: ['Idempotency-Key'], expected: 'a key of its own for each change', found }] }
}
