/** Composes what the director tells people: what is in force and whose word it is, how far it has spread, what waits for somebody. */
import type { DirectorView, KeptView, ReleaseNews } from '../config/director-view.ts'
import type { ReleaseId } from '../config/ids.ts'
import { type Instant, ms } from '../config/units.ts'
import { AUDIT_LINES_FULL, AUDIT_LINES_MAX, REVISIONS_MAX } from './director-ports.ts'
import { driftOf } from './policy/director-fields.ts'
import { emergencyFields, type ToldEmergency } from './policy/emergency-fields.ts'
import type { BasesFold } from './policy/fold-director-bases.ts'
import { viewEntries, viewReleases } from './policy/view-entries.ts'
import type { RevisionBook } from './revision-book.ts'

interface Shown {
  readonly book: RevisionBook
  readonly bases: BasesFold
  readonly spread: DirectorView['spread']
  readonly counts: Pick<KeptView, 'revisions' | 'auditLines'>
  readonly emergency: readonly ToldEmergency[]
  /** What parts of the director say. */
  readonly said: readonly string[]
  /** What parts of the director know of a release. */
  readonly news: (release: ReleaseId) => ReleaseNews | undefined
  readonly problems: DirectorView['problems']
}

export function composeView({ book, bases, spread, counts, emergency: told, said, news, problems }: Shown, now: Instant): DirectorView {
  const { state, names, order } = book
  const emergency = emergencyFields(told, names)
  const waiting = [...flagged(book), ...fullTrail(counts), ...said].map((text) => ({ ago: ms(0), text }))
  return {
    format: 1,
    order,
    revision: order.revision,
    entries: viewEntries(state, names, now),
    drift: [...emergency, ...driftOf(state, names, now)],
    emergency,
    releases: viewReleases(state, names, now).map((release) => ({ ...release, ...news(release.release) })),
    spread,
    bases: bases.known.map(({ base, seenAt }) => ({
      hash: base.hash,
      seenAgo: ms(Math.max(0, now - seenAt)),
      current: base.hash === bases.current,
    })),
    kept: { ...counts, revisionsMax: REVISIONS_MAX, auditLinesMax: AUDIT_LINES_MAX },
    problems: [...waiting, ...problems],
  }
}

const flagged = ({ state }: RevisionBook): readonly string[] =>
  state.releases.flatMap(({ release, flagged: hash }) =>
    hash === undefined ? [] : [`The release ${release} was in force when the bundle ${hash} came: look whether it still should be.`],
  )

const fullTrail = ({ auditLines }: Pick<KeptView, 'auditLines'>): readonly string[] =>
  auditLines < AUDIT_LINES_FULL
    ? []
    : [`The audit trail holds ${auditLines} of ${AUDIT_LINES_MAX} lines, and the oldest go: export it (npx meridian audit --all --json).`]
