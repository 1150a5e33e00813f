/** One call to the operators' API of a gateway. That nobody answers is told in words; every answer is the caller's to judge. */
import type { OperatorsNoun } from '../config/operators.ts'
import { err, ok, type Result } from '../config/result.ts'
import type { GatewayAddress } from './find-gateway.ts'

/** The gateway itself waits for slow vantages and for the director; this is longer. */
const CALL_MS = 8_000

export interface ApiCall {
  /** Under `/.well-known/meridian/`. */
  readonly noun: OperatorsNoun
  readonly query?: Readonly<Record<string, string | number>>
  /** Sent as JSON by POST; without it the noun is read. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface ApiAnswer {
  readonly status: number
  /** Undefined: no JSON. */
  readonly body: unknown
}

export async function callGateway({ url, token }: GatewayAddress, call: ApiCall): Promise<Result<ApiAnswer, string>> {
  const { noun, query = {}, body, headers = {} } = call
  const place = new URL(`/.well-known/meridian/${noun}`, url)
  for (const [name, value] of Object.entries(query)) place.searchParams.set(name, String(value))
  try {
    const response = await fetch(place, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_MS),
    })
    return ok({ status: response.status, body: await response.json().catch(() => undefined) })
  } catch (error) {
    return err(`the gateway does not answer at ${url}: ${describeFailure(error)}`)
  }
}

function describeFailure(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause?.code
  if (cause !== undefined) return cause
  return (error as Error).name === 'TimeoutError' ? `nothing within ${CALL_MS} ms` : (error as Error).message
}
