/** `npx meridian token`: a token of the local issuer, to try with. */
import { parseArgs } from 'node:util'
import { readDuration } from '../config/fields.ts'
import { issuerKeys, signingKey } from './local/issuer-keys.ts'
import { type RunFile, readRun, stateFolder } from './local/run-file.ts'
import { BADNESSES, type Badness, signTestToken, type TestToken } from './local/test-token.ts'

const HELP = `Makes a token of the local issuer, which a running npm start believes.

  curl -H "authorization: Bearer $(npx meridian token)" http://localhost:8787/private

  npx meridian token [--sub ann] [--scope "orders:read"] [--claim tenant=blue]… [--expires 5m]

  --sub       who it is for: ann unless said otherwise
  --scope     what it grants, separated by spaces
  --claim     name=value, as often as wanted; a value that is JSON is taken as such: admin=true, roles=["a","b"]
  --aud       for whom it was made: shop unless said otherwise
  --issuer    what it says in iss: the local issuer unless said otherwise
  --expires   how long it is good for: 5m unless said otherwise, from 1s to 1440m
  --bad       wrong in one way, to see it refused: ${BADNESSES.join(', ')}
  --json      { token, claims } in place of the token alone

Exit codes: 0 made, 2 an argument is wrong or nothing runs here.
`

const DAY_MS = 24 * 60 * 60_000

/** Answers the exit code. */
export async function token(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') return complain(`${options}\n\n${HELP}`)
  if (options === undefined) {
    process.stdout.write(HELP)
    return 0
  }
  const issuer = issuerOf(readRun())
  if (!issuer.ok) return complain(`${issuer.problem}\n`)
  const now = Date.now()
  const wanted = { issuer: issuer.url, ...options.wanted }
  const made = await signTestToken(wanted, signingKey(await issuerKeys(stateFolder()), now), Math.floor(now / 1000))
  process.stdout.write(`${options.json ? JSON.stringify(made, null, 2) : made.token}\n`)
  return 0
}

type Issuer = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly problem: string }

function issuerOf(run: ReturnType<typeof readRun>): Issuer {
  if (!run.ok) return { ok: false, problem: run.error }
  const { issuer, config }: RunFile = run.value
  if (issuer === undefined)
    return { ok: false, problem: `the running gateway serves ${config}, without the local issuer; start it with: npm start` }
  return { ok: true, url: issuer.url }
}

interface TokenOptions {
  readonly wanted: Omit<TestToken, 'issuer'> & Partial<Pick<TestToken, 'issuer'>>
  readonly json: boolean
}

/** Undefined: help was asked for. */
function readOptions(args: readonly string[]): TokenOptions | undefined | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sub: { type: 'string', default: 'ann' },
        aud: { type: 'string', default: 'shop' },
        issuer: { type: 'string' },
        scope: { type: 'string' },
        claim: { type: 'string', multiple: true, default: [] },
        expires: { type: 'string', default: '5m' },
        bad: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return undefined
    const length = readDuration(values.expires)
    if (length === undefined || length < 1000 || length > DAY_MS) return `--expires is a duration from 1s to 1440m, got "${values.expires}"`
    if (values.bad !== undefined && !isBadness(values.bad)) return `--bad is one of ${BADNESSES.join(', ')}, got "${values.bad}"`
    const claims = readClaims(values.claim)
    if (typeof claims === 'string') return claims
    const { sub: subject, aud: audience, issuer, scope, bad, json } = values
    const wanted = { subject, audience, claims, lifetime: Math.round(length / 1000) }
    const said = {
      ...(issuer === undefined ? {} : { issuer }),
      ...(scope === undefined ? {} : { scope }),
      ...(bad === undefined ? {} : { bad }),
    }
    return { wanted: { ...wanted, ...said }, json }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const isBadness = (word: string): word is Badness => (BADNESSES as readonly string[]).includes(word)

function readClaims(said: readonly string[]): Readonly<Record<string, unknown>> | string {
  const claims: Record<string, unknown> = {}
  for (const claim of said) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(claim) ?? []
    if (name === undefined || value === undefined) return `--claim is name=value, got "${claim}"`
    claims[name] = readValue(value)
  }
  return claims
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function complain(problem: string): number {
  process.stderr.write(problem)
  return 2
}
