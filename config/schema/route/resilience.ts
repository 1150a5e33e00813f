/** How hard a route tries: writes, timeouts, retries, what is kept in memory for another attempt. */
import { choice, size, yesOrNo } from '../../fields.ts'
import { reference } from '../names.ts'
import { hedge, retry, timeouts } from './attempts.ts'
import { relayWebSockets } from './sockets.ts'

export const resilienceFields = {
  writes: choice(['follow-verdict', 'home', 'anywhere']).prefault('follow-verdict').meta({
    description:
      'What may be done with methods that are not safe. `follow-verdict`: sent to the first endpoint that is not out, and not again unless it was provably not sent. `home`: to one endpoint; while that is out they are answered 503. `anywhere`: treated like reads.',
    danger: '`anywhere` may run a write in two regions. Say it only where all regions share one store and writes may be repeated.',
    example: 'home',
  }),
  home: reference('an endpoint of the pool').optional().meta({
    description: 'With `writes: home`, and only then: the endpoint that takes writes.',
    defaultText: 'none',
    example: 'aws-use1',
  }),
  idempotencyKey: yesOrNo().prefault(false).meta({
    description:
      "True: a client's `Idempotency-Key` permits a second try of a write at the same endpoint. It never moves a write to another.",
    danger: 'Say it only where the application honours the header.',
    example: true,
  }),
  timeouts: timeouts.prefault({}).meta({ description: 'How long is waited.' }),
  retry: retry.prefault({}).meta({ description: 'What is tried again, and how often.' }),
  hedge: hedge.optional().meta({
    description:
      'A second attempt beside one that is slow, for GET, HEAD and OPTIONS: the first answer wins, the other attempt is broken off and counts for nothing. WebSockets are not hedged.',
    defaultText: 'none',
    example: { after: 'p95', share: '5%' },
  }),
  replayMax: size('0B', '8MiB').prefault('64KiB').meta({
    description: 'A request body up to this size is kept for another attempt; a larger one is streamed once and not tried again.',
    danger: 'Held in memory for each request in flight; an isolate has 128 MB for all.',
    example: '256KiB',
  }),
  bufferUpTo: size('0B', '8MiB').prefault('0B').meta({
    description:
      'A response up to this size is read whole before its head is sent on, so that a break in its middle can be rescued. `0B` turns it off. Small bodies that are looked after (up to 16KiB, one of an endpoint each 50 ms) are held for a moment all the same: 150 ms, or where the request may be sent again until a second attempt has answered.',
    danger: 'Adds the time of the body to the first byte, and its size to the memory of each request in flight.',
    example: '16KiB',
  }),
  relayWebSockets: relayWebSockets.optional().meta({
    description:
      'WebSockets of the route are relayed: when their endpoint goes out, clients are told to reconnect (1012), and another endpoint takes them. `{}` takes every default. Without it sockets are handed over to the runtime and live as long as their endpoint lets them.',
    defaultText: 'none: they are handed over',
    danger: 'Costs ten times the CPU of a socket that is handed over, for each message, and bounds what a socket may carry.',
    example: { drainWithin: '1m' },
  }),
}
