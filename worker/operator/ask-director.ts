/** Asks the director, for a bounded time. That it is not there, or does not answer, is a value for people. */
import type { Base } from '../../config/base.ts'
import type { ChangeReply, ChangeRequest, DirectorForOperators } from '../../config/director.ts'
import { directorBase } from '../../config/director-base.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { type DurationMs, ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'

/** An object on the other side of the world that is starting. */
const ANSWER_TIMEOUT = ms(4000)

export interface AskPorts {
  /** A fresh stub for each question; absent: this gateway has no binding to it. */
  readonly director: (() => DirectorForOperators) | undefined
}

/** What is so when a question got no answer. */
export const NOTHING_ASKED = 'What is in force stays in force.'

interface AskOptions {
  readonly within?: DurationMs
  /** What is so when no answer comes, for people. */
  readonly unanswered?: string
}

/** Never rejects. */
export async function askDirector<T>(
  { director }: AskPorts,
  ask: (director: DirectorForOperators) => Promise<T>,
  platform: Platform,
  { within = ANSWER_TIMEOUT, unanswered = NOTHING_ASKED }: AskOptions = {},
): Promise<Result<T, string>> {
  if (director === undefined)
    return err('This gateway has no binding DIRECTOR (durable_objects of wrangler.toml): nothing can be changed without a deploy.')
  let cancel = (): void => {}
  const late = new Promise<never>((_, reject) => {
    cancel = platform.wakeAfter(within, () => reject(new Error(`no answer in ${within} ms`)))
  })
  try {
    return ok(await Promise.race([ask(director()), late]))
  } catch (error) {
    return err(`The director does not answer: ${error instanceof Error ? error.message : String(error)}. ${unanswered}`)
  } finally {
    cancel()
  }
}

/** It is told of the base first: a change may come before any vantage has spoken of it. Telling again what it knows is nothing. */
export async function makeChange(director: DirectorForOperators, base: Base, request: ChangeRequest): Promise<ChangeReply> {
  await director.learn(directorBase(base))
  return director.change(request)
}
