/** The `identity` of a route: what its endpoints are told of who sent a request. */
import { z } from 'zod'
import { readHeaderName } from '../../addresses.ts'
import { ALWAYS, fields, list, type Reading, readText, unread, unreadKey, yesOrNo } from '../../fields.ts'
import { EDGE_TOKEN_HEADER } from '../../forwarded-identity.ts'
import { claimPath } from '../claim-path.ts'

const HEADER_FORM = 'a header of its own, such as x-user: whatever a client sends in it is removed, on every route'

/** What clients and endpoints need for themselves: taken for identity, it would be removed from every request. */
const NOT_OURS =
  /^(?:accept(?:-.*)?|authorization|cookie|content-.*|cache-control|pragma|priority|date|dpop|if-.*|range|origin|referer|user-agent|idempotency-key|grpc-.*|sec-.*|access-control-.*|baggage|last-event-id)$/

function readOwnHeader(raw: string): Reading<string> {
  if (raw.toLowerCase() === EDGE_TOKEN_HEADER) return { value: EDGE_TOKEN_HEADER }
  const reading = readHeaderName(raw, 'request')
  if (!('value' in reading)) return reading
  const plain = reading.value.replaceAll(/[^a-z0-9-]/g, '-')
  // Servers that make variables of names take both for one, and a client's is told from ours by the plain one.
  if (plain !== reading.value) return { expected: 'a header of letters, digits and hyphens alone', suggestion: `write ${plain}` }
  return NOT_OURS.test(reading.value) ? { expected: HEADER_FORM } : reading
}

const CLAIM_HEADERS_MAX = 16
const CLAIMS_FORM = `a mapping of at most ${CLAIM_HEADERS_MAX} headers to claims`

const claims = z
  .record(z.string(), claimPath(), CLAIMS_FORM)
  .superRefine((headers: unknown, context) => {
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return
    const names = Object.keys(headers)
    if (names.length > CLAIM_HEADERS_MAX) context.addIssue(unread({ expected: CLAIMS_FORM, code: 'COUNT_OUT_OF_RANGE' }))
    for (const [index, name] of names.slice(0, CLAIM_HEADERS_MAX).entries()) {
      const reading = readOwnHeader(name)
      const before = names.slice(0, index).some((other) => other.toLowerCase() === name.toLowerCase())
      if (!('value' in reading)) context.addIssue(unreadKey(name, reading))
      else if (before) context.addIssue(unreadKey(name, { expected: 'each header once, whatever its case', code: 'VALUE_REPEATED' }))
    }
  }, ALWAYS)
  .transform((headers) => Object.entries(headers).map(([header, claim]) => ({ header: header.toLowerCase(), claim })))

const settings = fields('settings of a token', {
  header: readText(HEADER_FORM, readOwnHeader)
    .prefault(EDGE_TOKEN_HEADER)
    .meta({ description: 'The header that carries it.', example: 'x-edge-token' }),
  claims: list(claimPath(), 'claims', 0, 16)
    .prefault([])
    .meta({
      description: "Claims of the client's token that it repeats, in `client`, at their own paths.",
      danger: 'Endpoints log headers: repeat what they need.',
      example: ['org.tenant', 'roles'],
    }),
})

const token = z
  .union([z.boolean(), settings], 'true, or a mapping of "header" and "claims"')
  .transform((raw) => (raw === false ? undefined : raw === true ? { header: EDGE_TOKEN_HEADER, claims: [] } : raw))

export const identity = fields('an identity', {
  xfcc: yesOrNo().prefault(false).meta({
    description:
      "The client's certificate as `X-Forwarded-Client-Cert`, as Envoy writes it: `By`, `Hash`, `Cert`, `Chain`, `Subject`, `URI`, `DNS`.",
    danger: 'Certificate and chain make it several KiB long; an Envoy ingress keeps it only with `ALWAYS_FORWARD_ONLY`, or over mTLS.',
    example: true,
  }),
  clientCert: yesOrNo()
    .prefault(false)
    .meta({ description: "The client's certificate as `Client-Cert` and `Client-Cert-Chain` (RFC 9440).", example: true }),
  claims: claims.prefault({}).meta({
    description:
      "Headers, each with the claim of the client's token that it carries: a text, a number or true or false. Of the value `%`, commas, control characters, spaces at its ends and all beyond ASCII are percent-encoded, so that no two texts read the same. A claim that is not there, empty, of another kind or longer than 4,096 characters so encoded sets nothing.",
    danger:
      'An endpoint that takes a request without the header for anything but anonymous lets everybody in. Where several issuers count each may call somebody the same: one of the headers must carry `iss`.',
    example: { 'x-user': 'sub', 'x-tenant': 'org.tenant' },
  }),
  token: token.optional().meta({
    description:
      'A token that the edge signs for one endpoint and request (ES256, 30 s): proof that the request came this way, and of what was verified. Needs the secret `EDGE_SIGNING_KEY` (`npx meridian edge-key`); without it the route answers 503.',
    defaultText: 'none',
    example: { header: 'x-edge-token', claims: ['org.tenant'] },
  }),
})
