/** A bare pass-through that verifies one ES256 signature for each request: what a gateway cannot do a new token without. */
const JWK = { kty: 'EC', crv: 'P-256', x: '0RcesCoaAVMaDXHBKflay16h3zES9RGBccQ6mz9spHk', y: 'vrNn05S7yRME_McIbFZE4xGpT1CV7adx_sKLw5a-ohg' }
const TEXT = new TextEncoder().encode('x'.repeat(280))
const SIGNATURE = Uint8Array.from(
  atob('5aiR2a4RnESd1PGk6DFl0ew0r++svyZ6Cug/L/KtLQhKlI96CXdyq+DU1yjBcyKQbg11Ac0p7V3QzqlpFdsTYw=='),
  (letter) => letter.charCodeAt(0),
)
let key: CryptoKey | undefined

export default {
  async fetch(request: Request): Promise<Response> {
    key ??= await crypto.subtle.importKey('jwk', JWK, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
    const good = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, SIGNATURE, TEXT)
    return good ? fetch(request) : new Response(null, { status: 500 })
  },
}
