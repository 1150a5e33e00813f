// The chosen mechanism: read the raw body with a byte reader, hand every chunk on unchanged, and time each side.
// It needs `fetch(request, { encodeResponseBody: 'manual' })`: without it the reader is given decoded bytes.

/** `aborted`: by the signal that was given to fetch; its reason is the outcome's error. */
export type BodyEnd = 'complete' | 'broken-by-origin' | 'client-left' | 'aborted'

export interface BodyProgress {
  readonly bytes: number
  /** Time spent waiting for the origin's bytes. */
  readonly originMs: number
  /** Time spent waiting for the client to take them. */
  readonly clientMs: number
}

export interface BodyOutcome extends BodyProgress {
  readonly end: BodyEnd
  /** The origin fell below the floor at some time, whatever happened later. */
  readonly slow: boolean
  readonly error?: unknown
}

export interface BodyWatch {
  /** Bytes a second, over windowMs of waiting for the origin, below which the body counts as slow. 0 turns it off. */
  readonly floor: number
  readonly windowMs: number
  /** The largest read, and so the memory that one body may hold. */
  readonly mostBytes?: number
  /** The longest declared body that is piped and timed instead of read. */
  readonly pipeUpTo?: number
  /** The signal that was given to fetch: without it an abort of ours would look like a break by the origin. */
  readonly signal?: AbortSignal
  /** `waitUntil`: without it nothing runs once the client has left, so onEnd is never called. */
  defer(work: Promise<void>): void
  onSlow?(progress: BodyProgress): void
  onEnd(outcome: BodyOutcome): void
}

// A read starts small and doubles while the origin fills it: large reads are what makes a large body cheap.
const FIRST_READ = 16_384
const MOST_READ = 262_144

// A body that the sockets' buffers hold does not wait for its client, so the time it takes is the origin's: the runtime
// may pipe it, and one timer tells a slow one.
const PIPE_UP_TO = 65_536

export function watchBody(response: Response, watch: BodyWatch): Response {
  if (response.body === null || response.webSocket) return response
  const length = declaredLength(response.headers)
  const { readable, writable } = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length)
  const small = length !== undefined && length <= (watch.pipeUpTo ?? PIPE_UP_TO)
  watch.defer(small ? pipe(response.body, writable, length, watch) : pump(response.body, writable, watch))
  return new Response(readable, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
    encodeBody: 'manual',
  })
}

function declaredLength(headers: Headers): number | undefined {
  const value = headers.get('content-length')
  return value === null || !/^\d{1,15}$/.test(value) ? undefined : Number(value)
}

async function pipe(body: ReadableStream, writable: WritableStream, length: number, watch: BodyWatch): Promise<void> {
  const started = Date.now()
  let slow = false
  const late = (): void => {
    slow = true
    watch.onSlow?.({ bytes: 0, originMs: Date.now() - started, clientMs: 0 })
  }
  const timer = watch.floor > 0 ? setTimeout(late, watch.windowMs) : undefined
  let end: BodyEnd = 'complete'
  let error: unknown
  try {
    await body.pipeTo(writable)
  } catch (thrown) {
    end = watch.signal?.aborted ? 'aborted' : 'broken-by-origin'
    error = watch.signal?.aborted ? watch.signal.reason : thrown
  }
  clearTimeout(timer ?? null)
  const bytes = end === 'complete' ? length : 0
  watch.onEnd({ end, bytes, originMs: Date.now() - started, clientMs: 0, slow, ...(error === undefined ? {} : { error }) })
}

async function pump(body: ReadableStream, writable: WritableStream, watch: BodyWatch): Promise<void> {
  const reader = body.getReader({ mode: 'byob' })
  const writer = writable.getWriter()
  const mostRead = watch.mostBytes ?? MOST_READ
  let buffer = new ArrayBuffer(FIRST_READ)
  let bytes = 0
  let originMs = 0
  let clientMs = 0
  let slow = false
  let since = Date.now()
  let waitingForOrigin = true
  const marks = [{ bytes: 0, waited: 0 }]

  // The only thing that runs while nothing arrives. It reads state; it touches no stream.
  const checkWindow = (): void => {
    const waited = originMs + (waitingForOrigin ? Date.now() - since : 0)
    while (marks[1] !== undefined && waited - marks[1].waited >= watch.windowMs) marks.shift()
    const [from, last] = [marks[0] as (typeof marks)[0], marks.at(-1) as (typeof marks)[0]]
    if (waited - from.waited >= watch.windowMs && bytes - from.bytes < (watch.floor * (waited - from.waited)) / 1000) {
      slow = true
      clearInterval(timer ?? null)
      watch.onSlow?.({ bytes, originMs: waited, clientMs })
    } else if (waited - last.waited >= watch.windowMs / 5) marks.push({ bytes, waited })
  }
  const timer = watch.floor > 0 ? setInterval(checkWindow, watch.windowMs / 4) : undefined

  let end: BodyEnd = 'complete'
  let error: unknown
  try {
    for (;;) {
      end = 'broken-by-origin'
      const chunk = await reader.read(new Uint8Array(buffer))
      const read = Date.now()
      originMs += read - since
      since = read
      end = 'client-left'
      if (chunk.done) break
      waitingForOrigin = false
      bytes += chunk.value.byteLength
      await writer.write(chunk.value)
      const written = Date.now()
      clientMs += written - since
      since = written
      waitingForOrigin = true
      const { buffer: used, byteLength } = chunk.value
      buffer = byteLength === used.byteLength && byteLength < mostRead ? new ArrayBuffer(byteLength * 2) : used
    }
    await writer.close()
    end = 'complete'
  } catch (thrown) {
    error = thrown
    const origin = end === 'broken-by-origin'
    if (watch.signal?.aborted) {
      end = 'aborted'
      error = watch.signal.reason
    }
    // Whoever failed, the other side must hear of it: the client as a broken body, the origin as a closed connection.
    await Promise.allSettled([origin ? writer.abort(thrown) : reader.cancel(thrown)])
  } finally {
    clearInterval(timer ?? null)
  }
  watch.onEnd({ end, bytes, originMs, clientMs, slow, ...(error === undefined ? {} : { error }) })
}
