#!/usr/bin/env node
/**
 * `node bench/profile.ts [--seconds N] [--rate N]`: where the gateway's JavaScript spends its time under the load of row P1, by V8's
 * sampling profiler: self time a function, the native rest as `(program)`. Numbers guide; what counts is `npm run bench`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.ts'
import type { LoadResult } from './load.ts'
import { orderFor } from './measure.ts'
import { benchConfiguration } from './rows.ts'
import { startGateway } from './subjects.ts'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
}
interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' }, rate: { type: 'string', default: '500' } } })
/** Of the sampling profiler, in microseconds. */
const SAMPLE_EVERY = 200
const WARM_UP_SECONDS = 3
const SHOWN = 45

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

function show({ nodes, samples, timeDeltas }: Profile, requests: number): void {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const self = new Map<string, number>()
  samples.forEach((id, index) => {
    const frame = byId.get(id)
    const name =
      frame === undefined ? '?' : `${frame.functionName || '(anonymous)'}${frame.lineNumber > 0 ? `:${frame.lineNumber + 1}` : ''}`
    self.set(name, (self.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  })
  self.delete('(idle)')
  const total = [...self.values()].reduce((sum, micros) => sum + micros, 0)
  console.log(`${requests} requests, ${(total / requests).toFixed(0)} µs of the isolate's thread each, by the line of the built module:`)
  for (const [name, micros] of [...self].sort(([, a], [, b]) => b - a).slice(0, SHOWN)) {
    console.log(`${(micros / requests).toFixed(2).padStart(8)} µs ${((micros / total) * 100).toFixed(1).padStart(5)} %  ${name}`)
  }
}

const origins = fork(join(import.meta.dirname, 'origins.ts'))
const load = fork(join(import.meta.dirname, 'load.ts'))
const [[{ ports }]] = (await Promise.all([once(origins, 'message'), once(load, 'message')])) as [[{ ports: number[] }], unknown]
const built = await build(process.cwd(), benchConfiguration(ports, 1))
const gateway = await startGateway(built.gateway, built.control, 'bench.test')
const send = async (seconds: number): Promise<LoadResult> => {
  const answer = once(load, 'message')
  load.send(orderFor(gateway, { answer: 1_024, upload: 0, rate: Number(values.rate) }, seconds))
  return (await answer)[0] as LoadResult
}
try {
  const call = await inspect(`ws://127.0.0.1:${gateway.inspectorPort}/meridian-gateway`)
  await send(WARM_UP_SECONDS)
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
