import { describe, expect, test } from 'vitest'
import { findCorpus } from '../../cli/conformance/corpus.ts'
import { readOwnTests } from '../../cli/conformance/read-own.ts'
import type { Report } from '../../cli/conformance/report.ts'
import { run } from './run-cli.ts'

const SCRIPT = 'cli/conformance/main.ts'

async function reported(...args: readonly string[]): Promise<{ report: Report; code: number | null; stderr: string }> {
  const { code, stdout, stderr } = await run(SCRIPT, ['--json', ...args], {}, 120_000)
  return { report: JSON.parse(stdout) as Report, code, stderr }
}

const wrong = ({ rows }: Report) => rows.filter(({ ok }) => !ok).map(({ id, why }) => `${id}: ${why}`)

describe('the short form of the conformance run', () => {
  test('passes every case of the project', async () => {
    const { report, code, stderr } = await reported('--quick')
    expect(report.rows.map(({ id }) => id)).toEqual(readOwnTests().map(({ id }) => id))
    expect(wrong(report), stderr).toEqual([])
    expect(code).toBe(0)
  })

  test.each(['wrong-conditions', 'unredirected'])('turns every row of the mutation %s red', async (mutation) => {
    const { report, code } = await reported('--quick', '--mutate', mutation)
    expect(report.rows.map(({ id }) => id)).toEqual(
      readOwnTests()
        .filter((one) => one.mutation === mutation)
        .map(({ id }) => id),
    )
    expect(report.rows.filter(({ ok }) => ok).map(({ id }) => id)).toEqual([])
    expect(code).toBe(1)
  })
})

const corpus = findCorpus()

describe.skipIf(corpus === undefined)(
  `the published suite${corpus === undefined ? ' (skipped: no corpus beside the project)' : ''}`,
  () => {
    test('passes whole, but for what is impossible on Workers', async () => {
      const { report, code, stderr } = await reported()
      expect(wrong(report), stderr).toEqual([])
      expect(report.figure).toEqual({ cases: 276, passed: 260, missed: 0, impossible: 16 })
      expect(code).toBe(0)
    })
  },
)

describe('without the published suite', () => {
  test('it says so and could not run', async () => {
    const { code, stdout, stderr } = await run(SCRIPT, ['--corpus', 'no-such-folder'], {}, 60_000)
    expect(stderr).toContain('There is no corpus')
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })
})
