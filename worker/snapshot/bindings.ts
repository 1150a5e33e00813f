/** The gateway Worker's bindings, as its wrangler.toml names them, made into the ports of the health source. */
import type { Base } from '../../config/base.ts'
import { DIRECTOR_NAME, type DirectorForOperators } from '../../config/director.ts'
import type { VantageId } from '../../config/ids.ts'
import { LAST_KNOWN_GOOD_KEY } from '../../config/parse-snapshot.ts'
import type { VantageForIsolates } from '../../config/report.ts'
import type { VantageStatus } from '../../config/status.ts'
import type { EdgeSecrets } from '../identity/edge-signer.ts'
import type { PassiveHealth } from '../snapshot-port.ts'
import type { ColoStore, HealthPorts } from './ports.ts'

export interface GatewayBindings extends EdgeSecrets {
  readonly VANTAGE: DurableObjectNamespace
  readonly LIMITER: DurableObjectNamespace
  /** Asked by the operators' API alone. Without it nothing is changed without a deploy. */
  readonly DIRECTOR?: DurableObjectNamespace
  readonly LAST_KNOWN_GOOD: KVNamespace
  /** Signs what isolates share through the colo's cache; without it they share no keys of issuers. See `colo-cache.ts` for what it is worth. */
  readonly SNAPSHOT_KEY?: string
  /** Who bears it may read the status. Without it nobody may. */
  readonly OPERATOR_TOKEN?: string
  /** Signs what opens the gates of faults. Without it they stay shut. */
  readonly FAULT_KEY?: string
  /** Signs the cookies and overrides of releases. Without it no cookie is given or believed, and no override. */
  readonly RELEASE_KEY?: string
}

/** An empty secret is none: nobody signs with it. */
export const secretOf = (secret: string | undefined): string | undefined => (secret === '' ? undefined : secret)

/** KV may answer from its own cache for so many seconds. */
const KNOWN_GOOD_CACHED = 30

type VantageStub = VantageForIsolates & { readonly status: (self: VantageId) => Promise<VantageStatus> }

/** A fresh stub for each call. The hint places an object where it is named after, the first time that anybody calls it. */
export function vantageOf({ VANTAGE }: GatewayBindings, vantage: VantageId): VantageStub {
  return VANTAGE.get(VANTAGE.idFromName(vantage), { locationHint: vantage as DurableObjectLocationHint }) as unknown as VantageStub
}

/** A fresh stub for each question to the one object of its class. */
export function directorOf({ DIRECTOR }: GatewayBindings): (() => DirectorForOperators) | undefined {
  if (DIRECTOR === undefined) return undefined
  return () => DIRECTOR.get(DIRECTOR.idFromName(DIRECTOR_NAME)) as unknown as DirectorForOperators
}

export function healthPorts(bindings: GatewayBindings, base: Base, passive: PassiveHealth, cache: ColoStore | undefined): HealthPorts {
  return {
    base,
    passive,
    vantage: (vantage) => vantageOf(bindings, vantage),
    cache,
    readKnownGood: () => bindings.LAST_KNOWN_GOOD.get(LAST_KNOWN_GOOD_KEY, { type: 'json', cacheTtl: KNOWN_GOOD_CACHED }),
    readEntry: (name) => bindings.LAST_KNOWN_GOOD.get(name, { type: 'text', cacheTtl: KNOWN_GOOD_CACHED }),
    secret: secretOf(bindings.SNAPSHOT_KEY),
  }
}
