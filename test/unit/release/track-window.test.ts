import { expect, test } from 'vitest'
import type { TrackCounts } from '../../../config/director.ts'
import { releaseId, routeId, vantageId } from '../../../config/ids.ts'
import { instant, ms } from '../../../config/units.ts'
import { parseTracks, TRACK_ROWS_MAX } from '../../../durable-objects/policy/parse-tracks.ts'
import { TrackBook } from '../../../durable-objects/policy/track-book.ts'
import { strataOf, TrackWindow } from '../../../durable-objects/policy/track-window.ts'
import { dice, seeds } from '../../seed.ts'

const CHECKOUT = releaseId('checkout')
const WEUR = vantageId('weur')
const life = (bootCount: number) => ({ createdAt: 1, bootCount })
const row = (attempts: number, failed = 0, more: Partial<TrackCounts> = {}): TrackCounts => ({
  release: CHECKOUT,
  track: 'canary',
  route: routeId('buy'),
  region: 'east',
  mirrored: false,
  attempts,
  failed,
  latency: [attempts],
  ...more,
})
const AT = instant(1_000_000)
const attemptsOf = (counts: readonly TrackCounts[]): number => counts.reduce((sum, { attempts }) => sum + attempts, 0)

/** Says these totals one after the other, and what was counted. */
function counted(...messages: readonly (readonly [boot: number, attempts: number])[]): number {
  const window = new TrackWindow()
  for (const [boot, attempts] of messages) window.hear(WEUR, life(boot), [row(attempts)], AT)
  return attemptsOf(window.take())
}

test.each([
  { what: 'what was before the first message is not counted', messages: [[1, 500]], count: 0 },
  {
    what: 'what is added is',
    messages: [
      [1, 500],
      [1, 520],
      [1, 535],
    ],
    count: 35,
  },
  {
    what: 'a message that is lost loses nothing',
    messages: [
      [1, 500],
      [1, 535],
    ],
    count: 35,
  },
  {
    what: 'one that comes twice adds nothing',
    messages: [
      [1, 500],
      [1, 520],
      [1, 520],
    ],
    count: 20,
  },
  {
    what: 'one that comes late adds nothing, and takes nothing',
    messages: [
      [1, 500],
      [1, 540],
      [1, 520],
      [1, 550],
    ],
    count: 50,
  },
  {
    what: 'a vantage that starts anew begins at nothing',
    messages: [
      [1, 500],
      [2, 12],
      [2, 20],
    ],
    count: 20,
  },
  {
    what: 'also when it has counted more by then than before',
    messages: [
      [1, 10],
      [2, 30],
    ],
    count: 30,
  },
] as const)('$what', ({ messages, count }) => expect(counted(...messages)).toBe(count))

test('a row that its vantage forgot begins anew beside others that grow', () => {
  const window = new TrackWindow()
  const other = { route: routeId('sell') }
  window.hear(WEUR, life(1), [row(500), row(100, 0, other)], AT)
  window.hear(WEUR, life(1), [row(7), row(110, 0, other)], AT)
  expect(attemptsOf(window.take())).toBe(17)
})

test('a row that was silent when the director began brings nothing of before; one that began since brings all', () => {
  const window = new TrackWindow()
  const later = instant(AT + 120_000)
  const begunAgo = (length: number, more: Partial<TrackCounts>) => ({ ...more, begun: ms(length) })
  window.hear(WEUR, life(1), [row(500)], AT)
  const silent = { route: routeId('seldom') }
  window.hear(
    WEUR,
    life(1),
    [row(500), row(4000, 3000, begunAgo(7_200_000, silent)), row(6, 0, { region: 'west', ...begunAgo(100_000, {}) })],
    later,
  )
  expect(window.take().map(({ route, region, attempts }) => ({ route, region, attempts }))).toEqual([
    { route: 'buy', region: 'east', attempts: 0 },
    { route: 'buy', region: 'west', attempts: 6 },
  ])
  window.hear(WEUR, life(1), [row(4003, 3001, begunAgo(7_201_000, silent))], instant(later + 1000))
  expect(window.take()).toEqual([expect.objectContaining({ route: 'seldom', attempts: 3, failed: 1 })])
})

