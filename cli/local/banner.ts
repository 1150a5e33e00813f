/** What `npm start` says once everything runs: where it is, what to try, and what differs from the edge. */
import { styleText } from 'node:util'
import type { SampleIngress } from './sample-ingress.ts'

interface BannerOptions {
  readonly url: string
  readonly token: string
  readonly ingresses: readonly SampleIngress[]
  readonly seconds: number
  readonly config: string
}

export function banner({ url, token, ingresses, seconds, config }: BannerOptions): string {
  const bold = (text: string): string => styleText('bold', text)
  const [first] = ingresses
  const tries =
    first === undefined
      ? [[`npx meridian status --watch`, 'endpoints, verdicts, votes and why']]
      : [
          [`curl -i ${url}/`, 'a request, and who answered it'],
          [`npm run region -- ${first.id} refuse`, 'break the region that answered; ask again'],
          ['npx meridian status --watch', 'endpoints, verdicts, votes and why'],
          [`npm run region -- ${first.id} heal`, 'watch it come back after its hold-down'],
        ]
  return [
    '',
    `${bold('Meridian')} runs on ${bold(url)} (started in ${seconds.toFixed(1)} s)`,
    '',
    ...ingresses.map(({ id, cloud, region, mesh }) => `  ${id.padEnd(11)} ${`${cloud} ${region}`.padEnd(22)} ${mesh}`),
    ...(ingresses.length > 0 ? [''] : []),
    ...tries.map(([command = '', what = '']) => `  ${command.padEnd(38)} ${what}`),
    '',
    `  An edit of ${config} is taken up at once; a broken one is told and changes nothing.`,
    `  Operator token of this run: ${token}`,
    '',
    '  As at the edge: both Workers on workerd, three vantages with SQLite, KV, the cache, TLS to the regions.',
    '  Not as at the edge: at most six connections a request, status 52x instead of exceptions, slow KV, a clock',
    '  that stands still between I/O, distance. Location is a placeholder when Cloudflare cannot be asked.',
    '',
    '  Ctrl-C stops everything.',
    '',
  ].join('\n')
}
