/** The bindings of the control Worker, as its wrangler.toml names them; those of client certificates have names of the operator's own. */
import type { Director } from './director.ts'
import type { Prober } from './prober.ts'
import type { Vantage } from './vantage.ts'

export interface ControlEnvironment {
  readonly VANTAGE: DurableObjectNamespace<Vantage>
  readonly DIRECTOR: DurableObjectNamespace<Director>
  readonly PROBER: DurableObjectNamespace<Prober>
  readonly LAST_KNOWN_GOOD: KVNamespace
  /** What operators put beside the deployment: weights.json and emergency.json. Absent in a deployment of an older wrangler.toml. */
  readonly OPERATOR_FILES?: R2Bucket
  /** Signs the keys of issuers that are kept in KV; the gateway has the same. Without it none are kept. */
  readonly SNAPSHOT_KEY?: string
}
