/**
 * Header changes as the configuration orders them: the route's, the weighted pool's; on requests the endpoint's own headers come after
 * (`forward/outbound-request.ts`). Nothing here knows which names are allowed: that was checked when the file was read.
 */
import type { HeaderEdits } from '../../config/action.ts'

/** What is changed: the platform's `Headers`, or a map of them. */
export interface EditableHeaders {
  readonly get: (name: string) => string | null
  readonly set: (name: string, value: string) => void
  readonly append: (name: string, value: string) => void
  readonly delete: (name: string) => void
}

export function editHeaders(headers: EditableHeaders, edits: readonly HeaderEdits[]): void {
  for (const { set, add, remove } of edits) {
    for (const [name, value] of set) headers.set(name, value)
    for (const [name, value] of add) addHeader(headers, name, value)
    for (const name of remove) headers.delete(name)
  }
}

/** Joined by a comma alone, as the Gateway API has it. `Set-Cookie` cannot be joined (RFC 6265 section 3), and cookies are by semicolons. */
function addHeader(headers: EditableHeaders, name: string, value: string): void {
  const held = name === 'set-cookie' ? null : headers.get(name)
  if (name === 'set-cookie') headers.append(name, value)
  else headers.set(name, held === null ? value : `${held}${name === 'cookie' ? '; ' : ','}${value}`)
}

/** Of the route and of one of its pools, in their order; undefined when nothing changes. */
export function bothEdits(ofRoute: HeaderEdits | undefined, ofPool: HeaderEdits | undefined): readonly HeaderEdits[] | undefined {
  if (ofRoute === undefined) return ofPool === undefined ? undefined : [ofPool]
  return ofPool === undefined ? [ofRoute] : [ofRoute, ofPool]
}
