/** What the operators' commands understand without a gateway: their pages of help, what they refuse, when they ask. */
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { drain, undrain } from '../../../cli/drain.ts'
import { confirm } from '../../../cli/operate/confirm.ts'
import { touches } from '../../../cli/operate/make-change.ts'
import { readLength } from '../../../cli/operate/read-lengths.ts'
import { release } from '../../../cli/release.ts'
import { audit, drift, revert, revisions } from '../../../cli/revisions.ts'
import { weights } from '../../../cli/weights.ts'
import type { Change } from '../../../config/director.ts'
import { captureOutput } from '../../capture-output.ts'

const COMMANDS = { weights, drain, undrain, release, revisions, revert, audit, drift }
const NOBODY = ['--url', 'http://127.0.0.1:9', '--token', 'x']

const output = captureOutput()

test.each(Object.entries(COMMANDS))('%s --help is one page with an example, and needs no gateway', async (name, command) => {
  expect(await command(['--help'])).toBe(0)
  expect(output.said).toContain(`npx meridian ${name}`)
  expect(output.said.split('\n').length).toBeLessThan(32)
  expect(Math.max(...output.said.split('\n').map((line) => line.length))).toBeLessThan(100)
})

test.each([
  ['weights', ['gett']],
  ['weights', []],
  ['weights', ['set']],
  ['weights', ['get', '--for', '3m']],
  ['drain', ['x', '--watch']],
  ['drain', ['x', '--for', '3']],
  ['drain', ['x', '--over', '2h']],
  ['undrain', []],
  ['undrain', ['x', '--for', '3m']],
  ['release', ['stat']],
  ['release', ['start', 'x', '--watch']],
  ['revert', []],
  ['revert', ['one']],
  ['revert', ['1', '2']],
  ['revisions', ['x']],
  ['audit', ['--nothing']],
  ['drift', ['--all']],
  ['weights', ['get', '--if-match', 'x']],
  ['weights', ['get', '--dry-run']],
  ['weights', ['watch', '--yes']],
  ['release', ['status', '--reason', 'r']],
  ['release', ['--by', 'ann']],
  ['drain', ['--dry-run']],
  ['drain', ['--for', '30m']],
  ['revisions', ['--if-match', '3']],
  ['audit', ['--if-match', '3']],
  ['drift', ['--yes']],
  ['weights', ['get', '--url', 'nowhere']],
] as const)('%s %j is no way to say it: 2, and nobody is asked', async (name, args) => {
  const url = args.some((word) => word === '--url') ? [] : NOBODY
  expect(await COMMANDS[name]([...args, ...url])).toBe(2)
  expect(output.complained).not.toContain('does not answer')
  expect(output.said).toBe('')
})

test.each(Object.entries(COMMANDS))('%s without a gateway: 2, and it says so', async (name, command) => {
  const words = { weights: ['get'], undrain: ['x'], revert: ['1'] }[name] ?? []
  expect(await command([...words, ...NOBODY])).toBe(2)
  expect(output.complained).toMatch(/^the gateway does not answer at http:\/\/127\.0\.0\.1:9: /)
})

describe('asking', () => {
  const terminal = (answer: string, isTTY = true) => {
    const input = Object.assign(new PassThrough(), { isTTY })
    input.end(answer)
    return { input, output: new PassThrough() }
  }
  test.each([
    ['y\n', undefined],
    ['YES\n', undefined],
    ['n\n', 'Nothing was changed.'],
    ['\n', 'Nothing was changed.'],
    ['yep\n', 'Nothing was changed.'],
  ])('%j', async (answer, refusal) => expect(await confirm('Do it?', terminal(answer))).toBe(refusal))
  test('where nobody can be asked, nothing is done', async () => expect(await confirm('Do it?', terminal('y\n', false))).toContain('--yes'))
})

test.each([
  ['30m', 1_800_000],
  ['1s', 1000],
  ['31d', 2_678_400_000],
  ['999ms', undefined],
  ['32d', undefined],
  ['30', undefined],
  ['-1s', undefined],
  ['1.5h', undefined],
  ['1h ', undefined],
])('the length %j', (written, length) => {
  const read = readLength('--for', written, [1000, 31 * 86_400_000])
  expect(read.ok ? read.value : undefined).toBe(length)
  expect(read.ok ? '' : read.error).toMatch(length === undefined ? /^--for takes a length from 1s to 31d such as "30m", got "/ : /^$/)
})

describe('what another operator did meanwhile', () => {
  const set: Change = { kind: 'set-weights', pool: 'shop' as never, weights: {} }
  const out: Change = { kind: 'drain', target: { kind: 'cloud', cloud: 'aws' }, over: 0 as never }
  const canary: Change = { kind: 'release', release: 'checkout' as never, action: 'pause' }
  test.each([
    [set, 'pools.shop.a.weight', true],
    [set, 'pools.shops.a.weight', false],
    [set, 'drains.cloud.aws', false],
    [out, 'drains.region.r', true],
    [out, 'releases.checkout.weight', false],
    [canary, 'releases.checkout.weight', true],
    [canary, 'releases.checkout-2.weight', false],
    [{ kind: 'revert', revision: 1 } satisfies Change, 'releases.checkout.weight', true],
  ])('%j and %s: %s', (change, field, isTouched) => {
    const differences = [{ field, before: 1, after: 2 }]
    expect(touches({ noun: 'weights', changes: [change] }, differences)).toBe(isTouched)
  })
})
