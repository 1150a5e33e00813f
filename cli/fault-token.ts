/** `npx meridian fault-token`: signs a token that opens the gate of a route's faults, for one host and route, for a while. */
import { createHmac } from 'node:crypto'
import { parseArgs } from 'node:util'
import { FAULT_DAYS_MAX, FAULT_HEADER, FAULT_KEY_MIN, faultClaim, writeFaultToken } from '../config/faults.ts'
import { flawOfHost, readLength, runSigning } from './signing-command.ts'

const HELP = `npx meridian fault-token --host HOST --route NAME [--for 30m]

Signs a header that opens the gate of a route's faults ("faults: { gated: true, … }") for one host and route. The secret is read from the
environment as FAULT_KEY, of at least ${FAULT_KEY_MIN} characters: the one that the Worker has (npx wrangler secret put FAULT_KEY). For a local run, start it
with the same: FAULT_KEY=… npm start.

  --host    the host of the requests, as the client writes it, without port
  --route   the name of the route
  --for     how long the token is good for: 30m unless said otherwise, at most ${FAULT_DAYS_MAX} days (${FAULT_DAYS_MAX * 24 * 60}m)

Prints the header as it is sent: curl -H "$(npx meridian fault-token --host shop.example.com --route checkout)" …

Exit codes: 0 signed, 2 an argument or the secret is missing.
`

/** Answers the exit code. */
export const faultToken = async (args: readonly string[]): Promise<number> =>
  runSigning({
    help: HELP,
    read: () => readOptions(args),
    secret: { name: 'FAULT_KEY', min: FAULT_KEY_MIN },
    sign: (secret, options) => `${FAULT_HEADER}: ${signFault(secret, options, Date.now())}`,
  })

interface FaultOptions {
  readonly host: string
  readonly route: string
  /** In milliseconds. */
  readonly length: number
}

export function signFault(secret: string, { host, route, length }: FaultOptions, now: number): string {
  const expires = Math.floor((now + length) / 1000)
  return writeFaultToken(
    expires,
    createHmac('sha256', secret)
      .update(faultClaim(host, route, expires))
      .digest('base64url'),
  )
}

/** Undefined: help was asked for. */
function readOptions(args: readonly string[]): FaultOptions | undefined | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string' },
      route: { type: 'string' },
      for: { type: 'string', default: '30m' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const { host, route } = values
  if (host === undefined || route === undefined) return 'say --host and --route'
  const length = readLength(values.for, FAULT_DAYS_MAX)
  return flawOfHost(host) ?? (typeof length === 'string' ? length : { host: host.toLowerCase(), route, length })
}
