/** Finds the director's alerts among the lines of the local runtime, for the terminal. */
import type { Alert } from '../../config/alert.ts'

/** Undefined for any other line, and for judgements by which nothing happens. */
export function readAlert(line: string): string | undefined {
  const at = line.indexOf('{"kind":"alert"')
  if (at === -1) return undefined
  try {
    const { severity, text, judgement } = JSON.parse(line.slice(at)) as Alert
    return judgement?.verdict === 'hold' ? undefined : `${severity}: ${text}`
  } catch {
    return undefined
  }
}
