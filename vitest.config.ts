/**
 * Which tests there are and how they share the machine: pure code in parallel, then the real runtime a file at a time,
 * then the whole thing as a user starts it. What they check is theirs to say.
 */
import { defineConfig } from 'vitest/config'
import { ClosingLine } from './test/closing-line.ts'

/** Virtual time costs real time, and the machine may be busy with other things. */
const UNIT_TIMEOUT = 60_000
/** Room for workerd to start and settle on a busy machine of two cores. */
const RUNTIME_TIMEOUT = 60_000
/** Room for `npm start` and a failover run. */
const END_TO_END_TIMEOUT = 240_000

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLine()],
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/*.test.ts'],
          exclude: ['test/bundle.test.ts'],
          testTimeout: UNIT_TIMEOUT,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'workerd',
          include: ['test/workerd/**/*.test.ts', 'test/bundle.test.ts'],
          fileParallelism: false,
          testTimeout: RUNTIME_TIMEOUT,
          hookTimeout: RUNTIME_TIMEOUT,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: END_TO_END_TIMEOUT,
          hookTimeout: END_TO_END_TIMEOUT,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
