/** Sends changes to the operators' API, and tells what came of them apart: made, somebody else faster, refused, not asked at all. */
import { randomUUID } from 'node:crypto'
import type { Change, Difference } from '../../config/director.ts'
import type { ChangedDocument, ChangeProblem } from '../../config/operator-documents.ts'
import type { ChangeNoun } from '../../config/operators.ts'
import { problemOf } from '../ask-gateway.ts'
import { callGateway } from '../call-gateway.ts'
import type { OperatorOptions } from './operator-options.ts'

export interface Wish {
  readonly noun: ChangeNoun
  readonly changes: readonly Change[]
}

export type Sent =
  | { readonly kind: 'done'; readonly document: ChangedDocument }
  | { readonly kind: 'conflict'; readonly problem: ChangeProblem; readonly revision: number; readonly differences: readonly Difference[] }
  | { readonly kind: 'refused'; readonly problem: ChangeProblem }
  /** Nobody answered, or not as an operators' API does. */
  | { readonly kind: 'failed'; readonly reason: string }

export type SendOptions = Pick<OperatorOptions, 'address' | 'reason' | 'by'> & { readonly ifMatch?: number; readonly dryRun: boolean }

const MAY_BE_MADE = 'The change may have been made'

/** The gateway says so itself where it could. */
const inDoubt = (reason: string): string =>
  reason.includes(MAY_BE_MADE) ? reason : `${reason}. ${MAY_BE_MADE}: look at "npx meridian revisions" before you ask for it again.`

export async function sendChange({ noun, changes }: Wish, { address, reason, by, ifMatch, dryRun }: SendOptions): Promise<Sent> {
  const headers = {
    'meridian-operator': encodable(by),
    ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    ...(dryRun ? {} : { 'idempotency-key': randomUUID() }),
  }
  const call = { noun, headers, body: { changes, reason, door: 'cli', ...(dryRun ? { dryRun } : {}) } }
  const first = await callGateway(address, call)
  // What may have been done is asked for once more under the same key: it is done once.
  const answer = first.ok && first.value.status !== 503 ? first : await callGateway(address, call)
  if (!answer.ok) return { kind: 'failed', reason: dryRun ? answer.error : inDoubt(answer.error) }
  const { status, body } = answer.value
  const problem = body as ChangeProblem
  if (status === 200 && (body as ChangedDocument | undefined)?.format === 1) return { kind: 'done', document: body as ChangedDocument }
  if (status === 412 && problem?.revision !== undefined)
    return { kind: 'conflict', problem, revision: problem.revision, differences: problem.differences ?? [] }
  if ((status === 400 || status === 422) && problem?.defects !== undefined) return { kind: 'refused', problem }
  const why = problemOf(answer.value, call) ?? 'what answered is no Meridian gateway, or one of another version'
  return { kind: 'failed', reason: status >= 500 && !dryRun ? inDoubt(why) : why }
}

/** Headers carry Latin letters alone. */
const encodable = (name: string): string => name.normalize('NFKD').replace(/[^\x20-\x7e]/g, '')