test('a vantage says when it began to count a row', () => {
  const book = new TrackBook()
  book.add([row(3)], AT)
  book.add([row(2)], instant(AT + 70_000))
  expect(parseTracks(book.totals(instant(AT + 80_000)))).toEqual([expect.objectContaining({ attempts: 5, begun: 80_000 })])
})

test('what was under way when its vantage began anew is not counted again', () => {
  const window = new TrackWindow()
  window.hear(WEUR, life(1), [row(500)], AT)
  window.hear(WEUR, life(2), [row(3)], AT)
  window.hear(WEUR, life(1), [row(502)], AT)
  window.hear(WEUR, life(2), [row(4)], AT)
  expect(attemptsOf(window.take())).toBe(4)
})

test('through losses, repeats, late messages and restarts nothing is counted twice: 200 seeds', () => {
  for (const seed of seeds(200)) {
    const roll = dice(seed)
    const window = new TrackWindow()
    let [total, boot, real, before] = [100, 1, 0, row(100)]
    window.hear(WEUR, life(boot), [before], AT)
    for (let turn = 0; turn < 50; turn += 1) {
      const more = Math.floor(roll() * 10)
      total += more
      real += more
      if (roll() < 0.7) {
        window.hear(WEUR, life(boot), [row(total)], AT)
        if (roll() < 0.3) window.hear(WEUR, life(boot), [roll() < 0.5 ? before : row(total)], AT)
        before = row(total)
      }
      if (roll() < 0.05) {
        window.hear(WEUR, life(boot), [row(total)], AT)
        ;[total, boot] = [0, boot + 1]
        before = row(0)
      }
    }
    window.hear(WEUR, life(boot), [row(total)], AT)
    expect(attemptsOf(window.take()), `seed ${seed}`).toBe(real)
  }
})

test('rows without sane numbers are left out, and there are no more than can be kept', () => {
  const good = row(3, 1)
  const bad = [
    null,
    {},
    row(1, 2),
    row(-1),
    row(1.5),
    { ...good, track: 'other' },
    { ...good, latency: 'x' },
    { ...good, latency: [Number.NaN] },
    { ...good, latency: new Array(99).fill(0) },
    { ...good, route: '' },
  ]
  expect(parseTracks([...bad, good])).toEqual([good])
  expect(parseTracks('x')).toEqual([])
  const book = new TrackBook()
  book.add(
    Array.from({ length: TRACK_ROWS_MAX + 50 }, (_, index) => row(1, 0, { route: routeId(`route ${index}`) })),
    instant(0),
  )
  expect(book.totals(instant(0))).toHaveLength(TRACK_ROWS_MAX)
})

test('a vantage keeps what it was told for ever, and the last 10 s apart', () => {
  const book = new TrackBook()
  for (let at = 0; at < 60_000; at += 1000) book.add([row(2, 1)], instant(at))
  expect(book.totals(instant(60_000))).toEqual([row(120, 60, { begun: ms(60_000) })])
  expect(attemptsOf(book.recent(instant(60_000)))).toBe(20)
  // Another run: what was counted before it is not its own.
  book.begin(CHECKOUT, 'second', instant(60_000))
  expect(book.recent(instant(60_500))).toEqual([])
})

test('compared are stable and canary of a route in a region; copies only where copies are judged', () => {
  const stable = { track: 'stable' } as const
  const counts = [
    row(90, 1, stable),
    row(5, 2),
    row(7, 3, { mirrored: true }),
    row(40, 0, { ...stable, region: 'west' }),
    row(1, 0, { release: releaseId('other') }),
  ]
  const seen = (mirrored: boolean) =>
    strataOf(counts, CHECKOUT, mirrored).map(({ name, stable: s, canary: c }) => [name, s.attempts, c.attempts])
  expect(seen(false)).toEqual([
    ['buy in east', 90, 5],
    ['buy in west', 40, 0],
  ])
  expect(seen(true)).toEqual([
    ['buy in east', 90, 7],
    ['buy in west', 40, 0],
  ])
})
