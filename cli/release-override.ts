/** `npx meridian release-override`: signs a token that puts whoever shows it on one track of a release, for one host, for a while. */
import { createHmac } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { TrackName } from '../config/release.ts'
import { isTrack, OVERRIDE_DAYS_MAX, overrideClaim, RELEASE_KEY_MIN, writeOverrideToken } from '../config/release-token.ts'
import { flawOfHost, readLength, runSigning } from './signing-command.ts'

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
export const releaseOverride = async (args: readonly string[]): Promise<number> =>
  runSigning({
    help: HELP,
    read: () => readOptions(args),
    secret: { name: 'RELEASE_KEY', min: RELEASE_KEY_MIN },
    sign: (secret, options) => signOverride(secret, options, Date.now()),
  })

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
  if (release === undefined || host === undefined) return 'say --release and --host'
  const flaw = flawOfHost(host)
  if (flaw !== undefined) return flaw
  if (!isTrack(track)) return `--track is canary or stable, got ${JSON.stringify(track)}`
  const length = readLength(values.for, OVERRIDE_DAYS_MAX)
  return typeof length === 'string' ? length : { release, host: host.toLowerCase(), track, length }
}
