/** Which bodies of answers are looked after, and how. */
import { describe, expect, test } from 'vitest'
import { bytes, draw, instant, seconds } from '../../../config/units.ts'
import { armBody, beginHold, careFor, endHold, suspectBody } from '../../../worker/policy/body-care.ts'
import { firstState, testBase } from '../../workerd/gateway/base.ts'

const NOW = instant(1_000_000)

describe('a body', () => {
  const base = testBase({ endpoints: [{ id: 'a', origin: 'https://a.test' }] })
  const [candidate] = firstState(base, NOW).candidates
  if (candidate === undefined) throw new Error('no candidate')
  const care = (length: number | undefined, at: number, now = NOW) =>
    careFor(armBody(candidate, 'GET', now, draw(at)), { length, contentType: 'text/html' }, bytes(0)).kind

  test('is looked after once in 50 ms', () => {
    expect([0, 10, 40, 50, 60, 100].map((after) => care(1000, 0.99, instant(NOW + 1000 + after)))).toEqual([
      'hold',
      'pass',
      'pass',
      'hold',
      'pass',
      'hold',
    ])
  })

  test.each([
    ['a small one is held', 1000, 0.5, 'hold'],
    ['one in thirty-two large ones is watched', 10_000_000, 0.03, 'watch'],
    ['the other large ones are passed on', 10_000_000, 0.2, 'pass'],
    ['what has no length is watched as rarely', undefined, 0.03, 'watch'],
  ])('that is looked after: %s', (_, length, at, kind) => {
    candidate.bodyLookAt = NOW
    expect(care(length, at)).toBe(kind)
  })

  test('of an endpoint that has just broken one is always looked after', () => {
    suspectBody(candidate, NOW)
    expect([care(1000, 0.99), care(10_000_000, 0.99), care(undefined, 0.99)]).toEqual(['hold', 'watch', 'watch'])
    expect([care(1000, 0.99, instant(NOW + 10_001)), care(1000, 0.99, instant(NOW + 10_002))]).toEqual(['hold', 'pass'])
    expect(armBody(candidate, 'HEAD', NOW, draw(0))).toEqual({ kind: 'none' })
  })

  test('that does not come whole arms all that follow, until one does', () => {
    const start = instant(NOW + 60_000)
    /** Of a body whose turn it is not. */
    const armingAt = (at: number): string => {
      candidate.bodyLookAt = instant(start + at + 50)
      return armBody(candidate, 'GET', instant(start + at), draw(0.99)).kind
    }
    beginHold(candidate, start)
    expect([armingAt(149), armingAt(151)]).toEqual(['none', 'armed'])
    endHold(candidate)
    expect(armingAt(200)).toBe('none')
  })

  test('of a route that states its idle timeout is looked after whenever it comes, and held or watched as it is', () => {
    const timeouts = { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(5), idleOfAll: true } as const
    const [stated] = firstState(testBase({ endpoints: [{ id: 'a', origin: 'https://a.test' }], route: { timeouts } }), NOW).candidates
    if (stated === undefined) throw new Error('no candidate')
    const care = (length: number | undefined, contentType = 'text/html') => {
      // Not its turn, nor drawn.
      stated.bodyLookAt = instant(NOW + 50)
      return careFor(armBody(stated, 'GET', NOW, draw(0.99)), { length, contentType }, bytes(0)).kind
    }
    expect([care(1000), care(50_000), care(10_000_000), care(undefined)]).toEqual(['hold', 'watch', 'watch', 'watch'])
    expect(care(undefined, 'text/event-stream')).toBe('pass')
  })

  test.each([
    // The media type is all that counts, however it is written and whatever the route would like to hold.
    { contentType: 'text/event-stream; charset=utf-8', length: undefined, upTo: 0, care: 'watch', judgesSpeed: false, mayBeSilent: true },
    { contentType: 'Text/Event-Stream', length: undefined, upTo: 65_536, care: 'watch', judgesSpeed: false, mayBeSilent: true },
    { contentType: 'text/event-stream', length: 100, upTo: 65_536, care: 'watch', judgesSpeed: false, mayBeSilent: true },
    { contentType: 'text/event-streams', length: undefined, upTo: 65_536, care: 'hold', briefly: false },
    { contentType: 'application/json', length: undefined, upTo: 0, care: 'watch', judgesSpeed: false, mayBeSilent: false },
    { contentType: 'application/json', length: undefined, upTo: 65_536, care: 'hold', briefly: false },
    { contentType: 'application/json', length: 50_000, upTo: 0, care: 'watch', judgesSpeed: true, mayBeSilent: false },
    { contentType: null, length: 100, upTo: 0, care: 'hold', briefly: true },
    { contentType: null, length: 100, upTo: 100, care: 'hold', briefly: false },
    { contentType: null, length: 101, upTo: 100, care: 'hold', briefly: true },
  ])('$contentType of $length bytes: $care', ({ contentType, length, upTo, care, ...rest }) => {
    const armed = armBody(candidate, 'GET', NOW, draw(0))
    expect(careFor(armed, { length, contentType }, bytes(upTo))).toEqual({ kind: care, ...rest })
  })
})
