/** The load generator as its parent sees it. */
import { endChild, startChild, waitForMessage } from '../local/child.ts'
import type { LoadCommand, LoadPlan, LoadRecord, LoadReport } from './load-record.ts'

/** Longer than the generator waits for what is in flight. */
const STOP_MS = 40_000
const PEEK_MS = 5_000

export interface LoadGenerator {
  readonly start: (plan: LoadPlan) => void
  /** All records so far. */
  readonly peek: () => Promise<readonly LoadRecord[]>
  /** Ends the load and resolves with all records and the number of connections lost. */
  readonly stop: () => Promise<{ readonly records: readonly LoadRecord[]; readonly socketsLost: number }>
  readonly end: () => Promise<void>
}

export function startGenerator(): LoadGenerator {
  const child = startChild(new URL('./load.ts', import.meta.url))
  const tell = (command: LoadCommand): void => {
    child.send(command)
  }
  const records: LoadRecord[] = []
  const take = (report: LoadReport): LoadReport => {
    records.push(...report.records)
    return report
  }
  const ask = async (command: LoadCommand, withinMs: number): Promise<LoadReport> => {
    const answer = waitForMessage(child, (message) => message as LoadReport, withinMs)
    tell(command)
    return take(await answer)
  }
  return {
    start: (plan) => tell({ kind: 'start', plan }),
    peek: async () => {
      await ask({ kind: 'peek' }, PEEK_MS)
      return records
    },
    stop: async () => {
      const { socketsLost } = await ask({ kind: 'stop' }, STOP_MS)
      return { records, socketsLost }
    },
    end: () => endChild(child),
  }
}
