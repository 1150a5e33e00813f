/** Runs tests of a suite: every gateway of all of them in one workerd, then the cases, several at a time. */
import type { ConformanceCase, ConformanceTest } from './case.ts'
import { EchoEndpoints } from './echo.ts'
import { IMPOSSIBLE, STATUS_ONLY } from './harness-facts.ts'
import { gatewayOf, type Mutation, type Prepared, prepare } from './prepare.ts'
import { type Patience, runCase, type Target } from './run-case.ts'
import { judgeMirrors, runExtra } from './run-extra.ts'
import { type Certificate, type Runtime, startRuntime } from './runtime.ts'

export interface RunOptions {
  readonly patience: Patience
  /** Tests that run at once. */
  readonly atOnce: number
  readonly certificate: Certificate
  readonly mutate?: Mutation
  readonly say: (progress: string) => void
}

export interface Miss {
  readonly name: string
  readonly why: string
}

export interface TestResult {
  readonly test: ConformanceTest
  readonly passed: number
  /** Cases, and whatever else of the test did not hold. */
  readonly misses: readonly Miss[]
  /** Of cases that no Worker can pass: they were not asked. */
  readonly impossible: readonly Miss[]
}

interface Held {
  readonly echo: EchoEndpoints
  readonly runtime: Runtime
  readonly prepared: ReadonlyMap<string, Prepared>
  readonly options: RunOptions
}

export async function runTests(tests: readonly ConformanceTest[], options: RunOptions): Promise<readonly TestResult[]> {
  const echo = new EchoEndpoints()
  const possible = tests.filter(({ id }) => IMPOSSIBLE[id] === undefined)
  let runtime: Runtime | undefined
  try {
    const prepared = (await Promise.all(possible.map((test) => prepare(test, echo, options.mutate)))).flat()
    const tls = new Set(
      possible.flatMap((test) => test.cases.filter(({ scheme }) => scheme === 'https').map((one) => gatewayOf(test, one))),
    )
    const startable = prepared.flatMap(({ id, base }) => (base === undefined ? [] : [{ id, base, tls: tls.has(id) }]))
    options.say(`Starting ${startable.length} gateways.`)
    runtime = await startRuntime(startable, options.certificate)
    const held = { echo, runtime, prepared: new Map(prepared.map((one) => [one.id, one])), options }
    return await inTurns(tests, options.atOnce, async (test) => {
      const result = await runTest(test, held)
      options.say(`${test.id}: ${sayResult(result)}`)
      return result
    })
  } finally {
    await runtime?.end()
    await echo.end()
  }
}

const sayResult = ({ test, passed, misses, impossible }: TestResult): string =>
  impossible.length > 0
    ? `${impossible.length} impossible`
    : `${passed} of ${test.cases.length}${misses.length === 0 ? '' : `, NOT OK: ${misses.map(({ name, why }) => `${name}: ${why}`).join('; ')}`}`

async function runTest(test: ConformanceTest, held: Held): Promise<TestResult> {
  const impossible = IMPOSSIBLE[test.id]
  if (impossible !== undefined)
    return { test, passed: 0, misses: [], impossible: test.cases.map(({ name }) => ({ name, why: impossible })) }
  const outcomes: (Miss | undefined)[] = await Promise.all(
    test.cases.map(async (one) => {
      const why = await caseProblem(test, one, held)
      return why === undefined ? undefined : { name: one.name, why }
    }),
  )
  const misses = [...outcomes.filter((one) => one !== undefined), ...(await otherMisses(test, held))]
  return { test, passed: outcomes.filter((one) => one === undefined).length, misses, impossible: [] }
}

async function caseProblem(test: ConformanceTest, one: ConformanceCase, held: Held): Promise<string | undefined> {
  const target = targetOf(gatewayOf(test, one), held)
  if (typeof target === 'string') return target
  const problem = await runCase(one, target, held.options.patience)
  return problem ?? (await judgeMirrors(one, target, held.echo))
}

/** Of what is no case: extras, and what the reader must say where a suite looks at a status. */
async function otherMisses(test: ConformanceTest, held: Held): Promise<readonly Miss[]> {
  const misses: Miss[] = []
  for (const extra of test.extras) {
    const target = targetOf(gatewayOf(test, extra.kind === 'websocket' ? { gateway: extra.gateway } : extra.request), held)
    const why = typeof target === 'string' ? target : await runExtra(extra, target)
    if (why !== undefined) misses.push({ name: extra.kind, why })
  }
  const word = STATUS_ONLY[test.id]
  if (word !== undefined && held.prepared.get(test.id)?.findings.some(({ text }) => text.includes(word)) !== true) {
    misses.push({ name: 'status', why: `the reader does not say ${word}` })
  }
  return misses
}

/** A string says why there is no such gateway. */
function targetOf(id: string, { prepared, runtime }: Held): Target | string {
  const gateway = prepared.get(id)
  if (gateway === undefined) return 'no such gateway was prepared'
  if (gateway.base === undefined) return `the configuration has defects: ${gateway.defects.slice(0, 3).join('; ')}`
  return { sockets: runtime.socketsOf(id), address: gateway.address }
}

/** Works on so many at a time; results in order of the items. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>()
  const queue = [...items.entries()]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.set(next[0], await work(next[1]))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result)
}
