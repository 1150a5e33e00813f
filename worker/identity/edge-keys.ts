/** `GET /.well-known/meridian/jwks.json`: the keys by which ingresses verify the tokens of the edge (RFC 7517). Anybody may read them. */
import type { Inbound } from '../inbound/read-inbound.ts'
import { localReply } from '../reply/local-reply.ts'
import { type EdgeSigner, KEYS_CACHED } from './edge-signer.ts'

/** Without a sound key it is an error, never an empty set: who has the keys of a minute ago keeps them then. */
export async function edgeKeys(signer: EdgeSigner | undefined, { requestId }: Pick<Inbound, 'requestId'>): Promise<Response> {
  if (signer === undefined) return localReply('ERR_NO_ROUTE', requestId)
  const keySet = await signer.keySet()
  if (keySet === undefined) return localReply('ERR_IDENTITY_UNSIGNED', requestId)
  return Response.json(keySet, { headers: { 'cache-control': `public, max-age=${KEYS_CACHED}` } })
}
