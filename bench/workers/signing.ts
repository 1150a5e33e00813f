/** A bare pass-through that makes one ES256 signature for each request: what a gateway cannot sign a token of its own without. */
const JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: '0RcesCoaAVMaDXHBKflay16h3zES9RGBccQ6mz9spHk',
  y: 'vrNn05S7yRME_McIbFZE4xGpT1CV7adx_sKLw5a-ohg',
  d: 'BG1L1sfGIYl0BwJ8uBQ9cnGHEv7qDwX0N4E2GynzLh0',
}
const TEXT = new TextEncoder().encode('x'.repeat(420))
let key: CryptoKey | undefined

export default {
  async fetch(request: Request): Promise<Response> {
    key ??= await crypto.subtle.importKey('jwk', JWK, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, TEXT)
    return signature.byteLength === 64 ? fetch(request) : new Response(null, { status: 500 })
  },
}
