import { describe, expect, test } from 'vitest'
import { routeId } from '../../../config/ids.ts'
import type { InForce } from '../../../config/overlay.ts'
import { bytes, draw, instant, ms } from '../../../config/units.ts'
import {
  dropSocket,
  hasRoom,
  LOOK_EVERY,
  moveAfter,
  newSocketsHeld,
  ruleMessage,
  SOCKETS_MAX,
  shouldMove,
  takeSocket,
  UNREAD_MAX,
} from '../../../worker/policy/socket-rules.ts'

import { standing } from '../../../worker/policy/standing.ts'
import { dice, SEED } from '../../seed.ts'
import { drainOf, emergencyOf, overlaid, overlayOf, weightsOf } from './overlays.ts'
import { candidateOf, factsFor, healthOf, NOW as POOL_NOW } from './pool-facts.ts'

const NOW = instant(1_800_000_000_000)
const MIB = 1024 * 1024
const settings = { drainWithin: ms(30_000), messageMax: bytes(MIB), renewAfter: bytes(16 * MIB) }

describe('messages', () => {
  test.each([
    { from: 'client', sizes: [MIB], end: undefined },
    { from: 'client', sizes: [MIB + 1], end: 'client-too-large' },
    { from: 'endpoint', sizes: [MIB + 1], end: 'endpoint-too-large' },
    { from: 'endpoint', sizes: Array(16).fill(MIB), end: undefined },
    { from: 'endpoint', sizes: [...Array(16).fill(MIB), 1], end: 'renewed' },
    { from: 'client', sizes: [...Array(16).fill(MIB), 1], end: 'renewed' },
  ] as const)('$sizes.length from the $from: $end', ({ from, sizes, end }) => {
    const held = newSocketsHeld()
    const socket = takeSocket(held, NOW)
    if (socket === undefined) throw new Error('there is room for one')
    const ends = sizes.map((size: number) => ruleMessage(from, size, { socket, held, settings }))
    expect(ends.at(-1)).toBe(end)
    expect(ends.slice(0, -1).every((each) => each === undefined)).toBe(true)
  })

  test('of an isolate that holds too much, only a socket over its share is ended', () => {
    const held = newSocketsHeld()
    const [greedy, modest] = [takeSocket(held, NOW), takeSocket(held, NOW)]
    if (greedy === undefined || modest === undefined) throw new Error('there is room for two')
    const generous = { ...settings, renewAfter: bytes(64 * MIB) }
    const say = (socket: typeof greedy) => ruleMessage('endpoint', MIB, { socket, held, settings: generous })
    let passed = 0
    while (say(greedy) === undefined) passed += 1
    expect([passed * MIB, say(modest), say(greedy)]).toEqual([UNREAD_MAX, undefined, 'crowded'])
    dropSocket(held, greedy)
    expect([held.unread, held.open.size]).toEqual([MIB, 1])
  })

  test(`what is unread of all sockets is the sum of theirs, whatever happens, seed ${SEED}`, () => {
    const draw = dice(SEED)
    const roll = (below: number): number => Math.floor(draw() * below)
    const held = newSocketsHeld()
    for (let step = 0; step < 5000; step += 1) {
      const sockets = [...held.open]
      const socket = sockets[roll(Math.max(1, sockets.length))]
      if (socket === undefined || roll(20) === 0) takeSocket(held, NOW)
      else if (roll(30) === 0) dropSocket(held, socket)
      else ruleMessage(roll(2) === 0 ? 'client' : 'endpoint', roll(2 * MIB), { socket, held, settings })
      const sum = [...held.open].reduce((total, { toClient, toEndpoint }) => total + toClient.unread + toEndpoint.unread, 0)
      expect(held.unread, `step ${step}`).toBe(sum)
    }
  })
})

test('an isolate relays so many sockets and no more; those that are gone without a word make room', () => {
  const held = newSocketsHeld()
  for (let count = 0; count < SOCKETS_MAX; count += 1) expect(takeSocket(held, NOW)).toBeDefined()
  expect(takeSocket(held, NOW)).toBeUndefined()
  expect(takeSocket(held, instant(NOW + 4 * LOOK_EVERY))).toBeUndefined()
  const later = instant(NOW + 4 * LOOK_EVERY + 1)
  // Whoever only asks is told the same, and counts nobody.
  expect([hasRoom(held, NOW), hasRoom(held, later), hasRoom(newSocketsHeld(), NOW)]).toEqual([false, true, true])
  expect(held.open.size).toBe(SOCKETS_MAX)
  expect(takeSocket(held, later)).toBeDefined()
  expect(held.open.size).toBe(1)
})

