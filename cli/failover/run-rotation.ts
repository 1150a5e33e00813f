/** The life of a rotation row: a gateway in its versions, load, the steps at their times; then the evidence is measured. */
import { setTimeout as sleep } from 'node:timers/promises'
import { addIssuerKey, readIssuerKeys } from '../local/issuer-keys.ts'
import { setFault } from '../local/sample-ingress.ts'
import { startGenerator } from './load-generator.ts'
import { LoadTokens, type TokenPlan } from './load-tokens.ts'
import { type MeasuredRotation, measureRotation } from './measure-rotation.ts'
import { KEYS_HELD_MS, type RotationRow, type Step } from './rotation-rows.ts'
import type { RotationWorld } from './rotation-world.ts'
import type { VersionRuntime } from './version-runtime.ts'

export interface RotationOptions {
  readonly requestsPerSecond: number
  readonly seed: number
  readonly warmUpMs: number
  readonly say: (progress: string) => void
}

const clock = (): number => performance.timeOrigin + performance.now()
/** From the full rate to the first request that counts. */
const SETTLE_MS = 500
const READY_MS_MAX = 20_000

export async function runRotation(world: RotationWorld, row: RotationRow, options: RotationOptions): Promise<MeasuredRotation> {
  const gateway = await world.start(row.versions)
  const generator = startGenerator()
  try {
    const tokens: TokenPlan = { folder: world.folder, issuer: world.issuer.url, audience: 'shop' }
    for (const version of row.versions.keys()) await firstAnswers(gateway, version, row.path, tokens)
    await gateway.serve([0])
    // Ingresses may have read the keys of a later version just now.
    if (row.versions.some(({ signs }) => signs !== undefined)) await sleep(KEYS_HELD_MS)
    options.say(`${row.id} ${row.what}: load`)
    const mix = [{ name: row.name, weight: 1, method: 'GET', path: row.path, bodyBytes: 0, replayable: true }] as const
    const { requestsPerSecond, seed, warmUpMs } = options
    generator.start({ url: gateway.url, requestsPerSecond, rampMs: warmUpMs, seed, mix, tokens })
    await sleep(warmUpMs + SETTLE_MS)
    const from = clock()
    const signsFrom = await takeSteps(row, { world, gateway, from, say: options.say })
    const { records } = await generator.stop()
    const newest = { kid: readIssuerKeys(world.folder)?.at(-1)?.kid, version: row.versions.length - 1 }
    return measureRotation({ records, from, signsFrom, newest })
  } finally {
    await generator.end()
    await gateway.end()
    await setFault(world.issuer.ports, 'heal')
  }
}

interface Running {
  readonly world: RotationWorld
  readonly gateway: VersionRuntime
  readonly from: number
  readonly say: (progress: string) => void
}

/** Each at its time, until the row is over. Returns since when the newest key of the issuer signs, where there is a new one. */
async function takeSteps(row: RotationRow, running: Running): Promise<number | undefined> {
  let signsFrom: number | undefined
  for (const step of row.steps) {
    await sleep(Math.max(0, running.from + step.atMs - clock()))
    running.say(`${row.id} ${sayStep(step)}`)
    signsFrom = (await take(step, running)) ?? signsFrom
  }
  await sleep(Math.max(0, running.from + row.lengthMs - clock()))
  return signsFrom
}

async function take(step: Step, { world, gateway }: Running): Promise<number | undefined> {
  switch (step.kind) {
    case 'issuer-key': {
      const signsFrom = Date.now() + step.signsAfterMs
      await addIssuerKey(world.folder, signsFrom)
      return signsFrom
    }
    case 'issuer-gone':
      await setFault(world.issuer.ports, 'refuse')
      return undefined
    case 'serve':
      await gateway.serve(step.versions)
      return undefined
    default:
      return step satisfies never
  }
}

function sayStep(step: Step): string {
  if (step.kind === 'serve') return `serves ${step.versions.map((version) => `version ${version}`).join(' and ')}`
  return step.kind === 'issuer-gone' ? 'the issuer is gone' : `a new key is published, and signs in ${step.signsAfterMs} ms`
}

/** Until a version answers well: its isolate has keys and verdicts then. One that cannot is for the row to show. */
async function firstAnswers(gateway: VersionRuntime, version: number, path: string, plan: TokenPlan): Promise<void> {
  await gateway.serve([version])
  const tokens = new LoadTokens(plan)
  const until = clock() + (version === 0 ? READY_MS_MAX : 2_000)
  try {
    await tokens.start()
    for (;;) {
      const headers = { authorization: `Bearer ${tokens.held?.token}` }
      const response = await fetch(gateway.url + path, { headers, signal: AbortSignal.timeout(10_000) })
      const body = await response.text()
      if (response.status === 200 || (version > 0 && clock() > until)) return
      if (clock() > until) throw new Error(`the gateway answers ${response.status}: ${body}\n${gateway.log.join('\n')}`)
      await sleep(100)
    }
  } finally {
    tokens.stop()
  }
}
