/** Makes what the director hands to its parts: the book to read, and their own ways to write into it. */
import type { Alert } from '../config/alert.ts'
import type { Door } from '../config/director.ts'
import { ok } from '../config/result.ts'
import type { Instant } from '../config/units.ts'
import type { DirectorHands } from './director-part.ts'
import type { DirectorPorts } from './director-ports.ts'
import type { Said } from './policy/director-state.ts'
import { foldFile, foldReleases } from './policy/fold-layers.ts'
import { isoTime, type RevisionBook } from './revision-book.ts'
import type { ChangeWriter } from './write-changes.ts'

interface Inside extends Pick<DirectorHands, 'isReady' | 'bases' | 'frozen' | 'problem'> {
  readonly now: () => Instant
  readonly book: RevisionBook
  readonly ports: Pick<DirectorPorts, 'storage' | 'alert'>
  readonly writer: ChangeWriter
}

export function makeHands({ now, book, ports, writer, ...given }: Inside): DirectorHands {
  const { storage } = ports
  const alert = (told: Omit<Alert, 'kind' | 'at'>): void => ports.alert({ kind: 'alert', at: isoTime(now()), ...told })
  const said = (door: Door, by: string, reason: string): Said => ({ by, door, reason, at: now() })
  return {
    ...given,
    names: () => book.names,
    order: () => book.order,
    state: () => book.state,
    applyFile: ({ by, reason, ifMatch, id, ...file }) =>
      writer.write(said('weights.json', by, reason), (state, own) => ok(foldFile(state, file, own)), {
        once: { id, asked: 'a file' },
        ...(ifMatch === undefined ? {} : { ifMatch }),
      }),
    moveReleases: (next, reason) => writer.write(said('release', 'director', reason), (state) => ok(foldReleases(state, next)), {}),
    recall: (name) => storage.recall(name),
    remember: (name, value) => storage.remember(name, value),
    alert,
    note: (judgement, severity, text) => {
      alert({ severity, release: judgement.release, text, judgement })
      storage.note({
        revision: book.order.revision,
        at: isoTime(now()),
        by: 'director',
        door: 'release',
        reason: text,
        differences: [],
        judgement,
      })
    },
  }
}
