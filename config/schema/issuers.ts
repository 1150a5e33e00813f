/** The `issuers` of a gateway configuration: whose tokens count, and what they must say. */
import { z } from 'zod'
import { readHeaderName, readProbeUrl } from '../addresses.ts'
import { choice, duration, durationOrOff, fields, list, named, readText, size, type Unread, unread } from '../fields.ts'
import type { PublicJwk } from '../key-set.ts'
import { readKey } from '../keys/read-key.ts'
import { KEYS_MAX } from '../read-key-set.ts'
import { SIGNING_ALGORITHMS, TOKEN_BINDINGS, type TokenPlace } from '../token-issuer.ts'
import { claimMatches } from './claims.ts'
import { word } from './names.ts'

const URL_OF_KEYS = 'a URL such as https://id.example.com/.well-known/jwks.json'

const key = z.record(z.string(), z.unknown(), 'a public key as a JSON object (RFC 7517): { kty: EC, … }').transform((raw, context) => {
  const read = readKey(raw, 'operator')
  if (read.ok) return read.value
  context.issues.push({ ...unread({ expected: `a public key to verify with: ${read.error}` }), input: raw })
  return z.NEVER as PublicJwk
})

const PLACE_FORMS = '{ header: authorization, scheme: Bearer }, { cookie: session } or { query: access_token }'

