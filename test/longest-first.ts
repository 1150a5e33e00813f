/**
 * In which order test files start: those that take longest first, so that no core waits at the end for one of them. Vitest would
 * go by the size of a file until it has seen it run, and a clean clone has seen nothing.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Beginnings of paths, the longest first. Those that are not named come after them, in vitest's own order. */
const LONGEST = [
  'test/unit/explain/explain.test.ts',
  'test/unit/deploy/',
  'test/unit/config/commands.test.ts',
  'test/unit/import/command.test.ts',
  'test/unit/config/laws.test.ts',
  'test/unit/worker/plan-next.test.ts',
  'test/workerd/gateway/socket-relay.test.ts',
  'test/workerd/gateway/websockets.test.ts',
  'test/e2e/bench.test.ts',
  'test/e2e/conformance.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b))
  }
}

const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder

function rankOf({ moduleId }: TestSpecification): number {
  const found = LONGEST.findIndex((path) => moduleId.includes(`/${path}`))
  return found === -1 ? LONGEST.length : found
}
