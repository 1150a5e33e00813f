/** How WebSockets of a route are relayed, where it asks for it. */
import { duration, fields, size } from '../../fields.ts'

export const relayWebSockets = fields('a relay of WebSockets', {
  drainWithin: duration('0s', '10m').prefault('30s').meta({
    description:
      'Sockets on an endpoint that has gone out are ended with 1012 at random moments within this time, so that clients do not all come back at once.',
    danger: 'A short one sends all clients of a region to the others at the same moment.',
    example: '2m',
  }),
  messageMax: size('1KiB', '32MiB').prefault('1MiB').meta({
    description: 'Largest message, either way. A larger one ends the socket with 1009. Text counts by its UTF-16 units.',
    danger: 'Each message is held whole in memory.',
    example: '256KiB',
  }),
  renewAfter: size('1MiB', '64MiB').prefault('16MiB').meta({
    description:
      'So much is carried to one side, then the socket is ended with 1012 and the client reconnects. What a side has not read waits in memory, and the platform does not say how much that is: this is its bound. Not below `messageMax`.',
    danger: 'An isolate has 128 MB for all its sockets. Routes that carry more than this in minutes are better handed over than relayed.',
    example: '32MiB',
  }),
})
