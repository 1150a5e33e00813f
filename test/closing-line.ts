/**
 * Ends a test run with one line that a machine can read: `412 passed, 0 failed`. Tests that were skipped are named on the
 * line before it. A file that does not load, and an error outside any test, count as failed.
 */
import type { SerializedError } from 'vitest'
import type { Reporter, TestModule } from 'vitest/node'

export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      count.failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        count[state === 'pending' ? 'failed' : state] += 1
      }
    }
    // After the reporters that came before, vitest's own summary among them.
    process.once('exit', () => {
      if (count.skipped > 0) console.log(`${count.skipped} skipped`)
      console.log(`${count.passed} passed, ${count.failed} failed`)
    })
  }
}
