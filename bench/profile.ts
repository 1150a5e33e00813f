#!/usr/bin/env node
/**
 * `node bench/profile.ts [--row P1] [--seconds N] [--rate N] [--warm N]`: where the gateway's JavaScript spends its time under the load of a row,
 * by V8's sampling profiler: self time a function (not minified), the native rest as `(program)`. Numbers guide; what counts is `npm run bench`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.ts'
import { configurationOf } from './configuration.ts'
import { healthOn } from './health-on.ts'
import type { LoadResult } from './load.ts'
import { orderFor } from './measure.ts'
import { COST_ROWS } from './rows.ts'
import { startGateway } from './subjects.ts'

interface ProfileNode {
  readonly id: number
  readonly children?: readonly number[]
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
}
interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const { values } = parseArgs({
  options: {
    row: { type: 'string', default: 'P1' },
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '500' },
    warm: { type: 'string', default: '40' },
  },
})
const row = COST_ROWS.find(({ id, subject }) => id === values.row && subject.startsWith('gateway'))
if (row === undefined) throw new Error(`--row ${values.row}: no row whose subject is a gateway`)
/** Of the sampling profiler, in microseconds. */
const SAMPLE_EVERY = 50
const SHOWN = 70

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** One request and answer at a time over the inspector's socket. */
async function inspect(url: string): Promise<(method: string, params?: object) => Promise<unknown>> {
  const socket = new WebSocket(url)
  await new Promise((open, failed) => {
    socket.onopen = open
    socket.onerror = failed
  })
  let last = 0
  return (method, params = {}) =>
    new Promise((done) => {
      const id = ++last
      socket.addEventListener('message', function take({ data }) {
        const said = JSON.parse(String(data)) as { id?: number; result?: unknown }
        if (said.id !== id) return
        socket.removeEventListener('message', take)
        done(said.result)
      })
      socket.send(JSON.stringify({ id, method, params }))
    })
}

/** Self and total time of each function: total is while it, or what it called, ran. */
function show({ nodes, samples, timeDeltas }: Profile, requests: number): void {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])))
  const nameOf = ({ callFrame: { functionName, lineNumber } }: ProfileNode) =>
    `${functionName || '(anonymous)'}${lineNumber > 0 ? `:${lineNumber + 1}` : ''}`
  const self = new Map<string, number>()
  const total = new Map<string, number>()
  const add = (to: Map<string, number>, name: string, micros: number) => to.set(name, (to.get(name) ?? 0) + micros)
  samples.forEach((sample, index) => {
    // Nothing is sampled while the isolate waits: the first sample after that stands for its own interval, and not for the wait.
    const micros = Math.min(timeDeltas[index] ?? 0, SAMPLE_EVERY)
    const names: string[] = []
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const node = byId.get(id)
      if (node !== undefined) names.push(nameOf(node))
    }
    add(self, names[0] ?? '?', micros)
    for (const name of new Set(names)) add(total, name, micros)
  })
  const busy = [...self].reduce((sum, [name, micros]) => (name === '(idle)' ? sum : sum + micros), 0)
  console.log(`${requests} requests, ${(busy / requests).toFixed(0)} µs of the isolate's thread each, by the line of the built module:`)
  console.log('    self     total')
  const each = (micros: number) => (micros / requests).toFixed(2).padStart(8)
  for (const [name, micros] of [...total]
    .filter(([name]) => name !== '(idle)')
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)) {
    console.log(`${each(self.get(name) ?? 0)}  ${each(micros)} µs  ${name}`)
  }
}

const origins = fork(join(import.meta.dirname, 'origins.ts'))
const load = fork(join(import.meta.dirname, 'load.ts'))
const [[{ ports }]] = (await Promise.all([once(origins, 'message'), once(load, 'message')])) as [[{ ports: number[] }], unknown]
const built = await build(process.cwd(), configurationOf(row.subject, ports), { names: true })
const gateway = await startGateway(built.gateway, built.control, 'bench.test')
const send = async (seconds: number): Promise<LoadResult> => {
  const answer = once(load, 'message')
  load.send(orderFor(gateway, { ...row.load, rate: Number(values.rate) }, seconds))
  return (await answer)[0] as LoadResult
}
try {
  const call = await inspect(`ws://127.0.0.1:${gateway.inspectorPort}/meridian-gateway`)
  await healthOn(gateway)
  await send(Number(values.warm))
  await call('Profiler.enable')
  await call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY })
  await call('Profiler.start')
  const { sent, wrong } = await send(Number(values.seconds))
  const { profile } = (await call('Profiler.stop')) as { profile: Profile }
  console.log(wrong === 0 ? '' : `${wrong} wrong answers`)
  show(profile, sent)
} finally {
  await gateway.stop()
  for (const child of [origins, load]) child.disconnect()
}
process.exit(0)
