/** Simulated traffic of two tracks, judged every 10 s as the director does it: seeded, so that each run can be run again. */
import type { AnalysisSettings } from '../../../config/release.ts'
import { seconds, share } from '../../../config/units.ts'
import { type Evidence, foldWindow, NO_EVIDENCE } from '../../../durable-objects/policy/compare-tracks.ts'
import type { Stratum, TrackSample } from '../../../durable-objects/policy/guess-from-stable.ts'
import { hardLimit } from '../../../durable-objects/policy/hard-limit.ts'
import { type Decision, decide, type Judged, judgeCanary } from '../../../durable-objects/policy/judge-canary.ts'
import { dice } from '../../seed.ts'

export const SETTINGS: AnalysisSettings = {
  minimumSample: 500,
  errorMargin: share(0.005),
  slowFactor: 2,
  hardErrorShare: share(0.25),
  patience: seconds(3600),
}

/** The buckets of the simulated latencies: what is fast, what is a little slow, what is slow. */
const FAST = 1
const SLOW = 2

export interface Kind {
  readonly requests: number
  readonly failing: number
  /** Share of requests above stable's usual 95th percentile. */
  readonly slow: number
}

/** What one route in one region does in the window that begins at `at`, in seconds. */
export type Weather = (at: number) => Readonly<Record<string, { readonly stable: Kind; readonly canary: Kind }>>

export interface Run {
  readonly judgements: readonly { readonly at: number; readonly judgement: Decision }[]
  /** The last one in words. */
  readonly words: string
  readonly evidence: Evidence
}

/** Judges after each window; ends with the first roll-back. Promotions are noted and the step goes on. */
export function run(weather: Weather, length: number, seed: number, settings = SETTINGS): Run {
  const roll = dice(seed)
  let evidence = NO_EVIDENCE
  const judgements: { at: number; judgement: Decision }[] = []
  let judged: Judged | undefined
  for (let at = 0; at < length; at += 10) {
    const strata: Stratum[] = Object.entries(weather(at)).map(([name, { stable, canary }]) => ({
      name,
      stable: sample(stable, roll),
      canary: sample(canary, roll),
    }))
    evidence = foldWindow(evidence, strata, settings)
    const limit = hardLimit(
      strata.map(({ stable, canary }) => ({
        stable: { attempts: stable.attempts, hits: stable.failed },
        canary: { attempts: canary.attempts, hits: canary.failed },
      })),
      settings,
    )
    judged = { evidence, settings, stoodFor: seconds(at + 10), limit }
    const judgement = decide(judged)
    judgements.push({ at: at + 10, judgement })
    if (judgement.verdict === 'roll-back') break
  }
  return { judgements, evidence, words: judged === undefined ? '' : judgeCanary(judged).words }
}

export const firstOf = ({ judgements }: Run, verdict: Decision['verdict']): number | undefined =>
  judgements.find(({ judgement }) => judgement.verdict === verdict)?.at

function sample({ requests, failing, slow }: Kind, roll: () => number): TrackSample {
  const latency = new Array<number>(SLOW + 1).fill(0)
  const whole = Math.floor(requests) + (roll() < requests - Math.floor(requests) ? 1 : 0)
  const slowOnes = binomial(whole, slow, roll)
  latency[SLOW] = slowOnes
  latency[FAST] = whole - slowOnes
  return { attempts: whole, failed: binomial(whole, failing, roll), latency }
}

/** By the gaps between successes, which is quick for small shares. */
export function binomial(n: number, p: number, roll: () => number): number {
  if (p <= 0) return 0
  if (p >= 1) return n
  if (p > 0.5) return n - binomial(n, 1 - p, roll)
  const log = Math.log(1 - p)
  let hits = 0
  for (let at = Math.floor(Math.log(1 - roll()) / log); at < n; at += 1 + Math.floor(Math.log(1 - roll()) / log)) hits += 1
  return hits
}
