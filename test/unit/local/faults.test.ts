import { expect, test } from 'vitest'
import { breakReady, breakTraffic } from '../../../cli/local/breakage.ts'
import { FAULTS, type FaultKind, faultHelp, parseFault, showFault } from '../../../cli/local/faults.ts'

const read = (words: string) => parseFault(words.split(' '))

test.each([
  ['refuse', { kind: 'refuse' }],
  ['slow 800', { kind: 'slow', delayMs: 800 }],
  ['slow 800ms', { kind: 'slow', delayMs: 800 }],
  ['slow', { kind: 'slow', delayMs: 10_000 }],
  ['partial 30%', { kind: 'partial', share: 0.3 }],
  ['hiccup', { kind: 'hiccup', share: 0.05 }],
  ['bad-version 20', { kind: 'bad-version', share: 0.2 }],
  ['flap 3', { kind: 'flap', seconds: 3 }],
  ['503', { kind: '503' }],
  ['heal', undefined],
])('"%s" is read', (words, fault) => expect(read(words)).toEqual({ ok: true, value: fault }))

test.each([
  ['melt', /unknown fault "melt"; known are: refuse, /],
  ['refuse 3', /"refuse" takes no argument, got "3"/],
  ['slow soon', /"slow" takes MILLISECONDS above 0/],
  ['slow -1', /above 0/],
  ['partial 101', /at most 100/],
  ['slow 1 2', /takes one argument, got "1 2"/],
  ['heal now', /unknown fault "heal"/],
  ['constructor', /unknown fault/],
])('"%s" is refused', (words, problem) => expect(read(words)).toMatchObject({ ok: false, error: expect.stringMatching(problem) }))

const everyFault = (Object.keys(FAULTS) as FaultKind[]).map((kind) => kind)

test.each(everyFault)('%s is shown as it is written, explained, and broken somehow', (kind) => {
  const parsed = read(kind)
  if (!parsed.ok || parsed.value === undefined) throw new Error('not read')
  expect(read(showFault(parsed.value))).toEqual(parsed)
  expect(faultHelp()).toContain(`  ${kind}`)
  expect(breakTraffic(parsed.value)).not.toEqual(breakTraffic(undefined))
})

test.each(['lie', 'mesh-dead', 'rate-limited', 'partial', 'bad-version', 'hiccup', 'mid-body', 'trickle', 'rubbish', 'tls'])(
  '%s leaves the ready endpoint well',
  (kind) => {
    const parsed = read(kind)
    expect(parsed.ok && breakReady(parsed.value)).toEqual(breakReady(undefined))
  },
)
