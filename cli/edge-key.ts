/** `npx meridian edge-key`: makes a key with which the edge signs tokens for endpoints. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import { parseArgs } from 'node:util'

const HELP = `npx meridian edge-key

Makes a private key (a JWK as JSON, P-256) with which the edge signs the tokens that endpoints get ("identity: { token: true }" on a route). The key alone goes to
standard output, for a secret of the Worker:

  npx meridian edge-key | npx wrangler secret put EDGE_SIGNING_KEY

Its name (kid), as ingresses will see it, goes to standard error. To exchange a key without a failed request see "The edge's signing key" in docs/operations.md.

Exit codes: 0 made, 2 an argument is not known.
`

/** Answers the exit code. */
export async function edgeKey(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h', default: false } } })
    if (values.help) {
      process.stdout.write(HELP)
      return 0
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return 2
  }
  const { secret, kid } = newEdgeKey()
  process.stdout.write(`${secret}\n`)
  process.stderr.write(`kid ${kid}; keep the key out of files and logs\n`)
  return 0
}

/** A secret for the Worker, and the name that its key has in the published set (RFC 7638). */
export function newEdgeKey(): { readonly secret: string; readonly kid: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' })
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { secret: JSON.stringify({ kty, crv, x, y, d }), kid }
}
