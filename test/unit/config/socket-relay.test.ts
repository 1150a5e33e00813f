/** What a relay of WebSockets is by default, and what it must not contradict. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadText } from '../../../cli/load-gateway.ts'
import { type Case, defectsOf, document } from './documents.ts'

describe('a relay of WebSockets', () => {
  test.each<Case>([
    {
      why: 'relayed messages larger than all that may be carried',
      parts: { route: 'relayWebSockets: { messageMax: 4MiB, renewAfter: 2MiB }' },
      says: [
        '7:77  routes[0].relayWebSockets.messageMax  expected a size that is not above "renewAfter": such a message could never pass, found "4MiB"',
      ],
    },
    {
      why: 'relayed WebSockets that never begin',
      parts: { route: 'methods: [POST], relayWebSockets: {}' },
      says: ['7:80  routes[0].relayWebSockets  expected GET among the methods: a WebSocket begins with one, found POST'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))

  test('in a pool of one', () => {
    const text = document({ route: 'relayWebSockets: {}' }).replace(/^ +gcp-euw1.*\n/m, '')
    expect(defectsOf(text)).toEqual([
      '6:63  routes[0].relayWebSockets  expected a pool of at least two endpoints: clients are told to reconnect so that another one takes them, found 1 endpoint',
    ])
  })
})

test('the example: every default, bounds of its own, and none', () => {
  const file = resolve(import.meta.dirname, '../../../config/examples/web-sockets.yaml')
  const loaded = loadText(readFileSync(file, 'utf8'), file, { local: false })
  expect(loaded.ok && loaded.base.routes.map(({ relayWebSockets }) => relayWebSockets)).toEqual([
    { drainWithin: 30_000, messageMax: 1_048_576, renewAfter: 16_777_216 },
    { drainWithin: 120_000, messageMax: 65_536, renewAfter: 4_194_304 },
    undefined,
  ])
})
