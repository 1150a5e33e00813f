// The candidates, one a mode: GET /<mode>/<rest> proxies to the loopback origin at /<rest>.
// What a candidate noticed goes to standard output as one JSON line, only when the request asks for it.
import { watchBody } from './watch-body.ts'

interface Env {
  readonly ORIGIN: string
}

type Note = (event: string, detail?: Record<string, unknown>) => void
type Candidate = (response: Response, note: Note, context: ExecutionContext, signal: AbortSignal) => Response

const RAW = { encodeBody: 'manual' } as const

export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const url = new URL(request.url)
    const [, mode = '', ...rest] = url.pathname.split('/')
    if (mode === 'fault') return await fault(request, url, context)
    const target = new Request(`${env.ORIGIN}/${rest.join('/')}${url.search}`, request)
    if (mode === 'bare') return fetch(target)
    const id = request.headers.get('x-report')
    const started = Date.now()
    const note: Note =
      id === null ? () => {} : (event, detail) => console.log(`NOTE ${JSON.stringify({ id, event, at: Date.now() - started, ...detail })}`)
    const candidate = CANDIDATES[mode]
    if (candidate === undefined) return new Response('no such mode', { status: 404 })
    const raw = !mode.endsWith('-decoded')
    const response = await fetch(target, {
      redirect: 'manual',
      signal: request.signal,
      ...(raw ? { encodeResponseBody: 'manual' as const } : {}),
    })
    return candidate(response, note, context, request.signal)
  },
}

function pipe(response: Response, note: Note, context: ExecutionContext, extra: ResponseInit, sized: boolean): Response {
  const length = response.headers.get('content-length')
  const { readable, writable } = sized && length !== null ? new FixedLengthStream(Number(length)) : new IdentityTransformStream()
  const body = response.body as ReadableStream
  context.waitUntil(
    body.pipeTo(writable).then(
      () => note('end'),
      (error: unknown) => note('broken', describe(error)),
    ),
  )
  return new Response(readable, { ...head(response), ...extra })
}

const head = (response: Response): ResponseInit => ({
  status: response.status,
  statusText: response.statusText,
  headers: response.headers,
})

