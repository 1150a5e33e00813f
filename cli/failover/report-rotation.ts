/** A rotation row as people read it: what was exchanged, and what clients noticed. */
import { show } from './measure-rotation.ts'
import type { RowReport } from './report.ts'

/** One line; none for a row of faults. */
export function renderRotation({ id, what, ok, rotation: m }: RowReport): readonly string[] {
  if (m === undefined) return []
  const refused =
    m.refused === 0 ? '0 refused' : `${m.refused} refused (${show(m.refusedBy)}), the last ${m.lastRefusedMs} ms after the key signed`
  const failed = m.failed === 0 ? '0 failed' : `${m.failed} failed (${show(m.failedBy)})`
  const served = `by version ${show(m.byVersion)}; ${m.byNewestKey} with tokens of the newest key`
  return [`${id}  ${what}: ${m.requests} requests, ${refused}, ${failed}; served ${served}  ${ok === true ? 'ok' : 'NOT OK'}`]
}
