/** Asks before traffic is taken away. Where nobody can be asked, nothing is done without `--yes`. */
import { createInterface } from 'node:readline/promises'

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

const OWN: Terminal = { input: process.stdin, output: process.stderr }

/** Undefined lets it be done; else what to say instead. Enter alone means no. */
export async function confirm(question: string, { input, output }: Terminal = OWN): Promise<string | undefined> {
  if (input.isTTY !== true) return 'Nothing was changed: there is nobody to ask. Say --yes when it is meant.'
  const lines = createInterface({ input, output })
  try {
    const answer = await lines.question(`${question} [y/N] `)
    return /^y(es)?$/i.test(answer.trim()) ? undefined : 'Nothing was changed.'
  } catch {
    return 'Nothing was changed.'
  } finally {
    lines.close()
  }
}
