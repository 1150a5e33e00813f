/** Attack vectors on key sets: the project's own, which run everywhere, and C2SP's Wycheproof, where its files lie. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCorpus } from '../../../cli/conformance/corpus.ts'
import type { KeyOrigin } from '../../../config/keys/read-key.ts'
import { readKeySet } from '../../../config/read-key-set.ts'

interface Own {
  readonly comment: string
  readonly from: KeyOrigin
  readonly keys: readonly object[]
  /** So many keys count. */
  readonly usable: number
}

const OWN: readonly Own[] = JSON.parse(readFileSync(join(import.meta.dirname, '../worker/vectors/key-sets.json'), 'utf8')).keySets

test.each(OWN)("the project's own: $comment ($from), of which $usable count", ({ from, keys, usable }) => {
  const read = readKeySet({ keys }, from)
  expect(read.ok ? read.value.keys.length : 0).toBe(usable)
})

interface Group {
  readonly comment: string
  /** Absent where the published file leaves a secret out. */
  readonly public?: unknown
  readonly tests: readonly { readonly tcId: number; readonly result: string }[]
}

const corpus = findCorpus()
describe.skipIf(corpus === undefined)(`Wycheproof's key sets${corpus === undefined ? ' (skipped: no corpus)' : ''}`, () => {
  const file = join(corpus ?? '', 'security/wycheproof/json_web_key_test.json')
  const groups: readonly Group[] = corpus === undefined ? [] : JSON.parse(readFileSync(file, 'utf8')).testGroups
  const sets = groups.filter((group) => group.public !== undefined)

  // A signature that counts needs its key taken; whatever the others are refused for lies in their keys.
  test('keys that must be refused are left out, and those that must not are taken', () => {
    const verdicts = sets.map((group) => ({ name: group.comment, usable: readKeySet(group.public, 'endpoint').ok }))
    expect(verdicts).toEqual(sets.map(({ comment, tests }) => ({ name: comment, usable: tests.some(({ result }) => result === 'valid') })))
    expect(sets.length).toBeGreaterThanOrEqual(11)
    const left = groups.filter((group) => group.public === undefined).map(({ comment }) => comment)
    console.info(
      `Wycheproof key sets: ${sets.length} of ${groups.length} judged, every verdict right; ${left.length} are secrets that are not in the file (${left.join(', ')})`,
    )
  })
})
