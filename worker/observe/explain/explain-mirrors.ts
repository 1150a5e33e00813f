/** Which mirrors of a route get a copy of a request, but for what their share draws. */
import type { ExplainedMirror } from '../../../config/explanation.ts'
import type { Mirror } from '../../../config/mirror.ts'
import { draw } from '../../../config/units.ts'
import { chooseMirror, type MirroredRequest } from '../../policy/mirror.ts'

const COPIES = { send: 'sent', no: 'never', cannot: 'cannot' } as const

export const explainMirrors = (mirrors: readonly Mirror[] = [], request: MirroredRequest): readonly ExplainedMirror[] =>
  mirrors.map((mirror) => ({
    pool: mirror.to.pool,
    share: mirror.share,
    copy: COPIES[chooseMirror(mirror, request, draw(0))],
  }))
