/** What a route changes in the head of an answer, before there is one. */
import type { ExplainedAnswer } from '../../../config/explanation.ts'
import { setCors } from '../../policy/cors.ts'
import type { Dress } from '../../reply/dress-reply.ts'

export function explainAnswer(dress: Dress | undefined, givesCookie: boolean): ExplainedAnswer {
  if (dress === undefined) return { edits: [], givesCookie }
  const { edits = [], cors, origin } = dress
  if (cors === undefined) return { edits, givesCookie }
  const headers = new Headers()
  setCors(headers, cors, origin)
  return { edits, givesCookie, allowedOrigin: headers.get('access-control-allow-origin') ?? 'none' }
}
