/** The one way to a revision, for every owner of changes: what may be written, what was written before, and what somebody else was faster with. */
import type { AuditEntry, ChangeDefect, ChangeReply, ChangeRequest } from '../config/director.ts'
import type { Result } from '../config/result.ts'
import type { DirectorStorage } from './director-ports.ts'
import type { DirectorState, Said } from './policy/director-state.ts'
import type { ProblemList } from './problem-list.ts'
import type { RevisionBook } from './revision-book.ts'

export type Fold = (state: DirectorState, said: Said) => Result<DirectorState, readonly ChangeDefect[]>

type WriteOptions = Pick<ChangeRequest, 'id' | 'ifMatch' | 'dryRun'>

interface Desk {
  readonly storage: Pick<DirectorStorage, 'revisionOfChange' | 'revisions'>
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

  /** What was done under the same id is done; what was made for another revision is a conflict. Never throws. */
  write(said: Said, fold: Fold, { id, ifMatch, dryRun }: WriteOptions): ChangeReply {
    const { obstacle, storage, book, problems, onWritten } = this.#desk
    const why = obstacle()
    if (why !== undefined) return refuse('a director that knows what is in force', why)
    const { at: now } = said
    try {
      const done = id === undefined ? undefined : storage.revisionOfChange(id)
      if (done !== undefined) return { kind: 'done', revision: done, differences: this.#entryOf(done)?.differences ?? [] }
      const { revision } = book.order
      if (ifMatch !== undefined && ifMatch !== revision)
        return { kind: 'conflict', revision, differences: book.differencesSince(ifMatch, now) }
      const folded = fold(book.state, said)
      if (!folded.ok) return { kind: 'refused', defects: folded.error }
      if (dryRun === true) return { kind: 'done', revision, differences: book.differences(folded.value, now) }
      const differences = book.commit(folded.value, said, id === undefined ? {} : { id })
      onWritten()
      return { kind: 'done', revision: book.order.revision, differences }
    } catch (error) {
      problems.add(`A revision could not be written: ${String(error)}`, now)
      return refuse('a change that can be written down', String(error))
    }
  }

  #entryOf(revision: number): AuditEntry | undefined {
    return this.#desk.storage.revisions(revision + 1, 1).find((entry) => entry.revision === revision)
  }
}

const refuse = (expected: string, found: string): ChangeReply => ({ kind: 'refused', defects: [{ path: [], expected, found }] })
