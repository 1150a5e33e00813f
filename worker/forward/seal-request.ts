/** Puts the token of the edge on one attempt: it names the endpoint, so each attempt has its own. */
import type { Endpoint } from '../../config/base.ts'
import type { EdgeSigner } from '../identity/edge-signer.ts'
import { writeAbout } from '../policy/edge-token.ts'
import type { Platform } from '../ports.ts'
import type { Outbound, OutboundRequest } from './outbound-request.ts'

/** Who signs, as whom. Only while it is ready. */
export interface Sealing {
  readonly issuer: string
  readonly signer: EdgeSigner
}

/** Undefined when it may be sent at once. */
export function sealRequest(
  { inbound, told, rewritten = inbound, sealing }: Pick<Outbound, 'inbound' | 'told' | 'rewritten' | 'sealing'>,
  endpoint: Endpoint,
  { outgoing }: OutboundRequest,
  platform: Platform,
): Promise<void> | undefined {
  const token = told?.token
  if (token === undefined || sealing === undefined) return undefined
  const about = writeAbout({
    issuer: sealing.issuer,
    origin: endpoint.origin,
    method: inbound.method,
    target: `${inbound.scheme}://${rewritten.authority}${endpoint.basePath}${rewritten.path}`,
    client: token.client,
  })
  const signed = sealing.signer.sign(about, platform)
  if (typeof signed === 'string') outgoing.headers.set(token.header, signed)
  else return signed.then((text) => outgoing.headers.set(token.header, text))
  return undefined
}
