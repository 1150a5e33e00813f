/** An issuer of tokens in a world of virtual time: serves its keys with a tag, or does not, and writes down who asked when. */
import { generateKeyPairSync } from 'node:crypto'
import { keySetKey, type VantageId } from '../../../config/ids.ts'
import type { KeySetSource, PublicJwk } from '../../../config/key-set.ts'
import type { DocumentAnswer, DocumentQuestion } from '../../../durable-objects/ports.ts'
import type { World } from './world.ts'

/** Real keys, made once: each takes a moment. */
const made: PublicJwk[] = []
export function keyNumbered(number: number): PublicJwk {
  while (made.length <= number) {
    const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    made.push({ kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '', kid: `k${made.length}`, alg: 'ES256' })
  }
  return made[number] as PublicJwk
}

export const JWKS: KeySetSource = { key: keySetKey('shop-keys'), kind: 'jwks', url: 'https://id.example.com/jwks' }
export const DISCOVERY: KeySetSource = {
  key: keySetKey('found-keys'),
  kind: 'discovery',
  url: 'https://id.example.com/.well-known/openid-configuration',
  issuer: 'https://id.example.com',
}

export class FakeIssuer {
  keys: readonly PublicJwk[] = [keyNumbered(0)]
  manner: 'answers' | 'fails' | 'hangs' = 'answers'
  /** Said instead of the key set. */
  body: string | undefined
  discovery: unknown = { issuer: 'https://id.example.com', jwks_uri: JWKS.url }
  readonly asked: { readonly at: number; readonly by: VantageId; readonly url: string; readonly whole: boolean }[] = []
  readonly #world: World

  constructor(world: World, sources: readonly KeySetSource[] = [JWKS]) {
    this.#world = world
    world.base = { ...world.base, keySources: sources }
    world.documents = (question, from) => this.#answer(question, from)
  }

  /** Moments of the fetches of keys since `since`, by one vantage. */
  fetches(by: string, since = 0): readonly number[] {
    return this.asked.flatMap((each) => (each.by === by && each.at >= since && each.url === JWKS.url ? [each.at] : []))
  }

  #answer({ url, etag }: DocumentQuestion, by: VantageId): DocumentAnswer | 'hangs' {
    const tag = `"${this.keys.map(({ kid }) => kid).join(' ')}"`
    const same = url === JWKS.url && etag === tag && this.body === undefined
    this.asked.push({ at: this.#world.now, by, url, whole: !same })
    if (this.manner === 'hangs') return 'hangs'
    if (this.manner === 'fails') return { kind: 'failed', detail: 'status 500' }
    if (url !== JWKS.url) return { kind: 'fetched', text: JSON.stringify(this.discovery) }
    return same ? { kind: 'same' } : { kind: 'fetched', text: this.body ?? JSON.stringify({ keys: this.keys }), etag: tag }
  }
}
