/**
 * Stands where the control Worker is bound in the gateway's process, and hands every call to the real one in a process of its own:
 * what vantages spend on probing is no cost of a request.
 */
import { DurableObject } from 'cloudflare:workers'

interface Environment {
  /** Address of the process of the control Worker. */
  readonly FAR: string
}

export class Vantage extends DurableObject<Environment> {
  learn(...args: unknown[]): Promise<unknown> {
    return this.#call('learn', args)
  }

  sync(...args: unknown[]): Promise<unknown> {
    return this.#call('sync', args)
  }

  report(...args: unknown[]): Promise<unknown> {
    return this.#call('report', args)
  }

  status(...args: unknown[]): Promise<unknown> {
    return this.#call('status', args)
  }

  async #call(method: string, args: unknown[]): Promise<unknown> {
    const answer = await fetch(this.env.FAR, { method: 'POST', body: JSON.stringify({ method, args }) })
    if (!answer.ok) throw new Error(`the far vantage answered ${answer.status}`)
    const { value } = (await answer.json()) as { value?: unknown }
    return value
  }
}

export default { fetch: (): Response => new Response(null, { status: 404 }) }
