/** The body of a request as text, and no more of it than may be. */
import type { Bytes } from '../../config/units.ts'

/** Undefined when it is too long; no more than that is read. */
export async function readText({ body }: Request, bytesMax: Bytes): Promise<string | undefined> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let size = 0
  let text = ''
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength
    if (size > bytesMax) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
