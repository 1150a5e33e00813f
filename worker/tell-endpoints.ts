/** What the attempts of one request tell endpoints of who sent it. Where a token is wanted and cannot be signed, nobody is asked: fail closed. */
import type { Route } from '../config/base.ts'
import type { Outbound } from './forward/outbound-request.ts'
import type { Sealing } from './forward/seal-request.ts'
import type { Identity } from './policy/identity.ts'
import { tellIdentity } from './policy/tell-identity.ts'

/** What attempts carry; or a token is wanted that cannot be signed. */
export type Telling = Pick<Outbound, 'told' | 'sealing'> | 'unsigned'

/** At once, but for the first token of an isolate. `edge`: absent where no route of the gateway is known to tell anything. */
export function tellEndpoints(route: Route, identity: Identity | undefined, edge: Sealing | undefined): Telling | Promise<Telling> {
  if (edge === undefined) return 'unsigned'
  const told = tellIdentity(route, identity, edge.issuer)
  if (told?.token === undefined) return { told }
  const telling = (isReady: boolean): Telling => (isReady ? { told, sealing: edge } : 'unsigned')
  const ready = edge.signer.ready()
  return ready instanceof Promise ? ready.then(telling) : telling(ready)
}
