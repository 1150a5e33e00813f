/** Which copies are sent, which faults are injected, and who may open the gate. */
import { describe, expect, test } from 'vitest'
import { signFault } from '../../../cli/fault-token.ts'
import type { Faults } from '../../../config/faults.ts'
import { poolId } from '../../../config/ids.ts'
import type { Mirror } from '../../../config/mirror.ts'
import { after as afterwards, type DurationMs, draw, instant, ms, seconds, share } from '../../../config/units.ts'
import { faultGate } from '../../../worker/fault-gate.ts'
import { chooseFault, type Fault } from '../../../worker/policy/fault.ts'
import {
  beginMirror,
  chooseMirror,
  endMirror,
  MIRRORS_IN_FLIGHT_MAX,
  type MirrorChoice,
  type MirroredRequest,
  newMirroring,
  takeLosses,
} from '../../../worker/policy/mirror.ts'
import { dice, SEED } from '../../seed.ts'

const NOW = instant(1_800_000_000_000)
const later = (length: DurationMs) => afterwards(NOW, length)

describe('a copy', () => {
  const mirror = (given: Partial<Mirror> = {}): Mirror => ({
    to: { pool: poolId('copy'), weight: 1 },
    share: share(1),
    methods: 'safe',
    credentials: 'drop',
    timeout: seconds(5),
    ...given,
  })
  const safe = { safe: true, body: 'kept', webSocket: false } as const
  const write = { ...safe, safe: false }

  test.each<{
    readonly of: string
    readonly mirror?: Partial<Mirror>
    readonly request?: MirroredRequest
    readonly drawn?: number
    readonly is: MirrorChoice
  }>([
    { of: 'a safe request', drawn: 0.999, is: 'send' },
    { of: 'a write', request: write, is: 'no' },
    { of: 'a write, where all are copied', mirror: { methods: 'all' }, request: write, is: 'send' },
    { of: 'a streamed write', mirror: { methods: 'all' }, request: { ...write, body: 'streamed' }, is: 'cannot' },
    { of: 'a streamed write that is not to be copied', request: { ...write, body: 'streamed' }, is: 'no' },
    { of: 'a WebSocket', request: { ...safe, webSocket: true }, is: 'no' },
    { of: 'a request within the share', mirror: { share: share(0.2) }, drawn: 0.199, is: 'send' },
    { of: 'a request outside of the share', mirror: { share: share(0.2) }, drawn: 0.2, is: 'no' },
    { of: 'any request, where the share is none', mirror: { share: share(0) }, is: 'no' },
  ])('of $of: $is', ({ mirror: settings, request = safe, drawn = 0, is }) =>
    expect(chooseMirror(mirror(settings), request, draw(drawn))).toBe(is),
  )

  test('has a place while few are under way, and an isolate says what it dropped once in ten seconds', () => {
    const mirroring = newMirroring({})
    const leases = Array.from({ length: MIRRORS_IN_FLIGHT_MAX }, () => beginMirror(mirroring, NOW, seconds(5)))
    expect(leases.every((lease) => lease !== undefined)).toBe(true)
    expect(beginMirror(mirroring, NOW, seconds(5))).toBeUndefined()
    expect(takeLosses(mirroring, NOW)).toEqual({ dropped: 1, failed: 0 })
    endMirror(mirroring, leases[0] ?? 0)
    expect(beginMirror(mirroring, NOW, seconds(5))).toBeDefined()
    expect(beginMirror(mirroring, NOW, seconds(5))).toBeUndefined()
    expect(takeLosses(mirroring, later(ms(9999)))).toBeUndefined()
    expect(takeLosses(mirroring, later(seconds(10)))).toEqual({ dropped: 1, failed: 0 })
  })

  test('whose end was never told gives its place back in time', () => {
    const mirroring = newMirroring({})
    for (let count = 0; count < MIRRORS_IN_FLIGHT_MAX; count += 1) beginMirror(mirroring, NOW, seconds(5))
    expect(beginMirror(mirroring, later(seconds(8)), seconds(5))).toBeDefined()
  })
})

describe('a fault', () => {
  const both: Faults = {
    expires: NOW + 1000,
    gated: false,
    delay: { length: seconds(2), share: share(0.3) },
    abort: { status: 503, share: share(0.1) },
  }
  const endless: Faults = { gated: false, abort: { status: 503, share: share(1) } }

  test.each<{
    readonly when: string
    readonly faults?: Faults
    readonly open?: boolean
    readonly since?: number
    readonly draws?: readonly [number, number]
    readonly is: Fault | undefined
  }>([
    { when: 'both are drawn', draws: [0.29, 0.09], is: { delay: seconds(2), abort: 503 } },
    { when: 'one is drawn', draws: [0.29, 0.1], is: { delay: seconds(2), abort: undefined } },
    { when: 'the other is drawn', draws: [0.3, 0.09], is: { delay: undefined, abort: 503 } },
    { when: 'none is drawn', draws: [0.3, 0.1], is: undefined },
    { when: 'the gate is shut', open: false, is: undefined },
    { when: 'its time has come', since: 1000, is: undefined },
    { when: 'it ends never and is not gated', faults: endless, is: undefined },
    { when: 'it ends never and is gated', faults: { ...endless, gated: true }, is: { delay: undefined, abort: 503 } },
  ])('when $when', ({ faults = both, open = true, since = 0, draws: [first, second] = [0, 0], is }) =>
    expect(chooseFault(faults, open, later(ms(since)), [draw(first), draw(second)])).toEqual(is),
  )
})

describe('the gate of faults', () => {
  const SECRET = 'a secret of some length'
  const claimed = { host: 'shop.test', route: 'checkout' }
  const token = signFault(SECRET, { ...claimed, length: 60_000 }, NOW)
  const gate = faultGate(SECRET)

  test('opens for its host and route, until it expires', async () => {
    expect(await gate(token, claimed, NOW)).toBe(true)
    expect(await gate(token, { ...claimed, host: 'other.test' }, NOW)).toBe(false)
    expect(await gate(token, { ...claimed, route: 'other' }, NOW)).toBe(false)
    expect(await gate(token, claimed, later(ms(59_999)))).toBe(true)
    expect(await gate(token, claimed, later(ms(60_000)))).toBe(false)
  })

  test('never opens without a secret, with a short one, or with another', async () => {
    for (const secret of [undefined, '', 'short', `${SECRET}!`]) expect(await faultGate(secret)(token, claimed, NOW)).toBe(false)
    expect(await faultGate('short')(signFault('short', { ...claimed, length: 60_000 }, NOW), claimed, NOW)).toBe(false)
  })

  test('does not open for what is good for longer than faults may be', async () => {
    expect(await gate(signFault(SECRET, { ...claimed, length: 8 * 24 * 60 * 60_000 }, NOW), claimed, NOW)).toBe(false)
  })

  test(`does not open for a token that was changed anywhere, seed ${SEED}`, async () => {
    const roll = dice(SEED)
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.= '
    for (let round = 0; round < 500; round += 1) {
      const at = Math.floor(roll() * token.length)
      const letter = letters.charAt(Math.floor(roll() * letters.length))
      const changed = roll() < 0.3 ? token.slice(0, at) : token.slice(0, at) + letter + token.slice(at + 1)
      // The last letter of 32 bytes in base64url has two bits to spare: those spell the same bytes.
      if (changed === token || (at === token.length - 1 && changed.length === token.length)) continue
      expect(await gate(changed, claimed, NOW), changed).toBe(false)
    }
  })
})
