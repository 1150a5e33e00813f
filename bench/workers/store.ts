/**
 * Stands behind `caches.default` and behind the KV binding in a measurement, as the platform does: keeps what is put, in memory.
 * The cache's put carries a whole HTTP response as its body; a get is a hit only when the answer says so.
 */
const kept = new Map<string, { readonly head: Headers; readonly body: Uint8Array; readonly until: number }>()

/** Where the head of a response that was put ends. */
const BLANK_LINE = '\r\n\r\n'

function parse(raw: Uint8Array): { head: Headers; body: Uint8Array } {
  const text = new TextDecoder('latin1').decode(raw)
  const end = text.indexOf(BLANK_LINE)
  const head = new Headers()
  for (const line of text.slice(0, end).split('\r\n').slice(1))
    head.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim())
  return { head, body: raw.slice(end + BLANK_LINE.length) }
}

async function cache(request: Request): Promise<Response> {
  if (request.method === 'PUT') {
    const { head, body } = parse(new Uint8Array(await request.arrayBuffer()))
    const age = Number(/max-age=(\d+)/.exec(head.get('cache-control') ?? '')?.[1] ?? 0)
    head.set('cf-cache-status', 'HIT')
    kept.set(request.url, { head, body, until: Date.now() + age * 1000 })
    return new Response(null, { status: 204 })
  }
  const found = kept.get(request.url)
  if (found === undefined || found.until < Date.now()) return new Response(null, { status: 504, headers: { 'cf-cache-status': 'MISS' } })
  return new Response(found.body, { headers: found.head })
}

async function keyValue(request: Request): Promise<Response> {
  const key = `kv:${new URL(request.url).pathname}`
  if (request.method === 'PUT') {
    kept.set(key, { head: new Headers(), body: new Uint8Array(await request.arrayBuffer()), until: Number.POSITIVE_INFINITY })
    return new Response(null)
  }
  const found = kept.get(key)
  return found === undefined ? new Response(null, { status: 404 }) : new Response(found.body)
}

export default { fetch: cache }
export const kv = { fetch: keyValue }
