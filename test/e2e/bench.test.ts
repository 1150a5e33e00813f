/** The short form of `npm run bench`: every row is there and every answer right. Its ratios are printed, never asserted. */
import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { COST_ROWS } from '../../bench/rows.ts'
import { SEED } from '../seed.ts'

const COMMAND = ['bench/main.ts', '--quick', '--json', '--seed', String(SEED)]

interface BenchDocument {
  readonly command: string
  readonly seed: number
  readonly rows: readonly { readonly id: string; readonly ok: boolean | null; readonly why: string; readonly shown: string }[]
  readonly ok: boolean | null
}

// CPU is read from /proc.
test.skipIf(process.platform !== 'linux')('bench --quick --json', { timeout: 120_000 }, async () => {
  const { code, said, complained } = await new Promise<{ code: number; said: string; complained: string }>((done) => {
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', ...COMMAND], (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), said: stdout, complained: stderr }),
    )
  })
  const document = JSON.parse(said) as BenchDocument
  for (const { id, shown } of document.rows) console.log(id, shown)
  expect(document.command).toBe('bench')
  expect(document.rows.map(({ id }) => id)).toEqual([...COST_ROWS.map(({ id }) => id), 'P6'])
  expect(
    document.rows.filter(({ ok }) => ok !== true).map(({ id, why }) => `${id}: ${why}`),
    complained,
  ).toEqual([])
  expect(code).toBe(0)
})

test.each([
  [['--rows', 'P1,P77'], 'there is no row "P77"'],
  [['--rounds', 'many'], '--rounds takes a whole number above 0, got "many"'],
  [['--seed', 'x'], '--seed takes a whole number, got "x"'],
])('bench %j is refused before anything runs', async (args, says) => {
  const { code, complained } = await new Promise<{ code: unknown; complained: string }>((done) => {
    execFile(process.execPath, ['bench/main.ts', ...args], (error, _, stderr) => done({ code: error?.code, complained: stderr }))
  })
  expect({ code, complained }).toEqual({ code: 2, complained: expect.stringContaining(says) })
})
