/** The `rateLimits` of an admission: how often somebody may come. What they must not contradict is for `link/rate-limits.ts`. */
import { z } from 'zod'
import { readHeaderName } from '../addresses.ts'
import { choice, fields, list, type Reading, unread, whole } from '../fields.ts'
import { rate } from '../rate.ts'
import { RATE_LIMIT_HEADERS, RATE_LIMIT_SCOPES, type RateLimitKey } from '../rate-limit.ts'
import { readClaimPath } from './claims.ts'
import { name } from './names.ts'

/** Requests of one window, and at once. */
const LIMIT_MAX = 1_000_000
/** Each costs the request a question. */
const LIMITS_MAX = 8

const KEY_FORMS = 'client, identity, route, { claim: sub } or { header: x-api-key }'
const WORDS = ['client', 'identity', 'route'] as const

const by = () =>
  z
    .union(
      [z.enum(WORDS), z.strictObject({ claim: z.union([z.string(), z.array(z.string())]) }), z.strictObject({ header: z.string() })],
      KEY_FORMS,
    )
    .transform((written, context): RateLimitKey => {
      if (typeof written === 'string') return { kind: written }
      const reading = 'claim' in written ? readClaim(written.claim) : readHeader(written.header)
      if ('value' in reading) return reading.value
      const path = ['claim' in written ? 'claim' : 'header']
      context.issues.push({ ...unread(reading), input: written, path })
      return z.NEVER
    })

function readClaim(written: string | readonly string[]): Reading<RateLimitKey> {
  const reading = readClaimPath(written)
  return 'value' in reading ? { value: { kind: 'claim', claim: reading.value } } : reading
}

function readHeader(written: string): Reading<RateLimitKey> {
  const reading = readHeaderName(written, 'match')
  return 'value' in reading ? { value: { kind: 'header', name: reading.value } } : reading
}

const rateLimit = fields('a limit', {
  name: name('the name of a limit').meta({
    description: 'How the log and the headers of answers call it. Unique in the file: a limit that is renamed counts anew.',
    example: 'per-client',
  }),
  rate: rate(LIMIT_MAX, '1s', '60m').meta({
    description: 'How many requests in how long. With `scope: colo` in `10s` or `1m`: the platform counts in no other.',
    danger: 'Several people may stand behind one address. Look at your traffic before you choose.',
    example: '100/10s',
  }),
  burst: whole(1, LIMIT_MAX).optional().meta({
    description: 'How many may come at once, after a pause. With `scope: colo` the platform decides that.',
    defaultText: 'as many as `rate` says',
    example: 20,
  }),
  by: by().meta({
    description:
      'Who is counted. `client`: the address, of IPv6 its first 64 bits; `identity`: whom a certificate or a token proves; `route`: everybody who comes by the same route, together; `{ claim: sub }`: what a verified token says there; `{ header: x-api-key }`: the value of a header. Requests of which it is not known are counted together.',
    danger: 'A header is what the client says: whoever changes it with each request is counted anew with each.',
    example: 'client',
  }),
  scope: choice(RATE_LIMIT_SCOPES).prefault('colo').meta({
    description:
      '`colo`: each colo counts for itself, by the counter of the platform that wrangler.toml binds (`npx meridian check` says which lines it needs). `global`: all colos count together, by leases from Durable Objects; nothing has to be bound for it.',
    danger:
      'With `colo` a client who comes by two colos may come twice as often. With `global` the first request of a key waits up to 250 ms for an answer, and each question costs a request to an object.',
    example: 'global',
  }),
  onUnavailable: choice(['allow', 'deny']).prefault('allow').meta({
    description: 'What becomes of a request when nobody can be asked: it comes in, or is answered 503 (`ERR_LIMIT_UNAVAILABLE`).',
    danger: 'With `deny` a fault of the counter is one of the gateway.',
    example: 'deny',
  }),
  headers: choice(RATE_LIMIT_HEADERS).prefault('refused').meta({
    description:
      'Which answers tell of the limit in `RateLimit-Policy` and `RateLimit`: those that it refuses, all of requests that it counted, or none. A refused one always says `Retry-After`.',
    danger: 'With `always` each answer is made anew, which costs about a twentieth of a bare request in CPU.',
    example: 'always',
  }),
})

export type RateLimitFile = z.output<typeof rateLimit>

export const rateLimits = list(rateLimit, 'limits', 0, LIMITS_MAX)
