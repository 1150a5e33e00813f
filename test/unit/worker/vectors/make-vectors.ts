/**
 * Makes the vectors of the project's own anew: `node test/unit/worker/vectors/make-vectors.ts`. Private keys are thrown away, and the secrets are
 * in the file, so that each of its verdicts can be found out by anybody. What a vector should come to is said here and computed by nobody.
 */
import { constants, createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Group, Vector } from './judge-vectors.ts'

const encoded = (value: string | Buffer): string => Buffer.from(value).toString('base64url')
const PAYLOAD = encoded('{"sub":"ann"}')

interface Signer {
  readonly jwk: object
  readonly sign: (text: string) => Buffer
}

type Pair = ReturnType<typeof generateKeyPairSync> & { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
const jwkOf = ({ publicKey }: Pair, said: object): object => ({ ...publicKey.export({ format: 'jwk' }), ...said })
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }) as unknown as Pair
const curve = (namedCurve: string): Pair => generateKeyPairSync('ec', { namedCurve }) as unknown as Pair
const [P256, P384, P521] = [curve('P-256'), curve('P-384'), curve('P-521')]
const ED = generateKeyPairSync('ed25519') as unknown as Pair

const rsa =
  (bits: number, padding: object = {}) =>
  (text: string): Buffer =>
    signBytes(`sha${bits}`, Buffer.from(text), { key: RSA.privateKey, ...padding })
const pss = (bits: number, saltLength = bits / 8) => rsa(bits, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
const ecdsa =
  ({ privateKey: key }: Pair, bits: number, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363') =>
  (text: string): Buffer =>
    signBytes(`sha${bits}`, Buffer.from(text), { key, dsaEncoding })
const hmac =
  (bits: number, secret: Buffer | string) =>
  (text: string): Buffer =>
    createHmac(`sha${bits}`, secret).update(text).digest()

const secretOf = (length: number): Buffer => Buffer.alloc(length, `the published secret of ${length} octets, for vectors alone: `)
const secret = (bits: number): Signer => ({
  jwk: { kty: 'oct', alg: `HS${bits}`, kid: 'k', k: encoded(secretOf(bits / 8)) },
  sign: hmac(bits, secretOf(bits / 8)),
})

const SIGNERS: Readonly<Record<string, Signer>> = {
  ES256: { jwk: jwkOf(P256, { alg: 'ES256', kid: 'k' }), sign: ecdsa(P256, 256) },
  ES384: { jwk: jwkOf(P384, { alg: 'ES384', kid: 'k' }), sign: ecdsa(P384, 384) },
  ES512: { jwk: jwkOf(P521, { alg: 'ES512', kid: 'k' }), sign: ecdsa(P521, 512) },
  RS256: { jwk: jwkOf(RSA, { alg: 'RS256', kid: 'k' }), sign: rsa(256) },
  RS384: { jwk: jwkOf(RSA, { alg: 'RS384', kid: 'k' }), sign: rsa(384) },
  RS512: { jwk: jwkOf(RSA, { alg: 'RS512', kid: 'k' }), sign: rsa(512) },
  PS256: { jwk: jwkOf(RSA, { alg: 'PS256', kid: 'k' }), sign: pss(256) },
  PS384: { jwk: jwkOf(RSA, { alg: 'PS384', kid: 'k' }), sign: pss(384) },
  PS512: { jwk: jwkOf(RSA, { alg: 'PS512', kid: 'k' }), sign: pss(512) },
  EdDSA: { jwk: jwkOf(ED, { alg: 'EdDSA', kid: 'k' }), sign: (text) => signBytes(null, Buffer.from(text), ED.privateKey) },
  HS256: secret(256),
  HS384: secret(384),
  HS512: secret(512),
}
const signer = (algorithm: string): Signer => {
  const found = SIGNERS[algorithm]
  if (found === undefined) throw new Error(`no signer of ${algorithm}`)
  return found
}

type Made = Omit<Vector, 'tcId'>
const [valid, invalid] = (['valid', 'invalid'] as const).map(
  (result) =>
    (comment: string, jws: string): Made => ({ comment, jws, result }),
) as [(comment: string, jws: string) => Made, (comment: string, jws: string) => Made]
const texted = (header: object, payload = PAYLOAD): string => `${encoded(JSON.stringify(header))}.${payload}`
const joined = (text: string, signature: Buffer): string => `${text}.${encoded(signature)}`
const flipped = (signature: Buffer): Buffer => signature.map((octet, at) => (at === 7 ? octet ^ 1 : octet)) as Buffer
const without = (jwk: object, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)))

