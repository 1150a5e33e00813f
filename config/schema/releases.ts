/** The `releases` of a gateway configuration: two tracks, who is on which, and how far the canary goes by itself. */
import { readHeaderName } from '../addresses.ts'
import { choice, decimal, duration, fields, list, named, percentage, readText, whole, yesOrNo } from '../fields.ts'
import { ON_DEPLOY } from '../release.ts'
import { claimPath } from './claim-path.ts'
import { headerEdits } from './headers.ts'
import { reference, word } from './names.ts'

/** RFC 6265 section 4.1.1, bounded. */
const COOKIE_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const cookieName = () => readText('a cookie name', (raw) => (COOKIE_NAME.test(raw) ? { value: raw } : { expected: 'a cookie name' }))
const headerName = () => readText('a header name of letters, digits and hyphens', (raw) => readHeaderName(raw, 'match'))

const ONE_KEY = 'none; exactly one of these fields is given'

const key = fields('a release key', {
  claim: claimPath().optional().meta({
    description: 'This claim of the verified token, where it is a text, a number or a boolean.',
    defaultText: ONE_KEY,
    example: 'sub',
  }),
  certificate: yesOrNo().optional().meta({
    description: 'True: the SPIFFE id of the verified client certificate, else its fingerprint.',
    defaultText: ONE_KEY,
    danger: 'Without a SPIFFE id a renewed certificate is another key.',
    example: true,
  }),
  cookie: cookieName().optional().meta({
    description:
      'A cookie of this name, which the gateway sets and signs with the secret `RELEASE_KEY`: a client without it, or with a forged one, is given a new one with a random value. Always `HttpOnly`, `Secure`, `SameSite=Lax` and for the whole host.',
    defaultText: ONE_KEY,
    danger: 'Clients that keep no cookies draw anew with each request. Without the secret nobody is moved to the canary.',
    example: 'edge-track',
  }),
  ttl: duration('1m', '43200m').optional().meta({
    description: 'With `cookie`, and only then: how long browsers keep it.',
    defaultText: '30 days (43200m)',
    example: '1440m',
  }),
  header: headerName().optional().meta({
    description: 'The value of this request header.',
    defaultText: ONE_KEY,
    danger: 'Clients choose it, and with it may look for a value that is on the canary.',
    example: 'x-user-id',
  }),
  clientAddress: yesOrNo().optional().meta({
    description: 'True: the address of the client, of IPv6 its first 64 bits.',
    defaultText: ONE_KEY,
    danger: 'Many clients behind one address are on one track, and a client on the move changes its own.',
    example: true,
  }),
})

const track = (which: string) =>
  fields('a track', {
    pool: reference('a pool').meta({ description: `The pool of the ${which} track.`, example: which === 'stable' ? 'shop' : 'shop-next' }),
    requestHeaders: headerEdits('request', `requests of the ${which} track`)
      .optional()
      .meta({
        description:
          "Changes of request headers, after the route's and before the endpoint's own. Where both tracks have the same pool, these are what tells them apart.",
        defaultText: 'none',
        example: { set: { 'x-version': 'next' } },
      }),
  })

const override = fields('an override', {
  header: headerName().optional().meta({
    description: 'A request header that holds a token of `npx meridian release-override`.',
    defaultText: 'none',
    example: 'x-release-override',
  }),
  cookie: cookieName().optional().meta({
    description: 'A cookie that holds such a token.',
    defaultText: 'none',
    example: 'release-override',
  }),
  claim: claimPath().optional().meta({
    description: 'A claim of the verified token, whose value is `stable` or `canary`.',
    defaultText: 'none',
    danger: 'Your identity provider decides who may have it.',
    example: 'release_track',
  }),
})

const step = fields('a step', {
  weight: percentage(0, 100).meta({
    description: 'Share of the keys that are on the canary. Each step has more than the one before it.',
    example: '5%',
  }),
  mirror: percentage(0.01, 100).optional().meta({
    description:
      'With `weight: 0%`, and only then: the canary gets a copy of so many requests, GET, HEAD and OPTIONS alone, and nobody sees its answers. They are judged all the same.',
    defaultText: 'none',
    danger:
      'Every copy is a request more, with the credentials of the client: the canary is trusted as stable is. What is told of a verified identity is not copied.',
    example: '10%',
  }),
  pause: duration('10s', '10080m').prefault('5m').meta({
    description: 'The step lasts so long at least, and until the judgement says promote. Time alone promotes nothing.',
    example: '10m',
  }),
  approval: yesOrNo().prefault(false).meta({
    description: 'True: an operator has to approve before it begins.',
    example: true,
  }),
})

