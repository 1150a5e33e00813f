/** Bounds work that may throw or hang: a vantage, the cache, KV. What comes later is ignored; such work cannot be stopped. */
import type { DurationMs } from '../../config/units.ts'
import type { Platform } from '../ports.ts'

/** The work's value, or undefined when it failed or took longer than `length`. Never rejects, not even when `work` throws at once. */
export function attempt<T>(work: () => Promise<T>, length: DurationMs, platform: Platform): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = platform.wakeAfter(length, () => resolve(undefined))
    const settle = (value: T | undefined): void => {
      cancel()
      resolve(value)
    }
    try {
      work().then(settle, () => settle(undefined))
    } catch {
      settle(undefined)
    }
  })
}