/** What holds of every algorithm alike. */
function common(alg: string): Made[] {
  const { sign } = signer(alg)
  const text = texted({ alg, kid: 'k' })
  const good = sign(text)
  const [header = ''] = text.split('.')
  return [
    valid('its own signature', joined(text, good)),
    valid('without a kid', joined(texted({ alg }), sign(texted({ alg })))),
    valid(
      'spaces in the JSON of its header',
      joined(`${encoded(`{ "alg" : "${alg}" }`)}.${PAYLOAD}`, sign(`${encoded(`{ "alg" : "${alg}" }`)}.${PAYLOAD}`)),
    ),
    invalid('another kid', joined(texted({ alg, kid: 'x' }), sign(texted({ alg, kid: 'x' })))),
    invalid('one bit of the signature', joined(text, flipped(good))),
    invalid('an octet less', joined(text, good.subarray(0, -1))),
    invalid('an octet more', joined(text, Buffer.concat([good, Buffer.of(0)]))),
    invalid('zeros for a signature', joined(text, Buffer.alloc(good.length))),
    invalid('no signature', `${text}.`),
    invalid('no separator', text),
    invalid('another payload', joined(texted({ alg, kid: 'k' }, encoded('{"sub":"eve"}')), good)),
    invalid('another header', joined(texted({ alg, kid: 'k', typ: 'JWT' }), good)),
    invalid('a space in the signature', `${text}. ${encoded(good)}`),
    invalid('padding', `${joined(text, good)}==`),
    invalid('a part more', `${joined(text, good)}.AAAA`),
    invalid('JSON serialization', JSON.stringify({ payload: PAYLOAD, signatures: [{ protected: header, signature: encoded(good) }] })),
    invalid('alg none', `${texted({ alg: 'none', kid: 'k' })}.`),
    invalid('alg none with the signature', joined(texted({ alg: 'none', kid: 'k' }), good)),
    invalid('crit', joined(texted({ alg, kid: 'k', crit: ['exp'], exp: 1 }), sign(texted({ alg, kid: 'k', crit: ['exp'], exp: 1 })))),
    invalid(
      'alg twice',
      joined(`${encoded(`{"alg":"none","alg":"${alg}"}`)}.${PAYLOAD}`, sign(`${encoded(`{"alg":"none","alg":"${alg}"}`)}.${PAYLOAD}`)),
    ),
  ]
}

/** What the larger hashes could have otherwise than the smallest of their kind. */
const OF_SIGNATURES = ['its own signature', 'one bit of the signature', 'an octet less', 'another payload', 'zeros for a signature']
const isOfSignature = ({ comment }: Made): boolean => OF_SIGNATURES.includes(comment)

const group = (comment: string, keys: readonly object[], tests: readonly Made[]) => ({ comment, keys, tests })
const signedBy = (sign: Signer['sign'], header: object): string => joined(texted(header), sign(texted(header)))
const attacker = curve('P-256')