const analysis = fields('an analysis', {
  minimumSample: whole(20, 1_000_000).prefault(500).meta({
    description: 'First attempts of the canary in a step before it may be promoted.',
    danger: 'Few requests prove little: with 500, and the margin of 0.5 %, a step is promoted on what two failures more would overturn.',
    example: 2000,
  }),
  errorMargin: percentage(0.01, 50).prefault('0.5%').meta({
    description: "By how much the canary's share of errors may be above that of stable.",
    example: '1%',
  }),
  slowFactor: decimal(1.1, 20).prefault(2).meta({
    description:
      "How many times more of the canary's requests than of stable's may be slower than stable's 95th percentile: with 2 a tenth of them.",
    example: 1.5,
  }),
  hardErrorShare: percentage(1, 100).prefault('25%').meta({
    description: 'Above this share of errors over 10 s, with 20 requests, it is rolled back at once, whatever stable does.',
    example: '10%',
  }),
  patience: duration('1m', '10080m').prefault('60m').meta({
    description: 'A step that is not decided after so long is inconclusive: it is held, and an operator is asked.',
    example: '240m',
  }),
})

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const schedule = fields('a schedule', {
  days: list(choice(DAYS), 'days', 1, 7)
    .prefault(['mon', 'tue', 'wed', 'thu', 'fri'])
    .meta({ description: 'Days of the week, in UTC.', example: ['mon', 'tue', 'wed', 'thu'] }),
  from: whole(0, 23).prefault(0).meta({ description: 'From this hour, in UTC.', unit: 'hour', example: 8 }),
  to: whole(1, 24).prefault(24).meta({ description: 'Up to, not into, this hour, in UTC. Later than `from`.', unit: 'hour', example: 16 }),
})

/** 1 is Monday. */
export const dayNumber = (day: (typeof DAYS)[number]): number => DAYS.indexOf(day) + 1

const release = fields('a release', {
  stable: track('stable').meta({ description: 'Where requests go that are not on the canary.', defaultText: 'none; it must be given' }),
  canary: track('canary').meta({
    description: 'What is tried out: another pool, or the same with other headers.',
    defaultText: 'none; it must be given',
  }),
  key: key.prefault({ clientAddress: true }).meta({
    description:
      'What a client is recognised by: who is on the canary stays there while its weight grows. A request without it is on stable.',
    defaultText: '`{ clientAddress: true }`',
  }),
  override: override.optional().meta({
    description: 'Who says so is on that track, unless the canary is killed.',
    defaultText: 'none; nobody chooses for themselves',
  }),
  steps: list(step, 'steps', 1, 32)
    .prefault([{ weight: '1%' }, { weight: '5%' }, { weight: '25%' }, { weight: '50%' }])
    .meta({
      description:
        'What the canary gets, one after the other. After the last it gets everything; a last step of `100%` says the same. The first may be `weight: 0%` with a `mirror`.',
      defaultText: '1%, 5%, 25%, 50%, each for `5m`',
      example: [
        { weight: '0%', mirror: '10%' },
        { weight: '1%', pause: '10m' },
        { weight: '25%', approval: true },
      ],
    }),
  regions: list(list(word('a region', 63), 'regions', 1, 32), 'groups of regions', 1, 32)
    .optional()
    .meta({
      description:
        'Regions in groups, by the region of the endpoint that stable would take: no group begins before the one before it has passed every step. A region that is in none stays on stable.',
      defaultText: 'all regions at once',
      example: [['europe-west1'], ['us-east-1', 'us-west-2']],
    }),
  analysis: analysis.prefault({}).meta({ description: 'How the canary is judged against stable.' }),
  rollback: choice(['instant', 'step-down']).prefault('instant').meta({
    description:
      'What becomes of it when a judgement says roll back: everybody is on stable at once, or it goes back step by step. A hard limit always does it at once.',
    danger: 'With `step-down` clients go on seeing a canary that has failed its judgement.',
    example: 'step-down',
  }),
  schedule: schedule.optional().meta({
    description: 'When steps may be taken. Rolling back is always allowed.',
    defaultText: 'always',
    example: { days: ['mon', 'tue', 'wed', 'thu'], from: 8, to: 16 },
  }),
  onDeploy: choice(ON_DEPLOY).prefault('keep').meta({
    description:
      'What a new bundle does with a release that is under way: `keep` lets it go on, `clear` puts it back to nothing, `flag` lets it go on and says so in the status.',
    example: 'flag',
  }),
})

export const releasesSchema = named(release, 'the name of a release', 'releases', [0, 64])
