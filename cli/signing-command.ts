/** What the commands that sign a token have in common: help, a secret of the environment, a host, and for how long. */
import { readDuration } from '../config/fields.ts'

export interface SigningCommand<Options> {
  readonly help: string
  /** Undefined: help was asked for. A text: what is wrong. May throw what `parseArgs` throws. */
  readonly read: () => Options | undefined | string
  /** The variable of the environment, and how many characters it has at least. */
  readonly secret: { readonly name: string; readonly min: number }
  /** The line that is printed. */
  readonly sign: (secret: string, options: Options) => string
}

/** Answers the exit code: 0 signed, 2 an argument or the secret is missing. */
export function runSigning<Options extends object>({ help, read, secret: { name, min }, sign }: SigningCommand<Options>): number {
  const options = readOrSay(read)
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${help}`)
    return 2
  }
  if (options === undefined) {
    process.stdout.write(help)
    return 0
  }
  const secret = process.env[name] ?? ''
  if (secret.length < min) {
    process.stderr.write(`${name} is not set, or shorter than ${min} characters\n`)
    return 2
  }
  process.stdout.write(`${sign(secret, options)}\n`)
  return 0
}

function readOrSay<Options>(read: () => Options | undefined | string): Options | undefined | string {
  try {
    return read()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** As the client writes it, without port; undefined when it is none. */
export const flawOfHost = (host: string): string | undefined =>
  /[:/]/.test(host) ? `--host is a host without scheme, port and path, got ${JSON.stringify(host)}` : undefined

/** In milliseconds; a text: what is wrong. */
export function readLength(text: string, daysMax: number): number | string {
  const length = readDuration(text)
  const minutesMax = daysMax * 24 * 60
  return length === undefined || length < 1000 || length > minutesMax * 60_000 ? `--for is a duration from 1s to ${minutesMax}m` : length
}