const place = z
  .union(
    [
      z.strictObject({ header: z.string(), scheme: z.string().optional() }),
      z.strictObject({ cookie: z.string() }),
      z.strictObject({ query: z.string() }),
    ],
    PLACE_FORMS,
  )
  .transform((raw, context): TokenPlace => {
    const refuse = (refusal: Unread, at: string): TokenPlace => {
      context.issues.push({ ...unread(refusal), input: raw, path: [at] })
      return z.NEVER
    }
    if ('cookie' in raw) {
      const { cookie } = raw
      return /^[\w!#$%&'*+.^`|~-]{1,128}$/.test(cookie)
        ? { kind: 'cookie', name: cookie }
        : refuse({ expected: 'the name of a cookie' }, 'cookie')
    }
    if ('query' in raw) {
      const { query } = raw
      return /^[\w.~-]{1,128}$/.test(query)
        ? { kind: 'query', name: query }
        : refuse({ expected: 'the name of a query parameter: letters, digits, -, ., _ and ~' }, 'query')
    }
    const name = readHeaderName(raw.header, 'match')
    if (!('value' in name)) return refuse(name, 'header')
    if (raw.scheme === undefined) return { kind: 'header', name: name.value }
    return /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(raw.scheme)
      ? { kind: 'header', name: name.value, scheme: raw.scheme }
      : refuse({ expected: 'the name of a scheme, such as Bearer' }, 'scheme')
  })

const issuer = fields('an issuer', {
  issuer: word('the issuer, as its tokens say it in `iss`', 1024).meta({
    description: 'What its tokens say in `iss`, compared whole (RFC 7519 section 4.1.1).',
    example: 'https://id.example.com',
  }),
  audiences: list(word('an audience', 1024), 'audiences', 1, 32).meta({
    description: 'One of them must be among what a token says in `aud`: for whom it was made.',
    danger: 'A token that was made for somebody else and counts here is how one service passes itself off as the client of another.',
    example: ['shop'],
  }),
  jwks: readText(URL_OF_KEYS, readProbeUrl).optional().meta({
    description: 'Where its public keys are, as a key set (RFC 7517 section 5). Exactly one of `jwks`, `discovery` and `keys` is said.',
    limits: 'https and a public name in a deployable configuration',
    defaultText: 'one of the other two is said',
    danger: 'Whoever answers there decides whose tokens count.',
    example: 'https://id.example.com/.well-known/jwks.json',
  }),
  discovery: z
    .union([z.literal(true), readText('true, or the URL of the document', readProbeUrl)], 'true, or the URL of the document')
    .optional()
    .meta({
      description:
        'Where the document is that names its key set in `jwks_uri` (OpenID Connect Discovery 1.0 section 4). `true`: below `issuer`, at `/.well-known/openid-configuration`.',
      limits: 'https and a public name in a deployable configuration; with `true` the issuer itself is such a URL',
      defaultText: 'one of the other two is said',
      danger: 'Whoever answers there decides whose tokens count.',
      example: true,
    }),
  keys: list(key, 'public keys', 1, KEYS_MAX)
    .optional()
    .meta({
      description: 'Its public keys themselves, in JSON (RFC 7517 section 4). Nothing is fetched; a new key is a deploy.',
      defaultText: 'one of the other two is said',
      danger: 'A key of `kty: oct` is a secret: whoever reads the configuration can make tokens.',
      example: [{ kty: 'OKP', crv: 'Ed25519', kid: 'k1', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
    }),
  algorithms: list(choice(SIGNING_ALGORITHMS), 'algorithms', 1, SIGNING_ALGORITHMS.length)
    .prefault(['ES256', 'RS256', 'PS256', 'EdDSA'])
    .meta({
      description:
        'Which signatures count, whatever a token asks for (RFC 8725 section 3.1). HS256, HS384 and HS512 only where they are named, alone, with `keys` of `kty: oct`.',
      danger: 'With HS* whoever can verify a token can make one.',
      example: ['ES256'],
    }),
  skew: durationOrOff('1s', '5m').prefault('30s').meta({
    description: 'How far clocks may be apart, both ways, when `exp`, `nbf` and `iat` are judged.',
    danger: 'A token lives that much longer than it says.',
    example: '10s',
  }),
  types: list(word('a type', 128), 'types', 0, 8)
    .prefault([])
    .meta({
      description:
        'What the `typ` of its tokens may be, whatever the case and with or without `application/` (RFC 8725 section 3.11). An empty list takes any, and none, but those that say that they are for something else (`logout+jwt`, `dpop+jwt`, …).',
      danger: 'Without it an ID token of the same issuer and audience passes for an access token.',
      example: ['at+jwt'],
    }),
  claims: claimMatches().meta({
    description: 'What a token must say beside that, all of it; a token that does not is refused (401).',
    example: { tenant: 'blue', 'realm_access.roles': 'buyer' },
  }),
  scopes: list(word('a scope', 256), 'scopes', 0, 32)
    .prefault([])
    .meta({ description: 'What must be granted, all of it: in `scope` (a text) or `scp` (a list or a text).', example: ['orders:read'] }),
  from: list(place, 'places', 1, 8)
    .prefault([{ header: 'authorization', scheme: 'Bearer' }])
    .meta({
      description:
        'Where a token of this issuer is looked for. A request that shows different tokens in the places of a host is refused. A token in the query is always removed before the request goes on; those in headers and cookies go on to endpoints.',
      danger: 'Queries end up in logs, histories and `Referer` headers. Browsers send cookies whoever asks them to: mind CSRF.',
      example: [{ header: 'authorization', scheme: 'Bearer' }, { cookie: 'session' }],
    }),
  sizeMax: size('256B', '16KiB').prefault('8KiB').meta({ description: 'A longer token is refused unread.', example: '4KiB' }),
  lifetimeMax: duration('1s', '44640m').optional().meta({
    description: 'Longest time from `iat` to `exp`. A token without `iat` is refused then.',
    defaultText: 'any',
    example: '60m',
  }),
  binding: choice(TOKEN_BINDINGS).prefault('when-said').meta({
    description:
      'To whom a token is bound. `when-said`: one that says `cnf` must be proved (RFC 8705 section 3.1: by the client certificate; RFC 9449: by a `DPoP` header), one that does not is a bearer token; `certificate`, `dpop`: it must be bound so.',
    limits: '`certificate` where the host takes `certificates`, `dpop` where the token comes in `authorization`',
    danger: 'Whether a DPoP proof was used before is remembered by each isolate for itself.',
    example: 'certificate',
  }),
})

export const issuersSchema = named(issuer, 'the name of an issuer', 'issuers', [0, 64])
