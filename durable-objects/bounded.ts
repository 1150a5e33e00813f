/** Bounds work that may hang: another object, KV. What comes after the bound is ignored; the work itself cannot be stopped. */
import type { DurationMs } from '../config/units.ts'
import type { ControlPlatform } from './ports.ts'

/** The work's value. Rejects when it rejects, or when it takes longer than `length`. */
export async function withinTime<T>(work: Promise<T>, length: DurationMs, platform: Pick<ControlPlatform, 'sleep'>): Promise<T> {
  work.catch(() => {})
  const late = Symbol('late')
  const first = await Promise.race([work, platform.sleep(length).then(() => late)])
  if (first === late) throw new Error(`no answer in ${length} ms`)
  return first as T
}
