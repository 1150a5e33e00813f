/**
 * The gateway as `npm start` runs it: the one that is deployed, behind what tells it of the connection. On Cloudflare the platform says
 * which certificate a client presented; here the TLS port of `npm start -- --mtls` does, in a header that opens with a key of this run.
 * Whoever does not know the key cannot say anything of a certificate, the local runtime's own `MF-CF-Blob` included.
 */
import { env } from 'cloudflare:workers'
import gateway from '../../../worker/index.ts'
import { CONNECTION_HEADER, readConnection } from '../connection.ts'

const { LOCAL_CONNECTION_KEY: key = '' } = env as unknown as { readonly LOCAL_CONNECTION_KEY?: string }

/** How the local runtime is told all of `request.cf`, by anybody. */
const BLOB_HEADER = 'mf-cf-blob'

type Incoming = Parameters<typeof gateway.fetch>[0]

export default {
  fetch(request, environment, context) {
    const { headers } = request
    const isPlain = !headers.has(CONNECTION_HEADER) && !headers.has(BLOB_HEADER)
    return gateway.fetch(isPlain ? request : withConnection(request), environment, context)
  },
} satisfies ExportedHandler

function withConnection(request: Incoming): Incoming {
  const headers = new Headers(request.headers)
  const connection = readConnection(headers.get(CONNECTION_HEADER), key)
  headers.delete(CONNECTION_HEADER)
  headers.delete(BLOB_HEADER)
  const { tlsClientAuth: _said, ...place } = (request.cf ?? {}) as Readonly<Record<string, unknown>>
  const url = connection === undefined ? request.url : request.url.replace(/^http:/, 'https:')
  return new Request(url, new Request(request, { headers, cf: { ...place, ...connection } })) as Incoming
}
