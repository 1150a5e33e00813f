/** P6: how large the shipped gateway is and what its start costs above an empty Worker. */
import { get } from 'node:http'
import { gzipSync } from 'node:zlib'
import { build } from './build.ts'
import { cpuSeconds } from './cpu.ts'
import { BUNDLE_GZIP_MAX, START_CPU_MS_MAX } from './rows.ts'
import type { Options, Row } from './run.ts'
import { median } from './statistics.ts'
import { type Subject, startGateway, workerSource } from './subjects.ts'

/** Starts of each side; the median counts. */
const STARTS = 7
const QUICK_STARTS = 1

export const FOOTPRINT = {
  id: 'P6',
  what: 'gateway bundle and its start, sample configuration',
  must: `at most ${BUNDLE_GZIP_MAX / 1024} KiB and ${START_CPU_MS_MAX} ms`,
  mutation: 'import the configuration parser in the Worker',
}

export async function measureFootprint({ root, quick, say }: Options): Promise<Row> {
  say('P6: building the sample\n')
  const { gateway, control } = await build(root)
  const sides = { gateway, empty: workerSource('empty') }
  const starts = { gateway: [] as number[], empty: [] as number[] }
  for (let round = 0; round < (quick ? QUICK_STARTS : STARTS); round++) {
    for (const side of ['gateway', 'empty'] as const)
      starts[side].push(await startMillis(() => startGateway(sides[side], control, 'unknown.test')))
  }
  const gzip = gzipSync(gateway).length
  const startMs = median(starts.gateway) - median(starts.empty)
  return {
    ...FOOTPRINT,
    measured: { gzipBytes: gzip, startCpuMs: startMs, starts: starts.gateway.length },
    shown: `${(gzip / 1024).toFixed(1)} KiB gzip, ${startMs.toFixed(0)} ms of CPU to the first answer above an empty Worker`,
    ok: gzip <= BUNDLE_GZIP_MAX && (quick || startMs <= START_CPU_MS_MAX),
    why: quick ? 'the size only: one start proves nothing' : '',
  }
}

/** CPU of a new process up to its first answer, whatever that is. */
async function startMillis(start: () => Promise<Subject>): Promise<number> {
  const subject = await start()
  try {
    await new Promise<void>((answered, failed) => {
      const headers = { host: subject.host }
      get({ host: '127.0.0.1', port: subject.port, path: '/', headers }, (response) => response.resume().once('end', answered)).once(
        'error',
        failed,
      )
    })
    return (cpuSeconds(subject.pid) ?? Number.NaN) * 1000
  } finally {
    await subject.stop()
  }
}
