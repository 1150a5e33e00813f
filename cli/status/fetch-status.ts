/** Asks a gateway for its status document. */
import { err, ok, type Result } from '../../config/result.ts'
import type { StatusDocument } from '../../config/status.ts'

export interface StatusAddress {
  readonly url: string
  readonly token?: string
}

export const STATUS_PATH = '/.well-known/meridian/status'
/** The gateway itself waits for slow vantages; this is longer. */
const ASK_MS = 5_000

/** Every failure is told in words for people. */
export async function fetchStatus({ url, token }: StatusAddress): Promise<Result<StatusDocument, string>> {
  let response: Response
  try {
    response = await fetch(new URL(STATUS_PATH, url), {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(ASK_MS),
    })
  } catch (error) {
    return err(`the gateway does not answer at ${url}: ${describeFailure(error)}`)
  }
  if (response.status === 401 || response.status === 403)
    return err(`the gateway refuses the operator token (${response.status}); give it with --token`)
  if (response.status !== 200) return err(`the gateway answered ${response.status} instead of its status`)
  const body = (await response.json().catch(() => undefined)) as StatusDocument | undefined
  if (body?.format !== 1) return err('what answered is no Meridian gateway, or one of another version')
  return ok(body)
}

function describeFailure(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause?.code
  if (cause !== undefined) return cause
  return (error as Error).name === 'TimeoutError' ? `nothing within ${ASK_MS} ms` : (error as Error).message
}
