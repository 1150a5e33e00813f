/** Sends one probe as a vantage does: its monitor comes as the body of the request. */
import type { Monitor } from '../../../config/base.ts'
import { probe } from '../../../durable-objects/platform.ts'

interface Environment {
  /** Presents nothing, and trusts the authority of the test. */
  readonly ANYBODY: { readonly fetch: typeof fetch }
}

export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    // The runtime's own trusts public authorities alone.
    globalThis.fetch = (url: RequestInfo | URL, init?: RequestInit) => env.ANYBODY.fetch(url, init)
    return Response.json(await probe((await request.json()) as Monitor, env))
  },
}
