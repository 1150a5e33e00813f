/**
 * The local issuer of tokens: a discovery document (OpenID Connect Discovery 1.0 section 4) and a key set on loopback. It signs nothing
 * itself, `npx meridian token` does with the same keys; it can be broken like a region, to see that nothing fails.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { breakTraffic } from './breakage.ts'
import { startControl } from './control.ts'
import { FaultyServer } from './faulty-server.ts'
import { issuerKeys, publicKeys, readIssuerKeys } from './issuer-keys.ts'
import { SeenRequests } from './seen-requests.ts'

/** As `config/local.yaml` names it. */
export const ISSUER_PORTS: IssuerPorts = { traffic: 9301, control: 9401 }

export interface IssuerPorts {
  readonly traffic: number
  readonly control: number
}

export interface LocalIssuer {
  /** What its tokens say in `iss`. */
  readonly url: string
  readonly ports: IssuerPorts
  readonly stop: () => Promise<void>
}

const KEYS_PATH = '/jwks.json'

/** `folder` keeps the keys. Ports of 0 become free ones. */
export async function startIssuer(folder: string, ports: IssuerPorts): Promise<LocalIssuer> {
  await issuerKeys(folder)
  const seen = new SeenRequests()
  const server = new FaultyServer({
    port: ports.traffic,
    saw: (request) => seen.note(request),
    unavailable: 'broken on purpose\n',
    answer: (request, response) => answer(request, response, server.port, folder),
  })
  await server.start()
  const setFault = async (fault: Parameters<typeof breakTraffic>[0]): Promise<void> => server.set(breakTraffic(fault))
  const control = await startControl({ id: 'issuer', port: ports.control, setFault, seen, connections: () => server.connections })
  return { url: urlOf(server.port), ports: { traffic: server.port, control }, stop: () => server.stop() }
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`

function answer({ url }: IncomingMessage, response: ServerResponse, port: number, folder: string): void {
  const issuer = urlOf(port)
  const documents: Readonly<Record<string, unknown>> = {
    '/.well-known/openid-configuration': {
      issuer,
      jwks_uri: `${issuer}${KEYS_PATH}`,
      response_types_supported: ['token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    },
    // Read anew: a rotation is the work of another process.
    [KEYS_PATH]: publicKeys(readIssuerKeys(folder) ?? ([] as never)),
  }
  const document = documents[url ?? '']
  response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json', 'cache-control': 'max-age=30' })
  response.end(JSON.stringify(document ?? { error: 'not found' }))
}
