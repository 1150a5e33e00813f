/** The composition root of the control Worker. Nothing reaches it from the Internet: objects are called by binding, the watchdog by cron. */
import { DIRECTOR_NAME } from '../config/director.ts'
import { parseVantages, VANTAGES_KEY } from '../config/parse-snapshot.ts'
import { isVantage } from '../config/vantages.ts'
import type { ControlEnvironment } from './environment.ts'

export { Director } from './director.ts'
export { Limiter } from './limiter.ts'
export { Prober } from './prober.ts'
export { Vantage } from './vantage.ts'

export default {
  fetch: () => new Response(null, { status: 404 }),

  /** Wakes the director and every vantage whose alarm has died: six failed alarms in a row, or a fault of the platform. */
  async scheduled(_event, { VANTAGE, DIRECTOR, LAST_KNOWN_GOOD }) {
    const vantages = parseVantages(await LAST_KNOWN_GOOD.get(VANTAGES_KEY, 'json'), isVantage)
    await Promise.allSettled([
      DIRECTOR.get(DIRECTOR.idFromName(DIRECTOR_NAME)).wake(),
      ...vantages.map((vantage) =>
        VANTAGE.get(VANTAGE.idFromName(vantage), { locationHint: vantage as DurableObjectLocationHint }).wake(vantage),
      ),
    ])
  },
} satisfies ExportedHandler<ControlEnvironment>