describe('clients are told to reconnect', () => {
  const ejected = {
    kind: 'ejected',
    cause: 'streak',
    since: POOL_NOW,
    until: instant(POOL_NOW + 30_000),
    passed: 0,
    shownDown: false,
  } as const
  test.each([
    { what: 'when the verdict of all is down', a: { verdict: 'down' }, b: {}, moves: true },
    { what: 'when it is down for the route', a: { routesDown: [routeId('all')] }, b: {}, moves: true },
    { what: 'not when everybody is down', a: { verdict: 'down' }, b: { verdict: 'down' }, moves: false },
    { what: 'not when only this vantage cannot reach it', a: { local: 'down' }, b: {}, moves: false },
    { what: 'not while it is up', a: {}, b: {}, moves: false },
  ] as const)('$what', ({ a, b, moves }) => {
    const facts = factsFor([{ id: 'a' }, { id: 'b' }], { health: healthOf({ a, b }) })
    expect(shouldMove(candidateOf(facts, 'a'), facts.health, POOL_NOW)).toBe(moves)
  })

  test('not by an old verdict, nor when there is nobody else', () => {
    const stale = factsFor([{ id: 'a' }, { id: 'b' }], { health: healthOf({ a: { verdict: 'down' } }, 'stale') })
    expect(shouldMove(candidateOf(stale, 'a'), stale.health, POOL_NOW)).toBe(false)
    const alone = factsFor([{ id: 'a' }], { health: healthOf({ a: { verdict: 'down' } }) })
    expect(shouldMove(candidateOf(alone, 'a'), alone.health, POOL_NOW)).toBe(false)
  })

  test.each<[string, InForce, boolean]>([
    ['when operators drain it', { overlay: overlayOf({ drains: [drainOf('a')] }), emergencies: [] }, true],
    ['not when an emergency drains everybody', { emergencies: [emergencyOf({ drain: ['aws'] })] }, false],
    ['when an emergency drains it alone', { emergencies: [emergencyOf({ drain: ['a'] })] }, true],
    [
      'at the end of a gradual drain, not before',
      { overlay: overlayOf({ drains: [drainOf('a', { over: ms(60_000) })] }), emergencies: [] },
      false,
    ],
    ['not when an emergency spares it: it keeps what it has', { emergencies: [emergencyOf({ weightZero: ['a'] })] }, false],
    ['nor when its weight is 0', { overlay: overlayOf({ weights: weightsOf({ a: 0 }) }), emergencies: [] }, false],
  ])('%s', (_, inForce, moves) => {
    const facts = overlaid(factsFor([{ id: 'a' }, { id: 'b' }], { health: healthOf({ a: {}, b: {} }) }), inForce)
    expect(shouldMove(candidateOf(facts, 'a'), facts.health, POOL_NOW)).toBe(moves)
    const gone = inForce.overlay?.drains.length === 1
    expect(shouldMove(candidateOf(facts, 'a'), facts.health, instant(POOL_NOW + 60_000))).toBe(moves || gone)
  })

  test('when it is drained; not because this isolate alone has ejected it', () => {
    const drained = factsFor([{ id: 'a', drain: true }, { id: 'b' }], { health: healthOf({}) })
    expect(shouldMove(candidateOf(drained, 'a'), drained.health, POOL_NOW)).toBe(true)
    const facts = factsFor([{ id: 'a' }, { id: 'b' }], { health: healthOf({}) })
    const candidate = candidateOf(facts, 'a')
    candidate.outlier.standing = ejected
    expect([standing(candidate, facts.health, POOL_NOW).reason, shouldMove(candidate, facts.health, POOL_NOW)]).toEqual(['ejected', false])
    expect(shouldMove(candidate, healthOf({ a: { verdict: 'down' } }), POOL_NOW)).toBe(true)
  })
})

test('moments of a drain are spread over the whole time, and never beyond', () => {
  expect([0, 0.5, 0.999_999].map((each) => moveAfter(settings, draw(each)))).toEqual([0, 15_000, 29_999])
})
