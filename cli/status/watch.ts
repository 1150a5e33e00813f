/** A document as a live screen: drawn anew each second on a terminal; in a pipe, a picture or a line of JSON whenever it has changed. */
import type { Result } from '../../config/result.ts'
import { Screen } from './screen.ts'

const EVERY_MS = 1_000

export interface Watched<Document> {
  /** Of the gateway, for when it does not answer. */
  readonly url: string
  readonly json: boolean
  readonly ask: () => Promise<Result<Document, string>>
  /** What makes two documents the same: without what goes on by itself. */
  readonly essence: (document: Document) => string
  readonly draw: (document: Document) => readonly string[]
}

/** Goes on until Ctrl-C. A gateway that does not answer is said and asked again. Answers the exit code. */
export async function watch<Document>({ url, json, ask, essence, draw }: Watched<Document>): Promise<number> {
  const screen = new Screen(process.stdout)
  let ended = false
  let wake: (() => void) | undefined
  const end = (): void => {
    ended = true
    wake?.()
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  process.stdout.on('error', end)
  if (!json) screen.open()
  let last = ''
  while (!ended) {
    const answer = await ask()
    const seen = answer.ok ? essence(answer.value) : answer.error
    if (screen.live || seen !== last) {
      if (json) process.stdout.write(`${JSON.stringify(answer.ok ? answer.value : { problem: answer.error })}\n`)
      else screen.draw(answer.ok ? draw(answer.value) : [`${url}: ${answer.error}`])
    }
    last = seen
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, EVERY_MS)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (ended) wake()
    })
  }
  screen.close()
  return 0
}
