import { describe, expect, test } from 'vitest'
import { KEYS_GOOD_FOR, type KeySetNews } from '../../../config/key-set.ts'
import { versionOf } from '../../../config/key-set-version.ts'
import { draw, type Instant, instant, ms } from '../../../config/units.ts'
import {
  FETCH_EVERY,
  foldFetch,
  foldOffered,
  foldWanted,
  isFetchDue,
  type KeyFetch,
  type KeySetFold,
  NEVER_FETCHED,
  tellKeys,
  usableKeys,
} from '../../../durable-objects/policy/fold-key-set.ts'
import { readDiscovery } from '../../../durable-objects/policy/read-discovery.ts'
import { dice, SEED } from '../../seed.ts'
import { DISCOVERY, JWKS, keyNumbered } from './fake-issuer.ts'

const START = instant(1_795_000_000_000)
const at = (later: number): Instant => instant(START + later)
const moment = (later: number, rolled = 0) => ({ now: at(later), draw: draw(rolled) })
const keysOf = (...numbers: number[]): KeyFetch => ({
  kind: 'keys',
  reading: { keys: numbers.map(keyNumbered), dropped: [{ at: 3, kid: 'old', why: 'it is private' }] },
  etag: `"${numbers}"`,
})
const FAILED: KeyFetch = { kind: 'failed', detail: 'status 500' }
const version = (...numbers: number[]): string => versionOf(numbers.map(keyNumbered))
const held = foldFetch(NEVER_FETCHED, keysOf(0), moment(0))
const news = (age: number, ...numbers: number[]): KeySetNews => ({
  key: JWKS.key,
  version: version(...numbers),
  age: ms(age),
  keys: numbers.map(keyNumbered),
})
const withoutKeys = ({ keys: _, ...rest }: KeySetNews): KeySetNews => rest
const times = (count: number, fold: KeySetFold, later: number): KeySetFold =>
  Array.from({ length: count }).reduce<KeySetFold>((folded) => foldFetch(folded, FAILED, moment(later)), fold)

describe('when keys are fetched', () => {
  test('at once, and then each 30 s, up to a fifth earlier so that vantages do not ask in step', () => {
    expect(isFetchDue(NEVER_FETCHED, START)).toBe(true)
    for (const [rolled, due] of [
      [0, 30_000],
      [0.5, 27_000],
      [0.999, 24_006],
    ] as const)
      expect(foldFetch(NEVER_FETCHED, keysOf(0), moment(0, rolled)).dueAt - START).toBeCloseTo(due, 0)
  })

  test.each([
    // With keys to go on with there is time.
    [held, 1, 30_000],
    [held, 2, 60_000],
    [held, 9, 60_000],
    // Without, nobody comes in until there are some.
    [NEVER_FETCHED, 1, 2000],
    [NEVER_FETCHED, 2, 4000],
    [NEVER_FETCHED, 5, 32_000],
    [NEVER_FETCHED, 40, 60_000],
  ])('after failures later and later, with jitter (%#)', (fold, failures, pause) => {
    expect(times(failures, fold, 100).dueAt - at(100)).toBe(pause)
    const early = foldFetch(times(failures - 1, fold, 100), FAILED, moment(100, 0.999)).dueAt - at(100)
    expect(early).toBeGreaterThanOrEqual(pause / 2)
  })

  test('out of turn for a key that is missed, and then not for 30 s', () => {
    const wanted = foldWanted(held, at(1000))
    expect(isFetchDue(held, at(1000))).toBe(false)
    expect(isFetchDue(wanted, at(1000))).toBe(true)
    const fetched = foldFetch(wanted, { kind: 'same', version: version(0) }, moment(1100))
    expect(foldWanted(fetched, at(30_999))).toBe(fetched)
    expect(foldWanted(fetched, at(31_000))).not.toBe(fetched)
  })

  test('however often a key is missed, at most two in any 30 s', () => {
    const roll = dice(SEED)
    let fold = NEVER_FETCHED
    const fetches: number[] = []
    for (let later = 0; later < 600_000; later += 1 + Math.floor(roll() * 200)) {
      fold = foldWanted(fold, at(later))
      if (!isFetchDue(fold, at(later))) continue
      fetches.push(later)
      fold = foldFetch(fold, keysOf(0), moment(later, roll()))
    }
    for (const [index, fetch] of fetches.entries())
      expect((fetches[index + 2] ?? Number.POSITIVE_INFINITY) - fetch, `seed ${SEED}`).toBeGreaterThan(FETCH_EVERY * 0.75)
    expect(fetches.length, `seed ${SEED}`).toBeGreaterThan(20)
  })

  test('a clock that is set back does not stop it', () => {
    expect(isFetchDue(held, at(-3_600_000))).toBe(true)
  })
})

