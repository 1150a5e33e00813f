/**
 * The request's body, kept when it is small enough to be sent again, else streamed once. A body that a failed fetch has begun to read is
 * spent, so this is decided before the first attempt.
 */
import type { Bytes } from '../../config/units.ts'
import { join } from './hold-body.ts'

export type OutboundBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'kept'; readonly content: ArrayBuffer | Uint8Array }
  /**
   * `sent`: true when the last byte has been taken, false when the client broke it off or the endpoint took no more. It is then without an
   * end until its attempt is aborted: were the stream aborted, the runtime would tell the endpoint that a body in chunks is whole.
   */
  | { readonly kind: 'streamed'; readonly stream: ReadableStream; readonly sent: Promise<boolean> }

export interface BodyRules {
  readonly replayMax: Bytes
  /** See `readBody`. */
  readonly maybeAgain: boolean
}

/**
 * `maybeAgain`: the request might be sent a second time, were its body kept. A body without a length is only then collected, up to the
 * bound: who neither says how much comes nor may be tried again gets the stream he opened. Undefined when the client broke off meanwhile.
 */
export async function readBody(request: Request, declared: string | undefined, rules: BodyRules): Promise<OutboundBody | undefined> {
  const { body } = request
  if (body === null) return NO_BODY
  const length = declaredLength(declared)
  try {
    if (length === undefined) return rules.maybeAgain ? await collect(body, rules.replayMax) : streamOn(body, [])
    return length <= rules.replayMax ? { kind: 'kept', content: await request.arrayBuffer() } : streamWhole(body, length)
  } catch {
    return undefined
  }
}

export const NO_BODY: OutboundBody = { kind: 'none' }

/** Content of these has no meaning (RFC 9110 sections 9.3.1 and 9.3.2), and the platform sends none: it is left behind. */
export const mayHaveBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD'

/** `Content-Length`, or undefined when it is absent or no length. */
export function declaredLength(header: string | null | undefined): number | undefined {
  return header !== null && header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}

/** Keeps `Content-Length` on the way out. */
function streamWhole(body: ReadableStream, length: number): OutboundBody {
  const { readable, writable } = new FixedLengthStream(length)
  return { kind: 'streamed', stream: readable, sent: settled(body.pipeTo(writable, LEFT_OPEN)) }
}

async function collect(body: ReadableStream<Uint8Array>, max: Bytes): Promise<OutboundBody> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { kind: 'kept', content: join(chunks, size) }
    chunks.push(value)
    size += value.byteLength
    if (size <= max) continue
    reader.releaseLock()
    return streamOn(body, chunks)
  }
}

function streamOn(body: ReadableStream<Uint8Array>, read: readonly Uint8Array[]): OutboundBody {
  const { readable, writable } = new IdentityTransformStream()
  return { kind: 'streamed', stream: readable, sent: settled(writeThenPipe(read, body, writable)) }
}

async function writeThenPipe(read: readonly Uint8Array[], body: ReadableStream, writable: WritableStream): Promise<void> {
  const writer = writable.getWriter()
  for (const chunk of read) await writer.write(chunk)
  writer.releaseLock()
  await body.pipeTo(writable, LEFT_OPEN)
}

const LEFT_OPEN = { preventAbort: true } as const

const settled = (piped: Promise<void>): Promise<boolean> =>
  piped.then(
    () => true,
    () => false,
  )
