/** What `npm start` says once everything runs: where it is, what to try, and what differs from the edge. */
import { styleText } from 'node:util'
import { BUCKET } from '../deploy/plan.ts'
import type { LocalClient } from './certificates.ts'
import type { SampleIngress } from './sample-ingress.ts'

export interface BannerOptions {
  readonly url: string
  readonly token: string
  readonly ingresses: readonly Pick<SampleIngress, 'id' | 'cloud' | 'region' | 'mesh'>[]
  readonly seconds: number
  /** What is served, as people call it. */
  readonly config: string
  /** Where the local runtime writes what it says, access lines among it. */
  readonly log: string
  /** How many vantages the configuration names. */
  readonly vantages: number
  /** Whose tokens open `/private`. */
  readonly issuer?: unknown
  /** Of a state folder of its own: what other commands must be told to find this run. */
  readonly state?: string | undefined
  readonly tls?: TlsBanner | undefined
}

export interface TlsBanner {
  readonly url: string
  /** Files, as people call them. */
  readonly authority: string
  readonly clients: Readonly<Record<LocalClient, string>>
}

type Try = readonly [command: string, what: string]

export function banner(options: BannerOptions): string {
  const { url, token, ingresses, seconds, config, log, issuer, state, tls } = options
  const bold = (text: string): string => styleText('bold', text)
  const sections = [
    `${bold('Meridian')} runs on ${bold(url)}${tls === undefined ? '' : ` and ${bold(tls.url)}`} (started in ${seconds.toFixed(1)} s)`,
    ingresses.map(({ id, cloud, region, mesh }) => `  ${id.padEnd(11)} ${`${cloud} ${region}`.padEnd(22)} ${mesh}`).join('\n'),
    triesOf(options)
      .map(([command, what]) => `  ${command.padEnd(COMMAND_WIDTH)} ${what}`)
      .join('\n'),
    issuer === undefined ? '' : tokenTries(url),
    operatorTries(config, state),
    tls === undefined ? '' : certificateTries(tls, issuer === undefined ? '/' : '/partner'),
    [
      `  An edit of ${config} is taken up at once; a broken one is told and changes nothing.`,
      `  Access log, with why each failed or rescued request went where it did: ${log}`,
      `  Operator token of this run: ${token}`,
      ...(state === undefined ? [] : [`  Other commands find this run when they are told where it is: export MERIDIAN_STATE=${state}`]),
    ].join('\n'),
    edgeFacts(options),
    '  Ctrl-C stops everything.\n',
  ]
  return `\n${sections.filter((section) => section !== '').join('\n\n')}`
}

const COMMAND_WIDTH = 38

function triesOf({ url, ingresses }: BannerOptions): readonly Try[] {
  const [first] = ingresses
  const watch: Try = ['npx meridian status --watch', 'endpoints, verdicts, votes and why']
  if (first === undefined) return [watch]
  return [
    [`curl -i ${url}/`, 'a request, and who answered it'],
    [`npm run region -- ${first.id} refuse`, 'break the region that answered; ask again'],
    watch,
    [`npm run region -- ${first.id} heal`, 'watch it come back after its hold-down'],
    [`npx meridian drain ${first.id} --for 5m`, 'take it out by hand; it asks first'],
    ['npx meridian release start checkout', 'a canary under /checkout, judged by its traffic (docs/releases.md)'],
  ]
}

const under = (heading: string, commands: readonly string[]): string => [`  ${heading}`, ...commands.map((one) => `    ${one}`)].join('\n')

/** Said in the project's root, wrangler finds the bucket of the run by itself, unless the run has a state folder of its own. */
function operatorTries(config: string, state: string | undefined): string {
  const where = state === undefined ? '' : ` --persist-to ${state}/state`
  const object = (verb: string, rest: string): string => `npx wrangler r2 object ${verb} ${BUCKET}/${rest}${where}`
  return under('Weights without a deploy, the answer to them, and an emergency (docs/operating.md has the files):', [
    `npx meridian check weights.json --local --config ${config}`,
    object('put', 'weights.json --file weights.json'),
    object('get', 'weights.result.json --pipe'),
    object('put', 'emergency.json --file emergency.json'),
  ])
}

const tokenTries = (url: string): string =>
  under('A path that wants a token: without one, with one, with one that has expired, and with a broken issuer, whose tokens count on:', [
    `curl -i ${url}/private`,
    `curl -i -H "authorization: Bearer $(npx meridian token)" ${url}/private`,
    `curl -i -H "authorization: Bearer $(npx meridian token --bad expired)" ${url}/private`,
    'npm run issuer -- refuse',
  ])

function certificateTries({ url, authority, clients }: TlsBanner, path: string): string {
  const curl = (client: LocalClient): string => `curl -i --cacert ${authority} --cert ${clients[client]} ${url}${path}`
  return under('A client certificate: a good one, one that has expired, and one of an authority that nobody knows:', [
    curl('ann'),
    curl('ann-expired'),
    curl('stranger'),
  ])
}

/** Only what is so in this run. */
function edgeFacts({ ingresses, vantages, tls }: BannerOptions): string {
  const counted = vantages === 1 ? 'a vantage' : `${vantages} vantages`
  const alike = [
    'both Workers on workerd',
    `${counted} with SQLite`,
    'KV',
    'the cache',
    ...(ingresses.length > 0 ? ['TLS to the regions'] : []),
    ...(tls === undefined ? [] : ['client certificates']),
  ]
  return [
    `  As at the edge: ${alike.join(', ')}.`,
    '  Not as at the edge: at most six connections a request, status 52x instead of exceptions, slow KV, a clock',
    '  that stands still between I/O, distance. Location is a placeholder when Cloudflare cannot be asked.',
  ].join('\n')
}
