/** Reads a discovery document (OpenID Connect Discovery 1.0 section 4.2, RFC 8414 section 3.2): where its issuer's keys are. */
import type { KeySetSource } from '../../config/key-set.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import { err, ok, type Result } from '../../config/result.ts'

const URL_MAX = 2048

/** The URL of the keys. The document must name the issuer as its tokens do, or anybody's document would do (section 4.3, RFC 8414 section 3.3). */
export function readDiscovery(text: string, source: Pick<KeySetSource, 'url' | 'issuer'>): Result<string, string> {
  const document = parse(text)
  if (!isRecord(document)) return err('the discovery document is no JSON object')
  if (document['issuer'] !== source.issuer) return err('the discovery document is of another issuer')
  const place = document['jwks_uri']
  if (typeof place !== 'string' || place.length > URL_MAX || !URL.canParse(place)) return err('the discovery document has no jwks_uri')
  const { protocol, username, password } = new URL(place)
  if (username !== '' || password !== '') return err('the jwks_uri holds a name or password')
  // Only a configuration of this machine may name a document by http.
  const isSafe = protocol === 'https:' || (protocol === 'http:' && source.url.startsWith('http:'))
  return isSafe ? ok(place) : err('the jwks_uri is no https URL')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
