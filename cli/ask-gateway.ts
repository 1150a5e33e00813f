/** Asks the operators' API of a gateway. Every failure is told in words for people. */
import { err, ok, type Result } from '../config/result.ts'
import { type ApiAnswer, type ApiCall, callGateway } from './call-gateway.ts'
import type { GatewayAddress } from './find-gateway.ts'

/** A document of format 1, by the API's word. */
export async function askGateway(address: GatewayAddress, question: ApiCall): Promise<Result<unknown, string>> {
  const called = await callGateway(address, question)
  if (!called.ok) return called
  const problem = problemOf(called.value, question)
  if (problem !== undefined) return err(problem)
  return isOfFormat(called.value.body) ? ok(called.value.body) : err(OTHER_VERSION)
}

const OTHER_VERSION = 'what answered is no Meridian gateway, or one of another version'

/** Why an answer is none; also of changes. */
export function problemOf({ status, body }: ApiAnswer, { noun, body: sent }: ApiCall): string | undefined {
  const detail = (body as { detail?: unknown } | undefined)?.detail
  if (status === 401) return 'the gateway refuses the operator token (401); give it with --token'
  if (status === 403)
    return `the token does not grant this (403): see operators.scopes.${noun} of the configuration, or give another with --token`
  if (status === 400 && typeof detail === 'string' && sent !== undefined) return detail
  if (status === 503 && typeof detail === 'string') return detail
  return status === 200 ? undefined : `the gateway answered ${status} instead of its ${noun}`
}

const isOfFormat = (body: unknown): boolean => (body as { format?: unknown } | undefined)?.format === 1
