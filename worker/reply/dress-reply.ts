/** What a route changes in the head of every answer that it gives, whoever made it: header changes first, then CORS. */
import type { HeaderEdits } from '../../config/action.ts'
import type { CorsRules } from '../../config/cors.ts'
import { setCors } from '../policy/cors.ts'
import { editHeaders } from '../policy/edit-headers.ts'

export interface Dress {
  readonly edits: readonly HeaderEdits[] | undefined
  readonly cors: CorsRules | undefined
  /** Of the request. */
  readonly origin: string | null
}

/** Undefined when the route changes nothing, so that an answer can be handed on as it is. */
export function dressFor(
  edits: readonly HeaderEdits[] | undefined,
  cors: CorsRules | undefined,
  request: Pick<Request, 'headers'>,
): Dress | undefined {
  if (edits === undefined && cors === undefined) return undefined
  return { edits, cors, origin: cors === undefined ? null : request.headers.get('origin') }
}

export function dressHeaders(headers: Headers, { edits, cors, origin }: Dress): void {
  if (edits !== undefined) editHeaders(headers, edits)
  if (cors !== undefined) setCors(headers, cors, origin)
}

/** An answer that this Worker has made: its headers can be changed in place. */
export function dressReply(response: Response, dress: Dress | undefined): Response {
  if (dress !== undefined) dressHeaders(response.headers, dress)
  return response
}
