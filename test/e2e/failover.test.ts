import { expect, test } from 'vitest'
import type { Report } from '../../cli/failover/report.ts'
import { ROTATION_ROWS } from '../../cli/failover/rotation-rows.ts'
import { ROWS } from '../../cli/failover/rows.ts'
import { SEED } from '../seed.ts'
import { run } from './run-cli.ts'

test('the short form of the failover run: regions die and keys are exchanged, clients do not notice', async () => {
  const { code, stdout, stderr } = await run('cli/failover/main.ts', ['--quick', '--json', '--seed', String(SEED)], {}, 225_000)
  const report = JSON.parse(stdout) as Report
  expect(report.rows.map(({ id }) => id)).toEqual(
    [...ROWS.filter(({ quick }) => quick !== 'no'), ...ROTATION_ROWS.filter(({ quick }) => quick)].map(({ id }) => id),
  )
  expect(
    report.rows.filter(({ ok }) => ok !== true).map(({ id, why, measured, rotation }) => ({ id, why, measured, rotation })),
    stderr,
  ).toEqual([])
  expect(code).toBe(0)
})
