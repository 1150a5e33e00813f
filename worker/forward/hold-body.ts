/** Reads an answer's body whole, up to a bound, before its head goes on. */
import type { Bytes } from '../../config/units.ts'

export type HeldBody =
  | { readonly kind: 'whole'; readonly content: Uint8Array | ArrayBuffer }
  /** It was longer than the bound: what has been read, and the rest of the stream. */
  | { readonly kind: 'longer'; readonly read: readonly Uint8Array[]; readonly rest: ReadableStream<Uint8Array> }

/** Rejects when the body breaks. `length` is the declared one, when there is one and it is within the bound. */
export async function holdBody(response: Response, length: number | undefined, max: Bytes): Promise<HeldBody> {
  const { body } = response
  if (body === null) return { kind: 'whole', content: new Uint8Array() }
  if (length !== undefined) return { kind: 'whole', content: await response.arrayBuffer() }
  const read: Uint8Array[] = []
  let size = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { kind: 'whole', content: join(read, size) }
    read.push(value)
    size += value.byteLength
    if (size <= max) continue
    reader.releaseLock()
    return { kind: 'longer', read, rest: body }
  }
}

/** One array of all pieces. */
export function join(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.byteLength
  }
  return whole
}
