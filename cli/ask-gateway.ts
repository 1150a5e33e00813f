/** Asks the operators' API of a gateway. Every failure is told in words for people. */
import { err, ok, type Result } from '../config/result.ts'
import type { GatewayAddress } from './find-gateway.ts'

/** The gateway itself waits for slow vantages; this is longer. */
const ASK_MS = 5_000

export interface ApiQuestion {
  /** Under `/.well-known/meridian/`. */
  readonly noun: 'status' | 'explain'
  /** Sent as JSON by POST; without it the noun is read. */
  readonly body?: unknown
}

/** A document of format 1, by the API's word. */
export async function askGateway({ url, token }: GatewayAddress, { noun, body }: ApiQuestion): Promise<Result<unknown, string>> {
  let response: Response
  try {
    response = await fetch(new URL(`/.well-known/meridian/${noun}`, url), {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(ASK_MS),
    })
  } catch (error) {
    return err(`the gateway does not answer at ${url}: ${describeFailure(error)}`)
  }
  if (response.status === 401 || response.status === 403)
    return err(`the gateway refuses the operator token (${response.status}); give it with --token`)
  const answer = (await response.json().catch(() => undefined)) as { format?: unknown; detail?: unknown } | undefined
  if (response.status === 400 && typeof answer?.detail === 'string' && body !== undefined) return err(answer.detail)
  if (response.status !== 200) return err(`the gateway answered ${response.status} instead of its ${noun}`)
  return answer?.format === 1 ? ok(answer) : err('what answered is no Meridian gateway, or one of another version')
}

function describeFailure(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause?.code
  if (cause !== undefined) return cause
  return (error as Error).name === 'TimeoutError' ? `nothing within ${ASK_MS} ms` : (error as Error).message
}
