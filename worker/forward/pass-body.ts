/** Turns an answer's body into what the reply carries, and tells what becomes of it where it is looked after. */
import type { Route } from '../../config/base.ts'
import { ms } from '../../config/units.ts'
import { SLOW_FLOOR, SLOW_WINDOW } from '../policy/body-care.ts'
import type { Platform } from '../ports.ts'
import type { ReplyBody } from '../reply/finish-reply.ts'
import type { Forwarded } from './forward.ts'
import type { Answer } from './run-attempt.ts'
import { type BodyEnd, type BodyWatch, watchBody } from './watch-body.ts'

/** `slow`: it fell below the floor, or silent, at some time; said once, before its end. */
export type BodyNews = BodyEnd | 'slow'

const PASS: ReplyBody = { kind: 'pass' }
const NEVER = ms(0)

export function passBody(
  { answer, abort }: Extract<Forwarded, { kind: 'answered' }>,
  route: Route,
  platform: Platform,
  tell: (news: BodyNews) => void,
): ReplyBody {
  const { response, body } = answer
  // Asked in this order: a body that is passed on is not even touched, which would make a stream of it.
  if (abort === undefined || response.body === null) return PASS
  if (body.kind === 'pass') return body.raw ? { kind: 'raw', content: response.body } : PASS
  const watch: BodyWatch = {
    floor: body.kind === 'watch' && body.judgesSpeed ? SLOW_FLOOR : 0,
    window: SLOW_WINDOW,
    idle: body.kind === 'watch' && body.mayBeSilent ? NEVER : route.timeouts.idle,
    prefix: readOf(body),
    begun: body.kind === 'watch' ? body.begun : undefined,
    length: body.kind === 'watch' ? body.length : undefined,
    abort,
    onSlow: () => tell('slow'),
    onEnd: tell,
  }
  if (body.kind === 'watch') return { kind: 'raw', content: watchBody(response.body, watch, platform) }
  switch (body.held.kind) {
    case 'whole':
      tell('complete')
      return { kind: 'raw', content: body.held.content }
    case 'longer':
      return { kind: 'raw', content: watchBody(body.held.rest, watch, platform) }
    default:
      return body.held satisfies never
  }
}

/** What has been read of it before anybody hands it on. */
function readOf(body: Answer['body']): readonly Uint8Array[] {
  if (body.kind === 'watch') return body.begun?.read ?? []
  return body.kind === 'held' && body.held.kind === 'longer' ? body.held.read : []
}
