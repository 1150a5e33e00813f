/** Waits until the gateway itself answers, not until a port listens. */
import { HEALTH_PATH } from '../../worker/operator/edge-health.ts'

/** Room for a first start: bundling, the runtime, the first probes. */
const START_MS = 60_000
const EVERY_MS = 100
const ASK_MS = 5_000

/** False when the gateway ended, or did not serve in time. Any answer that is Meridian's own counts: a host may be unknown to the configuration. */
export async function waitForGateway(url: string, ended: Promise<unknown>): Promise<boolean> {
  let gone = false
  void ended.then(() => {
    gone = true
  })
  const until = performance.now() + START_MS
  while (!gone && performance.now() < until) {
    if (await answers(url)) return true
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
  return false
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL(HEALTH_PATH, url), { redirect: 'manual', signal: AbortSignal.timeout(ASK_MS) })
    await response.body?.cancel()
    return response.status === 200 || response.headers.has('meridian-code')
  } catch {
    return false
  }
}
