/** Copies of requests that are sent to other pools beside the one that answers. */
import { choice, duration, fields, list, percentage } from '../../fields.ts'
import { reference } from '../names.ts'

const mirror = fields('a mirror', {
  pool: reference('a pool').meta({ description: 'The pool that gets the copies.', example: 'shop-next' }),
  share: percentage(0, 100).prefault('100%').meta({
    description: 'Share of the requests that are copied.',
    danger: 'Every copy is a request more: to the endpoints, to what is behind them, and on the bill.',
    example: '5%',
  }),
  methods: choice(['safe', 'all']).prefault('safe').meta({
    description:
      'Which requests are copied: `safe` GET, HEAD and OPTIONS, `all` writes too, when their content is small enough to be kept (`replayMax`).',
    danger: '`all` writes twice, if both pools share a store.',
    example: 'all',
  }),
  credentials: choice(['drop', 'keep']).prefault('drop').meta({
    description:
      '`drop` takes out of the copies whatever says who the client is: `Authorization`, `Cookie`, `DPoP`, `X-Api-Key`, every header in which an issuer of this file looks for tokens, and what names the client’s certificate. What the route or the endpoints of the pool set themselves stays. Tokens in the query go to nobody, with `keep` neither.',
    danger: '`keep` hands the credentials of your clients to whoever runs that pool.',
    example: 'keep',
  }),
  timeout: duration('50ms', '25s').prefault('5s').meta({
    description: 'How long the head of an answer to a copy is waited for.',
    example: '1s',
  }),
})

/** What the platform lets wait for heads in one invocation is six, and a lost attempt may still be one of them. */
const MIRRORS_MAX = 4

export const mirrors = list(mirror, 'mirrors', 1, MIRRORS_MAX)
