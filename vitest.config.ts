/**
 * Which tests there are and how they share the machine: pure code on all cores, then the real runtime and the commands two files at a
 * time, because they wait more than they work, then what measures time, alone. What they check is theirs to say.
 */
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { ClosingLine } from './test/closing-line.ts'
import { LongestFirst } from './test/longest-first.ts'

/** Virtual time costs real time, and the machine may be busy with other things. */
const UNIT_TIMEOUT = 60_000
/** Room for workerd to start and settle on a busy machine of two cores. */
const RUNTIME_TIMEOUT = 60_000
/** Until what is waited for is there; the default of a second is what a busy machine may take. */
const POLL_TIMEOUT = 10_000
/** Room for `npm start`, the short form of the benchmark and a failover run. */
const END_TO_END_TIMEOUT = 240_000

/** They judge how long something took, and so have the machine for themselves. */
const MEASURING = [
  'test/workerd/gateway/hedging-load.test.ts',
  'test/workerd/gateway/latency.test.ts',
  'test/workerd/health/sharing.test.ts',
  'test/workerd/health/vantage.test.ts',
  'test/e2e/failover.test.ts',
]

// Tests start hundreds of Node.js processes that load the same files: what the first compiled, the others take.
process.env['NODE_COMPILE_CACHE'] ??= resolve(import.meta.dirname, 'node_modules/.cache/compile')

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLine()],
    passWithNoTests: true,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/*.test.ts'],
          exclude: ['test/bundle.test.ts'],
          testTimeout: UNIT_TIMEOUT,
          // All cores: the default leaves one idle, which is half of a machine of two.
          maxWorkers: '100%',
          // Modules are read once a worker and not once a file. A file must leave nothing behind: what it replaces it puts back.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'workerd',
          include: ['test/workerd/**/*.test.ts', 'test/bundle.test.ts'],
          exclude: MEASURING,
          maxWorkers: 2,
          testTimeout: RUNTIME_TIMEOUT,
          hookTimeout: RUNTIME_TIMEOUT,
          expect: { poll: { timeout: POLL_TIMEOUT } },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: MEASURING,
          maxWorkers: 2,
          testTimeout: END_TO_END_TIMEOUT,
          hookTimeout: END_TO_END_TIMEOUT,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'measuring',
          include: MEASURING,
          fileParallelism: false,
          testTimeout: END_TO_END_TIMEOUT,
          hookTimeout: END_TO_END_TIMEOUT,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