describe('which keys count', () => {
  test('the last that were of use, until they are a day old', () => {
    const silent = times(50, held, 3_600_000)
    expect(usableKeys(silent, at(KEYS_GOOD_FOR - 1))?.keys).toEqual([keyNumbered(0)])
    expect(silent).toMatchObject({ failedInRow: 50, problem: { text: 'status 500' } })
    expect(usableKeys(silent, at(KEYS_GOOD_FOR))).toBeUndefined()
    expect(tellKeys(JWKS.key, silent, undefined, at(KEYS_GOOD_FOR))).toBeUndefined()
  })

  test('as long as they are the same they are the same list; an answer makes them young and ends the trouble', () => {
    const again = foldFetch(times(1, held, 30_000), keysOf(0), moment(60_000))
    expect(again.good?.keys).toBe(held.good?.keys)
    expect(again).toMatchObject({ failedInRow: 0, good: { confirmedAt: at(60_000), etag: '"0"' }, dropped: ['key old: it is private'] })
    expect(again.problem).toBeUndefined()
    const confirmed = foldFetch(held, { kind: 'same', version: version(0) }, moment(30_000))
    expect(confirmed.good).toEqual({ ...held.good, confirmedAt: at(30_000) })
  })

  test('"nothing has changed" says so of the keys that were asked with, and of no others', () => {
    const adopted = foldOffered(held, news(0, 0, 1), at(10_000))
    const folded = foldFetch(adopted, { kind: 'same', version: version(0) }, moment(10_050))
    expect(folded.good).toEqual(adopted.good)
    expect(folded.good?.etag).toBeUndefined()
    expect(folded.dueAt).toBe(at(12_050))
  })

  test.each([
    { what: 'newer keys', fold: held, later: 20_000, offered: news(100, 0, 1), counts: version(0, 1) },
    { what: 'older keys', fold: held, later: 20_000, offered: news(25_000, 0, 1), counts: version(0) },
    { what: 'newer keys that it does not bring', fold: held, later: 20_000, offered: withoutKeys(news(100, 0, 1)), counts: version(0) },
    { what: 'keys that are a day old', fold: NEVER_FETCHED, later: 0, offered: news(KEYS_GOOD_FOR, 1), counts: undefined },
    { what: 'keys to one who has none', fold: NEVER_FETCHED, later: 0, offered: news(3_600_000, 1), counts: version(1) },
    {
      what: 'keys to one whose own are too old',
      fold: held,
      later: KEYS_GOOD_FOR + 1,
      offered: news(KEYS_GOOD_FOR - 1, 1),
      counts: version(1),
    },
  ])('a peer tells $what', ({ fold, later, offered, counts }) => {
    expect(usableKeys(foldOffered(fold, offered, at(later)), at(later))?.version).toBe(counts)
  })

  test('of two that are as new as each other both vantages take the same one', () => {
    const other = foldFetch(NEVER_FETCHED, keysOf(1), moment(500))
    const one = foldOffered(held, tellKeys(JWKS.key, other, undefined, at(1000)) as KeySetNews, at(1000))
    const two = foldOffered(other, tellKeys(JWKS.key, held, undefined, at(1000)) as KeySetNews, at(1000))
    expect(one.good?.version).toBe(two.good?.version)
  })

  test('a set that was just seen for the first time counts before one that was confirmed in the same moment, both ways', () => {
    for (const [old, fresh] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const confirmed = foldFetch(foldFetch(NEVER_FETCHED, keysOf(old), moment(0)), { kind: 'same', version: version(old) }, moment(60_000))
      const rotated = foldFetch(confirmed, keysOf(fresh), moment(60_300))
      const told = (fold: KeySetFold): KeySetNews => ({
        ...(tellKeys(JWKS.key, fold, undefined, at(60_400)) as KeySetNews),
        since: ms(at(60_400) - (fold.good?.since ?? 0)),
      })
      expect(foldOffered(confirmed, told(rotated), at(60_400)).good?.version).toBe(version(fresh))
      expect(foldOffered(rotated, told(confirmed), at(60_400)).good?.version).toBe(version(fresh))
    }
  })

  test('told in circles they grow old all the same', () => {
    const roll = dice(SEED)
    let folds = [held, held, held]
    for (let later = 0; later < 3_600_000; later += 1000) {
      const from = Math.floor(roll() * 3)
      const told = tellKeys(JWKS.key, folds[from] ?? held, undefined, at(later))
      // On its way for up to 900 ms, during which it does not age.
      folds = folds.map((fold) => (told === undefined ? fold : foldOffered(fold, told, at(later + 900 * roll()))))
    }
    for (const { good } of folds) expect((good?.confirmedAt ?? 0) - START, `seed ${SEED}`).toBeLessThan(10_000)
  })

  test('keys are told to whoever holds others', () => {
    expect(tellKeys(JWKS.key, held, undefined, at(5000))).toEqual(news(5000, 0))
    expect(tellKeys(JWKS.key, held, version(0), at(5000))).toEqual({ key: JWKS.key, version: version(0), age: 5000 })
    expect(tellKeys(JWKS.key, NEVER_FETCHED, undefined, START)).toBeUndefined()
  })
})

describe('a discovery document', () => {
  const { issuer } = DISCOVERY
  const read = (document: unknown, url = DISCOVERY.url) =>
    readDiscovery(typeof document === 'string' ? document : JSON.stringify(document), { url, issuer: issuer ?? '' })
  test('names the place of the keys', () => {
    expect(read({ issuer, jwks_uri: JWKS.url, other: [] })).toEqual({ ok: true, value: JWKS.url })
    const local = read({ issuer, jwks_uri: 'http://127.0.0.1:9000/jwks' }, 'http://127.0.0.1:9000/.well-known/openid-configuration')
    expect(local).toMatchObject({ ok: true })
  })
  test.each([
    ['no JSON', '<html>', 'no JSON object'],
    ['a list', [], 'no JSON object'],
    ['another issuer', { issuer: 'https://id.example.com/', jwks_uri: JWKS.url }, 'another issuer'],
    ['no issuer', { jwks_uri: JWKS.url }, 'another issuer'],
    ['no place', { issuer }, 'no jwks_uri'],
    ['a place that is none', { issuer, jwks_uri: '/jwks' }, 'no jwks_uri'],
    ['plain http', { issuer, jwks_uri: 'http://id.example.com/jwks' }, 'no https URL'],
    ['data', { issuer, jwks_uri: 'data:application/json,{"keys":[]}' }, 'no https URL'],
    ['a password', { issuer, jwks_uri: 'https://a:b@id.example.com/jwks' }, 'a name or password'],
  ])('with %s names none', (_what, document, why) => {
    expect(read(document)).toEqual({ ok: false, error: expect.stringContaining(why) })
  })
})
