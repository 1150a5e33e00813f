/** Reads what an operator wants changed: a body with its reason, the headers beside it, and who it is. All that is wrong is said at once. */
import { showPath } from '../../config/defect.ts'
import type { Change, ChangeDefect, ChangeRequest } from '../../config/director.ts'
import type { ChangeProblem } from '../../config/operator-documents.ts'
import type { ChangeNoun } from '../../config/operators.ts'
import { parseChangeRequest } from '../../config/parse-change.ts'
import { isWrong, readFields } from '../../config/read-change.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { bytes } from '../../config/units.ts'
import { readText } from './read-text.ts'

/** 64 changes with their names come to a tenth of it. */
const BODY_MAX = bytes(64 * 1024)
const FIELDS = ['changes', 'reason', 'door', 'dryRun']

/** What each noun may change: the right that was asked for is for these alone. */
const KINDS = {
  weights: ['set-weights', 'clear-weights'],
  drains: ['drain', 'undrain'],
  releases: ['release', 'set-release', 'clear-release'],
  revisions: ['revert'],
} as const satisfies Record<ChangeNoun, readonly Change['kind'][]>

export type ShownDefect = NonNullable<ChangeProblem['defects']>[number]

export async function readChanges(request: Request, noun: ChangeNoun, by: string): Promise<Result<ChangeRequest, readonly ShownDefect[]>> {
  const text = await readText(request, BODY_MAX)
  if (text === undefined) return one({ path: [], expected: `a body of at most ${BODY_MAX} bytes`, found: 'a longer one' })
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return one({ path: [], expected: 'JSON', found: text === '' ? 'nothing' : 'something else' })
  }
  const found: ChangeDefect[] = []
  const fields = readFields(body, [], found, FIELDS)
  const { changes, reason, door = 'api', dryRun } = fields ?? {}
  const headers = readHeaders(request, found)
  if (fields === undefined) return err(found.map(shown))
  const parsed = parseChangeRequest({ changes, reason, door, by, ...headers, ...(dryRun === undefined ? {} : { dryRun }) })
  if (!parsed.ok) return err([...found, ...parsed.error].map(shown))
  refuseOthers(parsed.value.changes, noun, found)
  return found.length > 0 ? err(found.map(shown)) : ok(parsed.value)
}

/** `If-Match: "12"`; `*` is whatever is in force, as without it. */
function readHeaders({ headers }: Request, found: ChangeDefect[]): Pick<ChangeRequest, 'ifMatch' | 'id'> {
  const match = headers.get('if-match')?.trim() ?? '*'
  const [, revision] = /^"?(\d{1,15})"?$/.exec(match) ?? []
  if (match !== '*' && revision === undefined) isWrong(match, ['If-Match'], found, 'one revision, such as "12"')
  const id = headers.get('idempotency-key')
  return { ...(revision === undefined ? {} : { ifMatch: Number(revision) }), ...(id === null ? {} : { id }) }
}

function refuseOthers(changes: readonly Change[], noun: ChangeNoun, found: ChangeDefect[]): void {
  const kinds: readonly string[] = KINDS[noun]
  for (const [index, { kind }] of changes.entries())
    if (!kinds.includes(kind)) isWrong(kind, ['changes', index, 'kind'], found, `one of ${kinds.join(', ')}, as ${noun} are`)
}

const one = (defect: ChangeDefect): Result<never, readonly ShownDefect[]> => err([shown(defect)])

export const shown = ({ path, expected, found, suggestion }: ChangeDefect): ShownDefect => ({
  path: showPath(path),
  expected,
  found,
  ...(suggestion === undefined ? {} : { suggestion }),
})