const tokenGroups = [
  ...Object.keys(SIGNERS).map((alg) =>
    group(alg, [signer(alg).jwk], alg.endsWith('256') || alg === 'EdDSA' ? common(alg) : common(alg).filter(isOfSignature)),
  ),
  group(
    'a public key as a secret',
    [without(signer('RS256').jwk, 'alg')],
    [
      invalid('its PEM', signedBy(hmac(256, RSA.publicKey.export({ type: 'spki', format: 'pem' }) as string), { alg: 'HS256', kid: 'k' })),
      invalid('its JWK', signedBy(hmac(256, JSON.stringify(signer('RS256').jwk)), { alg: 'HS256', kid: 'k' })),
      invalid('its modulus', signedBy(hmac(256, String((signer('RS256').jwk as { n?: string }).n)), { alg: 'HS256', kid: 'k' })),
    ],
  ),
  group(
    'a header that brings a key',
    [signer('ES256').jwk],
    [
      invalid('jwk', signedBy(ecdsa(attacker, 256), { alg: 'ES256', kid: 'k', jwk: jwkOf(attacker, {}) })),
      invalid('jwk without a kid', signedBy(ecdsa(attacker, 256), { alg: 'ES256', jwk: jwkOf(attacker, {}) })),
      ...['jku', 'x5u'].map((name) =>
        invalid(name, signedBy(ecdsa(attacker, 256), { alg: 'ES256', kid: 'k', [name]: 'https://evil.example/keys' })),
      ),
      invalid('x5c', signedBy(ecdsa(attacker, 256), { alg: 'ES256', kid: 'k', x5c: ['AAAA'] })),
    ],
  ),
  group(
    'forms of ECDSA',
    [signer('ES256').jwk],
    [
      invalid('DER', joined(texted({ alg: 'ES256', kid: 'k' }), ecdsa(P256, 256, 'der')(texted({ alg: 'ES256', kid: 'k' })))),
      invalid('R and S that are 0', joined(texted({ alg: 'ES256', kid: 'k' }), Buffer.alloc(64))),
      invalid(
        'R and S that are 1',
        joined(texted({ alg: 'ES256', kid: 'k' }), Buffer.alloc(64, Buffer.concat([Buffer.alloc(31), Buffer.of(1)]))),
      ),
      invalid('another hash', signedBy(ecdsa(P256, 384), { alg: 'ES256', kid: 'k' })),
    ],
  ),
  group(
    'forms of RSA',
    [without(signer('RS256').jwk, 'alg')],
    [
      valid('PS256 by a key that says no algorithm', signedBy(pss(256), { alg: 'PS256', kid: 'k' })),
      valid('RS256 by the same', signedBy(rsa(256), { alg: 'RS256', kid: 'k' })),
      invalid('no salt', signedBy(pss(256, 0), { alg: 'PS256', kid: 'k' })),
      invalid('a long salt', signedBy(pss(256, 64), { alg: 'PS256', kid: 'k' })),
      invalid('PKCS #1 as PSS', signedBy(rsa(256), { alg: 'PS256', kid: 'k' })),
      invalid('another hash', signedBy(rsa(512), { alg: 'RS256', kid: 'k' })),
    ],
  ),
  group(
    'a key for something else',
    [{ ...without(signer('PS256').jwk, 'alg'), alg: 'PS384' }],
    [
      invalid('another algorithm', signedBy(pss(256), { alg: 'PS256', kid: 'k' })),
      valid('its own', signedBy(pss(384), { alg: 'PS384', kid: 'k' })),
    ],
  ),
  group(
    'a key for encryption',
    [{ ...signer('ES256').jwk, use: 'enc' }],
    [invalid('its signature', signedBy(ecdsa(P256, 256), { alg: 'ES256', kid: 'k' }))],
  ),
  group(
    'a secret that is too short',
    [{ kty: 'oct', alg: 'HS256', kid: 'k', k: encoded(Buffer.alloc(31, 1)) }],
    [invalid('its signature', signedBy(hmac(256, Buffer.alloc(31, 1)), { alg: 'HS256', kid: 'k' }))],
  ),
  group(
    'a secret that is longer than its hash',
    [{ kty: 'oct', alg: 'HS256', kid: 'k', k: encoded(secretOf(100)) }],
    [
      valid('its signature', signedBy(hmac(256, secretOf(100)), { alg: 'HS256', kid: 'k' })),
      invalid('that of its first half', signedBy(hmac(256, secretOf(50)), { alg: 'HS256', kid: 'k' })),
    ],
  ),
  group(
    'no secret',
    [{ kty: 'oct', alg: 'HS256', kid: 'k', k: '' }],
    [invalid('its signature', signedBy(hmac(256, ''), { alg: 'HS256', kid: 'k' }))],
  ),
  group(
    'one kid of two keys',
    [signer('ES256').jwk, jwkOf(attacker, { kid: 'k', alg: 'ES256' })],
    [
      invalid('the one', signedBy(ecdsa(P256, 256), { alg: 'ES256', kid: 'k' })),
      invalid('the other', signedBy(ecdsa(attacker, 256), { alg: 'ES256', kid: 'k' })),
    ],
  ),
]

