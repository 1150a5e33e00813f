/** What the access log says of operators' word: which revision a request began with, and what came of it for each endpoint. */
import { expect, test } from 'vitest'
import type { InForce } from '../../../config/overlay.ts'
import { accessLine } from '../../../worker/observe/access-log.ts'
import { drainOf, emergencyOf, overlaid, overlayOf } from './overlays.ts'
import { factsFor, healthOf, NOW } from './pool-facts.ts'

function lineOf(inForce: InForce | undefined): Record<string, unknown> {
  const facts = factsFor([{ id: 'a' }, { id: 'b', cloud: 'gcp' }], { health: healthOf({}) })
  const plan = inForce === undefined ? facts : overlaid(facts, inForce)
  const inbound = {
    requestId: 'r',
    trace: { traceId: 't' },
    host: 'h',
    method: 'GET',
    path: '/',
    ambiguities: 0,
    receivedAt: NOW,
    place: {},
    headers: {},
  }
  const line = accessLine({ inbound, plan, admitted: {}, attempts: [], learned: [], mirrored: 0, status: 200, now: NOW } as never)
  return JSON.parse(line)
}

test('a request that began with an overlay and an emergency says both', () => {
  const line = lineOf({ overlay: overlayOf({ drains: [drainOf('a')] }, 12), emergencies: [emergencyOf({ etag: '"e"', drain: ['gcp'] })] })
  expect(line).toMatchObject({
    overlay: 12,
    emergency: ['"e"'],
    endpoints: [
      { endpoint: 'a', standing: 'drained-by-overlay' },
      { endpoint: 'b', standing: 'drained-by-emergency' },
    ],
  })
})

test('one that began without says nothing of either', () => {
  const line = lineOf(undefined)
  expect(line).not.toHaveProperty('overlay')
  expect(line).not.toHaveProperty('emergency')
})
