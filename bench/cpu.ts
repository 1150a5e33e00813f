/** CPU time of another process, as Linux counts it. On other systems there is none, and rows say so. */
import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds that a process has used, all threads together; undefined where it cannot be read. */
export function cpuSeconds(pid: number): number | undefined {
  return fromThreads(pid) ?? fromProcess(pid)
}

/** In nanoseconds, from the scheduler; a thread that has ended is not counted, which workerd's do not while it serves. */
function fromThreads(pid: number): number | undefined {
  try {
    const spent = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    )
    const total = spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0)
    return total > 0 ? total / 1e9 : undefined
  } catch {
    return undefined
  }
}

/** In ticks of 10 ms: user and system time, fields 14 and 15 of proc(5). */
function fromProcess(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}
