/**
 * Verdicts on vectors in the form of Wycheproof, of whoever made them: each is judged as far as its file allows. Of a group whose secret the file leaves
 * out, what is refused by its reading alone has a verdict all the same.
 */
import type { PublicJwk } from '../../../../config/key-set.ts'
import { readKeySet } from '../../../../config/read-key-set.ts'
import { SIGNING_ALGORITHMS } from '../../../../config/token-issuer.ts'
import { readSigned } from '../../../../worker/identity/token/read-jws.ts'
import { verifyJws } from '../../../../worker/identity/token/verify-jws.ts'

export interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jws: string
  readonly result: 'valid' | 'invalid'
}

export interface Group {
  readonly comment: string
  /** A key, or a set of them; absent where it is a secret, which the file leaves out. */
  readonly public?: object
  readonly tests: readonly Vector[]
}

export interface Verdicts {
  readonly judged: number
  /** Not as the file says, and not on purpose. */
  readonly wrong: readonly string[]
  /** Called valid by the file, and refused on purpose. */
  readonly stricter: readonly string[]
  /** By the group that they are of. */
  readonly unjudged: ReadonlyMap<string, number>
}

/** `keysFor`: those of a group; undefined where nobody knows them. `onPurpose`: why a vector is refused that the file calls valid. */
export async function judgeVectors(
  groups: readonly Group[],
  keysFor: (group: Group) => readonly PublicJwk[] | undefined,
  onPurpose: ReadonlyMap<number, string> = new Map(),
): Promise<Verdicts> {
  let judged = 0
  const [wrong, stricter]: [string[], string[]] = [[], []]
  const unjudged = new Map<string, number>()
  for (const group of groups) {
    const keys = keysFor(group)
    for (const vector of group.tests) {
      const found = await verdict(vector, keys)
      if (found === undefined) {
        unjudged.set(group.comment, (unjudged.get(group.comment) ?? 0) + 1)
        continue
      }
      judged += 1
      const why = onPurpose.get(vector.tcId)
      const name = `${vector.tcId} ${group.comment} ${vector.comment}`
      if (why !== undefined && vector.result === 'valid' && found === 'invalid') stricter.push(`${name}: ${why}`)
      else if (why !== undefined || found !== vector.result) wrong.push(`${name}: ${found} instead of ${vector.result}`)
    }
  }
  return { judged, wrong, stricter, unjudged }
}

/** Undefined where it takes a key that nobody knows. */
async function verdict({ jws }: Vector, keys: readonly PublicJwk[] | undefined): Promise<Vector['result'] | undefined> {
  const read = readSigned(jws)
  if (!read.ok || !SIGNING_ALGORITHMS.some((algorithm) => algorithm === read.value.header.algorithm)) return 'invalid'
  if (keys === undefined) return undefined
  return (await verifyJws(read.value, keys)) === 'good' ? 'valid' : 'invalid'
}

/** As they would be believed if an operator wrote them. */
export function keysIn(written: object): readonly PublicJwk[] {
  const read = readKeySet('keys' in written ? written : { keys: [written] }, 'operator')
  return read.ok ? read.value.keys : []
}

export const shown = (unjudged: ReadonlyMap<string, number>): string =>
  [...unjudged].map(([comment, count]) => `${count} of ${comment}`).join(', ')
