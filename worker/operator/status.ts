/**
 * What the health plane says of itself, for `GET /.well-known/meridian/status`. Asks every vantage at once, each for a bounded time; one
 * that does not answer is shown as such. Answers only who bears the operators' token, and nobody while none is set.
 */
import type { VantageId } from '../../config/ids.ts'
import type { StatusDocument, VantageAnswer, VantageStatus } from '../../config/status.ts'
import { ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'

/** A vantage on the other side of the world that is starting. */
const ANSWER_TIMEOUT = ms(2000)

export const STATUS_PATH = '/.well-known/meridian/status'

export interface StatusBindings {
  /** A fresh stub of a vantage. */
  readonly vantage: (vantage: VantageId) => { readonly status: (self: VantageId) => Promise<VantageStatus> }
}

export async function statusDocument(
  vantages: readonly VantageId[],
  bindings: StatusBindings,
  platform: Platform,
): Promise<StatusDocument> {
  return { format: 1, vantages: await Promise.all(vantages.map((vantage) => ask(vantage, bindings, platform))) }
}

/** The whole answer to a request for the status: undefined when the path does not exist here. */
export async function answerStatus(
  request: Request,
  token: string | undefined,
  read: () => Promise<StatusDocument>,
): Promise<Response | undefined> {
  if (token === undefined || token === '') return undefined
  if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } })
  const borne = request.headers.get('authorization')?.match(/^Bearer (.+)$/)?.[1] ?? ''
  if (!(await isSame(borne, token))) return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } })
  return Response.json(await read(), { headers: { 'cache-control': 'no-store' } })
}

async function ask(vantage: VantageId, bindings: StatusBindings, platform: Platform): Promise<VantageAnswer> {
  let cancel = (): void => {}
  const late = new Promise<never>((_, reject) => {
    cancel = platform.wakeAfter(ANSWER_TIMEOUT, () => reject(new Error(`no answer in ${ANSWER_TIMEOUT} ms`)))
  })
  try {
    const status = await Promise.race([bindings.vantage(vantage).status(vantage), late])
    return { vantage, answered: true, status }
  } catch (error) {
    return { vantage, answered: false, problem: error instanceof Error ? error.message : String(error) }
  } finally {
    cancel()
  }
}

/** Compares digests, whose lengths are equal and whose bytes tell nothing about the token: in constant time for any two inputs. */
async function isSame(a: string, b: string): Promise<boolean> {
  const digest = async (text: string) => new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const [left, right] = await Promise.all([digest(a), digest(b)])
  return left.reduce((different, byte, index) => different | (byte ^ (right[index] ?? 0)), 0) === 0
}
