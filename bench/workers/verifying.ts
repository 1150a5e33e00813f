/**
 * A bare pass-through that verifies the ES256 signature of each request's token, and asks nothing else of it: what a gateway cannot do a new
 * token without. Each request has a signature of its own, because verifying one and the same again and again costs less.
 */
const JWK = { kty: 'EC', crv: 'P-256', x: '0RcesCoaAVMaDXHBKflay16h3zES9RGBccQ6mz9spHk', y: 'vrNn05S7yRME_McIbFZE4xGpT1CV7adx_sKLw5a-ohg' }
/** ECMAScript 2026, which the runtime has and the compiler's library does not. */
declare global {
  interface Uint8ArrayConstructor {
    fromBase64(text: string, options: { alphabet: 'base64url' }): Uint8Array<ArrayBuffer>
  }
}
const SCHEME = 'Bearer '.length
const TEXT = new TextEncoder()
let key: CryptoKey | undefined

export default {
  async fetch(request: Request): Promise<Response> {
    key ??= await crypto.subtle.importKey('jwk', JWK, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
    const token = (request.headers.get('authorization') ?? '').slice(SCHEME)
    const end = token.lastIndexOf('.')
    const signature = Uint8Array.fromBase64(token.slice(end + 1), { alphabet: 'base64url' })
    const good = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, TEXT.encode(token.slice(0, end)))
    return good ? fetch(request) : new Response(null, { status: 500 })
  },
}
