/** `npx meridian release-override`: signs a token that puts whoever shows it on one track of a release, for one host, for a while. */
import { createHmac } from 'node:crypto'
import { parseArgs } from 'node:util'
import { readDuration } from '../config/fields.ts'
import type { TrackName } from '../config/release.ts'
import { isTrack, OVERRIDE_DAYS_MAX, overrideClaim, RELEASE_KEY_MIN, writeOverrideToken } from '../config/release-token.ts'

const MINUTES_MAX = OVERRIDE_DAYS_MAX * 24 * 60

const HELP = `npx meridian release-override --release NAME --host HOST [--track canary] [--for 60m]

Signs a token that puts whoever shows it on a track of a release whose configuration has an "override" with a header or a cookie. While the canary is
killed it does nothing. The secret is read from the environment as RELEASE_KEY, of at least ${RELEASE_KEY_MIN} characters: the one that the Worker has (npx wrangler
secret put RELEASE_KEY). For a local run, start it with the same: RELEASE_KEY=… npm start.

  --release  the name of the release
  --host     the host of the requests, as the client writes it, without port
  --track    canary (the default) or stable
  --for      how long the token is good for: 60m unless said otherwise, at most ${OVERRIDE_DAYS_MAX} days (${MINUTES_MAX}m)

Prints the token alone:
  curl -H "x-release-override: $(npx meridian release-override --release checkout --host shop.example.com)" …

Exit codes: 0 signed, 2 an argument or the secret is missing.
`

/** Answers the exit code. */
export async function releaseOverride(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${HELP}`)
    return 2
  }
  if (options === undefined) {
    process.stdout.write(HELP)
    return 0
  }
  const secret = process.env['RELEASE_KEY'] ?? ''
  if (secret.length < RELEASE_KEY_MIN) {
    process.stderr.write(`RELEASE_KEY is not set, or shorter than ${RELEASE_KEY_MIN} characters\n`)
    return 2
  }
  process.stdout.write(`${signOverride(secret, options, Date.now())}\n`)
  return 0
}

export interface OverrideOptions {
  readonly release: string
  readonly host: string
  readonly track: TrackName
  /** In milliseconds. */
  readonly length: number
}

export function signOverride(secret: string, { release, host, track, length }: OverrideOptions, now: number): string {
  const said = { track, expires: Math.floor((now + length) / 1000) }
  const signature = createHmac('sha256', secret).update(overrideClaim({ host, release }, said)).digest('hex')
  return writeOverrideToken({ ...said, signature })
}

/** Undefined: help was asked for. */
function readOptions(args: readonly string[]): OverrideOptions | undefined | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        release: { type: 'string' },
        host: { type: 'string' },
        track: { type: 'string', default: 'canary' },
        for: { type: 'string', default: '60m' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return undefined
    const { release, host, track } = values
    const length = readDuration(values.for)
    if (release === undefined || host === undefined) return 'say --release and --host'
    if (/[:/]/.test(host)) return `--host is a host without scheme, port and path, got ${JSON.stringify(host)}`
    if (!isTrack(track)) return `--track is canary or stable, got ${JSON.stringify(track)}`
    if (length === undefined || length < 1000 || length > MINUTES_MAX * 60_000) return `--for is a duration from 1s to ${MINUTES_MAX}m`
    return { release, host: host.toLowerCase(), track, length }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