const CANDIDATES: Record<string, Candidate> = {
  'same-response': (response) => response,
  'same-body': (response) => new Response(response.body, { ...head(response), ...RAW }),
  'pipe-decoded': (response, note, context) => pipe(response, note, context, RAW, true),
  'pipe-identity': (response, note, context) => pipe(response, note, context, RAW, false),
  'pipe-fixed': (response, note, context) => pipe(response, note, context, RAW, true),
  'transform-js'(response, note) {
    let bytes = 0
    const slow = slowness(() => bytes, note)
    const counted = (response.body as ReadableStream<Uint8Array>).pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.byteLength
          controller.enqueue(chunk)
        },
        flush() {
          slow.stop()
          note('end', { bytes })
        },
      }),
    )
    return new Response(counted, { ...head(response), ...RAW })
  },
  tee(response, note, context) {
    const [client, watcher] = (response.body as ReadableStream<Uint8Array>).tee()
    context.waitUntil(drain(watcher, note))
    return new Response(client, { ...head(response), ...RAW })
  },
  'pull-bytes'(response, note) {
    const reader = (response.body as ReadableStream).getReader({ mode: 'byob' })
    let bytes = 0
    const slow = slowness(() => bytes, note)
    const readable = new ReadableStream({
      type: 'bytes',
      async pull(controller) {
        try {
          const chunk = await reader.read(new Uint8Array(65_536))
          if (chunk.done) {
            slow.stop()
            note('end', { bytes })
            controller.close()
            controller.byobRequest?.respond(0)
          } else {
            bytes += chunk.value.byteLength
            controller.enqueue(chunk.value)
          }
        } catch (error) {
          slow.stop()
          note('broken', describe(error))
          controller.error(error)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    })
    return new Response(readable, { ...head(response), ...RAW })
  },
  /** Watch the first 64 KiB in JavaScript, then let the runtime pipe what is left. */
  'head-then-pipe'(response, note, context) {
    const length = response.headers.get('content-length')
    const { readable, writable } = length === null ? new IdentityTransformStream() : new FixedLengthStream(Number(length))
    const body = response.body as ReadableStream
    const run = async (): Promise<void> => {
      let bytes = 0
      const slow = slowness(() => bytes, note)
      const reader = body.getReader({ mode: 'byob' })
      const writer = writable.getWriter()
      try {
        while (bytes < 65_536) {
          const chunk = await reader.read(new Uint8Array(16_384))
          if (chunk.done) {
            await writer.close()
            return note('end', { bytes })
          }
          bytes += chunk.value.byteLength
          await writer.write(chunk.value)
        }
        slow.stop()
        reader.releaseLock()
        writer.releaseLock()
        await body.pipeTo(writable)
        note('end', { bytes })
      } catch (error) {
        note('broken', describe(error))
        if (!body.locked) return
        await writer.abort(error)
      } finally {
        slow.stop()
      }
    }
    context.waitUntil(run())
    return new Response(readable, { ...head(response), ...RAW })
  },
  /** Hand the body on untouched and listen only to the signal of the client's request. */
  'signal-only'(response, note, context, signal) {
    signal.addEventListener('abort', () => note('signal', describe(signal.reason)))
    context.waitUntil(new Promise((resolve) => setTimeout(resolve, 3000)))
    return new Response(response.body, { ...head(response), ...RAW })
  },
  watch: watchWith(262_144),
  'watch-unpiped': watchWith(262_144, 0),
  'watch-64': watchWith(65_536),
  'watch-1024': watchWith(1_048_576),
}

function watchWith(mostBytes: number, pipeUpTo?: number): Candidate {
  return (response, note, context, signal) =>
    watchBody(response, {
      mostBytes,
      ...(pipeUpTo === undefined ? {} : { pipeUpTo }),
      signal,
      defer: (work) => context.waitUntil(work),
      floor: 1024,
      windowMs: 2000,
      onSlow: (progress) => note('slow', { ...progress }),
      onEnd: ({ error, ...outcome }) =>
        note(outcome.end === 'complete' ? 'end' : 'broken', { ...outcome, ...(error === undefined ? {} : describe(error)) }),
    })
}

/** Says `slow` once when less than 2 KiB arrived in 2 s. The crude form, for candidates that can count at all. */
function slowness(bytes: () => number, note: Note): { stop(): void } {
  let before = bytes()
  const timer = setInterval(() => {
    if (bytes() - before < 2048) {
      note('slow')
      clearInterval(timer)
    }
    before = bytes()
  }, 2000)
  return { stop: () => clearInterval(timer) }
}

async function drain(body: ReadableStream<Uint8Array>, note: Note): Promise<void> {
  let bytes = 0
  const slow = slowness(() => bytes, note)
  try {
    for await (const chunk of body) bytes += chunk.byteLength
    note('end', { bytes })
  } catch (error) {
    note('broken', describe(error))
  } finally {
    slow.stop()
  }
}

/** GET /fault?url=… fetches it and answers with what was thrown. */
async function fault(request: Request, url: URL, context: ExecutionContext): Promise<Response> {
  const id = request.headers.get('x-report')
  const started = Date.now()
  const say = (what: Record<string, unknown>): void => console.log(`NOTE ${JSON.stringify({ id, at: Date.now() - started, ...what })}`)
  const limit = Number(url.searchParams.get('limit') ?? 0)
  const signals = [...(url.searchParams.has('signal') ? [request.signal] : []), ...(limit > 0 ? [AbortSignal.timeout(limit)] : [])]
  const run = async (): Promise<Record<string, unknown>> => {
    let phase = 'headers'
    try {
      const response = await fetch(url.searchParams.get('url') as string, {
        redirect: 'manual',
        encodeResponseBody: 'manual',
        ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
      })
      phase = 'body'
      if (url.searchParams.has('stream')) {
        const streamed = watchBody(response, {
          floor: 1024,
          windowMs: 2000,
          ...(url.searchParams.has('signal') ? { signal: request.signal } : {}),
          defer: (work) => (url.searchParams.has('defer') ? context.waitUntil(work) : undefined),
          onEnd: ({ error, ...outcome }) => say({ event: 'stream', ...outcome, ...describe(error) }),
        })
        return { response: streamed }
      }
      let bytes = 0
      for await (const chunk of response.body as ReadableStream<Uint8Array>) bytes += chunk.byteLength
      return { phase: 'none', status: response.status, bytes, ms: Date.now() - started }
    } catch (error) {
      return { phase, ms: Date.now() - started, ...describe(error) }
    }
  }
  request.signal.addEventListener('abort', () => say({ event: 'request.signal', ...describe(request.signal.reason) }))
  const result = await run()
  if (result['response'] instanceof Response) return result['response']
  say({ event: 'fault', ...result })
  return Response.json(result)
}

function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { thrown: String(error) }
  const own = Object.fromEntries(
    Object.getOwnPropertyNames(error)
      .filter((name) => name !== 'stack' && name !== 'message')
      .map((name) => [name, String(Reflect.get(error, name))]),
  )
  return { name: error.name, message: error.message, type: error.constructor.name, own }
}
