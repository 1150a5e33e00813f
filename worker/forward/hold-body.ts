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

type Piece = { readonly done: false; readonly value: Uint8Array } | { readonly done: true; readonly value?: Uint8Array | undefined }

/** A body of which reading has begun, for whoever hands it on: what has been read, and what is being read. */
export interface BegunBody {
  readonly read: readonly Uint8Array[]
  readonly reader: ReadableStreamBYOBReader
  readonly next: Promise<Piece>
}

/** Reads a body of known length whole, and can let it go at any time before that. */
export class BriefHold {
  /** Rejects when the body breaks; undefined once it has been let go. */
  readonly whole: Promise<Uint8Array | undefined>
  readonly #reader: ReadableStreamBYOBReader
  readonly #read: Uint8Array[] = []
  #next: Promise<Piece>
  #left: number
  #isGone = false

  constructor(body: ReadableStream<Uint8Array>, length: number) {
    this.#reader = body.getReader({ mode: 'byob' })
    this.#left = length
    this.#next = this.#readOn()
    this.whole = this.#readAll(length)
  }

  letGo(): BegunBody {
    this.#isGone = true
    return { read: this.#read, reader: this.#reader, next: this.#next }
  }

  async #readAll(length: number): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await this.#next
      if (this.#isGone) return undefined
      if (done) return join(this.#read, length - this.#left)
      this.#read.push(value)
      this.#left -= value.byteLength
      this.#next = this.#readOn()
    }
  }

  /** One byte more than none, to hear of the end. */
  #readOn(): Promise<Piece> {
    return this.#reader.read(new Uint8Array(Math.max(1, this.#left)))
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