const small = generateKeyPairSync('rsa', { modulusLength: 1024 }) as unknown as Pair
const cubic = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }) as unknown as Pair
const good = without(signer('ES256').jwk, 'kid', 'alg')
const beside = { ...good, y: encoded(Buffer.alloc(32, 1)) }
const aSecret = { kty: 'oct', alg: 'HS256', k: encoded(secretOf(32)) }

/** `from`: whether an operator wrote it into the configuration, or an issuer's endpoint serves it. */
const keySets = (
  [
    ['a key', 'endpoint', [good], 1],
    ['one of each kind', 'endpoint', [good, jwkOf(RSA, {}), jwkOf(ED, {}), jwkOf(P384, {}), jwkOf(P521, {})], 5],
    ['key_ops that name verify', 'endpoint', [{ ...good, key_ops: ['verify'] }], 1],
    ['members that nobody knows', 'endpoint', [{ ...good, x5t: 'AAAA', note: 'x' }], 1],
    ['a secret of the configuration', 'operator', [aSecret], 1],
    ['a secret of an endpoint', 'endpoint', [aSecret], 0],
    ['a secret beside a public key', 'endpoint', [aSecret, good], 1],
    ['a secret that is too short', 'operator', [{ ...aSecret, k: encoded(secretOf(31)) }], 0],
    ['an empty secret', 'operator', [{ ...aSecret, k: '' }], 0],
    ['a secret for encryption', 'operator', [{ ...aSecret, alg: 'A256GCM' }], 0],
    ['a private key', 'endpoint', [{ ...good, d: encoded(Buffer.alloc(32, 1)) }], 0],
    ['RSA of 1024 bits', 'endpoint', [jwkOf(small, {})], 0],
    ['RSA with the exponent 3', 'endpoint', [jwkOf(cubic, {})], 0],
    ['RSA with an even exponent', 'endpoint', [{ ...jwkOf(RSA, {}), e: encoded(Buffer.of(1, 0, 2)) }], 0],
    ['a point beside its curve', 'endpoint', [beside], 0],
    ['a curve that signs nothing', 'endpoint', [{ kty: 'OKP', crv: 'X25519', x: encoded(Buffer.alloc(32, 1)) }], 0],
    ['an algorithm of another kind', 'endpoint', [{ ...good, alg: 'RS256' }], 0],
    ['an algorithm that does not exist', 'endpoint', [{ ...good, alg: 'ES257' }], 0],
    ['a key for encryption', 'endpoint', [{ ...good, use: 'enc' }], 0],
    ['key_ops that do not name verify', 'endpoint', [{ ...good, key_ops: ['sign'] }], 0],
    ['padding', 'endpoint', [{ ...good, x: `${String((good as { x?: string }).x)}=` }], 0],
    ['one kid of two keys', 'endpoint', [{ ...good, kid: 'a' }, jwkOf(attacker, { kid: 'a' })], 0],
    [
      'the same key twice',
      'endpoint',
      [
        { ...good, kid: 'a' },
        { ...good, kid: 'a' },
      ],
      1,
    ],
    ['a bad one beside a good one', 'endpoint', [jwkOf(small, { kid: 'b' }), { ...good, kid: 'a' }], 1],
    ['none', 'endpoint', [], 0],
  ] as const
).map(([comment, from, keys, usable]) => ({ comment, from, keys, usable }))

let tcId = 0
const testGroups: readonly Group[] = tokenGroups.map(({ comment, keys, tests }) => ({
  comment,
  public: { keys },
  tests: tests.map((each) => {
    tcId += 1
    return { tcId, ...each }
  }),
}))
const write = (name: string, document: object): void =>
  writeFileSync(join(import.meta.dirname, name), `${JSON.stringify(document, null, 2)}\n`)
write('tokens.json', { testGroups })
write('key-sets.json', { keySets })
