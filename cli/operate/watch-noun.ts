/** A noun of the operators' API as a live screen: drawn anew each second on a terminal; in a pipe, a picture or a line of JSON whenever it has changed. */
import type { OperatorsNoun } from '../../config/operators.ts'
import { askGateway } from '../ask-gateway.ts'
import { Screen } from '../status/screen.ts'
import type { OperatorOptions } from './operator-options.ts'

const EVERY_MS = 1_000

/** Goes on until Ctrl-C. A gateway that does not answer is said and asked again. Answers the exit code. */
export async function watchNoun(
  { address, json }: OperatorOptions,
  noun: OperatorsNoun,
  render: (document: unknown) => readonly string[],
): Promise<number> {
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
    const answer = await askGateway(address, { noun })
    const seen = answer.ok ? essence(answer.value) : answer.error
    if (screen.live || seen !== last) {
      if (json) process.stdout.write(`${JSON.stringify(answer.ok ? answer.value : { problem: answer.error })}\n`)
      else screen.draw(answer.ok ? render(answer.value) : [`${address.url}: ${answer.error}`])
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

/** Lengths of time go on by themselves; that is no change. */
const GOES_ON = new Set(['heardAgo', 'ago', 'expiresIn', 'since', 'seenAgo'])

const essence = (document: unknown): string => JSON.stringify(document, (name, value) => (GOES_ON.has(name) ? undefined : value))
