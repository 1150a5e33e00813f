/** On which track of its release a request is, for people. */
import type { ExplainedTrack } from '../../../config/explained-track.ts'
import { releaseOrder } from '../../policy/apply-overlay.ts'
import type { HeldHealth } from '../../policy/held-health.ts'
import type { PlannedTrack } from '../../policy/plan.ts'

export function explainTrack({ release, choice, canaryOut, ignored }: PlannedTrack, { applied }: HeldHealth): ExplainedTrack {
  const order = releaseOrder(applied, release.id)
  return {
    release: release.id,
    track: choice.track,
    why: choice.why,
    key: release.key.kind,
    ...(order === undefined ? {} : { weight: order.weight, ...(order.mirror > 0 ? { mirror: order.mirror } : {}) }),
    canaryOut,
    ...(ignored === undefined ? {} : { ignoredOverride: ignored }),
  }
}
