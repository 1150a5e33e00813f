/** What `npm start` says once everything runs: where it is, what to try, and what differs from the edge. */
import { styleText } from 'node:util'
import type { LocalClient } from './certificates.ts'
import type { SampleIngress } from './sample-ingress.ts'

export interface BannerOptions {
  readonly url: string
  readonly token: string
  readonly ingresses: readonly Pick<SampleIngress, 'id' | 'cloud' | 'region' | 'mesh'>[]
  readonly seconds: number
  /** What is served, as people call it. */
  readonly config: string
  /** How many vantages the configuration names. */
  readonly vantages: number
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
  const { url, token, ingresses, seconds, config, state, tls } = options
  const bold = (text: string): string => styleText('bold', text)
  const sections = [
    `${bold('Meridian')} runs on ${bold(url)}${tls === undefined ? '' : ` and ${bold(tls.url)}`} (started in ${seconds.toFixed(1)} s)`,
    ingresses.map(({ id, cloud, region, mesh }) => `  ${id.padEnd(11)} ${`${cloud} ${region}`.padEnd(22)} ${mesh}`).join('\n'),
    triesOf(options).map(showTry).join('\n'),
    tls === undefined ? '' : tlsTries(tls).map(showTry).join('\n'),
    [
      `  An edit of ${config} is taken up at once; a broken one is told and changes nothing.`,
      `  Operator token of this run: ${token}`,
      ...(state === undefined ? [] : [`  Other commands find this run when they are told where it is: export MERIDIAN_STATE=${state}`]),
    ].join('\n'),
    edgeFacts(options),
    '  Ctrl-C stops everything.\n',
  ]
  return `\n${sections.filter((section) => section !== '').join('\n\n')}`
}

const showTry = ([command, what]: Try): string =>
  command.length > 60 ? `  ${command}\n${' '.repeat(41)}${what}` : `  ${command.padEnd(38)} ${what}`

function triesOf({ url, ingresses }: BannerOptions): readonly Try[] {
  const [first] = ingresses
  const watch: Try = ['npx meridian status --watch', 'endpoints, verdicts, votes and why']
  if (first === undefined) return [watch]
  return [
    [`curl -i ${url}/`, 'a request, and who answered it'],
    [`npm run region -- ${first.id} refuse`, 'break the region that answered; ask again'],
    watch,
    [`npm run region -- ${first.id} heal`, 'watch it come back after its hold-down'],
  ]
}

function tlsTries({ url, authority, clients }: TlsBanner): readonly Try[] {
  const curl = (client: LocalClient): string => `curl -i --cacert ${authority} --cert ${clients[client]} ${url}/`
  return [
    [curl('ann'), 'a client certificate that may come in'],
    [curl('ann-expired'), 'one that has expired'],
    [curl('stranger'), 'one of an authority that nobody knows'],
  ]
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
  ]
  return [
    `  As at the edge: ${alike.join(', ')}${tls === undefined ? '' : ',\n  client certificates'}.`,
    '  Not as at the edge: at most six connections a request, status 52x instead of exceptions, slow KV, a clock',
    '  that stands still between I/O, distance. Location is a placeholder when Cloudflare cannot be asked.',
  ].join('\n')
}
