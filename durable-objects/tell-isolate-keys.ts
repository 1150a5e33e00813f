/** What an isolate is told of the keys that its base needs: versions, keys where it holds others, and whether to ask again soon. */
import type { SyncReply, SyncRequest } from '../config/report.ts'
import type { Instant } from '../config/units.ts'
import type { KeyFetcher } from './fetch-keys.ts'
import { tellKeys } from './policy/fold-key-set.ts'
import type { VantageState } from './vantage-state.ts'

interface KeysTold {
  readonly news: Pick<Extract<SyncReply, { kind: 'same' }>, 'keySets'>
  /** A fetch is under way that the isolate waits for. */
  readonly soon: boolean
}

interface Teller {
  readonly state: VantageState
  readonly keys: KeyFetcher
  readonly now: Instant
}

export function tellIsolateKeys({ base: hash, keySets: held, wantsKeys }: SyncRequest, { state, keys, now }: Teller): KeysTold {
  const sources = state.bases.find(({ base }) => base.hash === hash)?.base.keySources
  if (sources === undefined || held === undefined) return { news: {}, soon: false }
  const wanted = (wantsKeys ?? []).filter((key) => sources.some((source) => source.key === key))
  const missed = keys.want(wanted, now)
  const keySets = sources.flatMap(({ key }) => tellKeys(key, state.keySet(key), held[key], now) ?? [])
  const lacking = sources.some(({ key }) => keys.isRunning(key) && !keySets.some((news) => news.key === key))
  return { news: { keySets }, soon: missed || lacking }
}
