/** Published attack vectors on signed tokens: C2SP's Wycheproof, where it lies beside the tree. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCorpus } from '../../../cli/conformance/corpus.ts'
import type { PublicJwk } from '../../../config/key-set.ts'
import { readKeySet } from '../../../config/read-key-set.ts'
import { SIGNING_ALGORITHMS } from '../../../config/token-issuer.ts'
import { readSigned } from '../../../worker/identity/token/read-jws.ts'
import { verifyJws } from '../../../worker/identity/token/verify-jws.ts'

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jws: string
  readonly result: 'valid' | 'invalid'
}

interface Group {
  readonly comment: string
  /** A key, or a set of them; absent where it is a secret, which the copy leaves out. */
  readonly public?: object
  readonly tests: readonly Vector[]
}

/** RFC 7520 section 3.5: the one secret that is published elsewhere. */
const RFC7520_SECRET = {
  kty: 'oct',
  kid: '018c0ae5-4d9b-471b-bfd6-eef314bc7037',
  use: 'sig',
  alg: 'HS256',
  k: 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg',
}

/**
 * Vectors that the files call valid and the gateway refuses on purpose: their key says that it is for another algorithm (PS256 for a token
 * of PS384), or for one that does not exist (ES521). RFC 8725 section 3.1 wants one algorithm a key, and the other file refuses ES521 itself.
 */
const KEY_OF_ANOTHER_ALGORITHM: ReadonlySet<number> = new Set([346, 347, 350, 351])

async function verdict({ jws }: Vector, keys: readonly PublicJwk[]): Promise<Vector['result']> {
  const read = readSigned(jws)
  if (!read.ok || !SIGNING_ALGORITHMS.some((algorithm) => algorithm === read.value.algorithm)) return 'invalid'
  return (await verifyJws(read.value, keys)) === 'good' ? 'valid' : 'invalid'
}

function keysOf(key: object | undefined): readonly PublicJwk[] {
  const read = readKeySet(key !== undefined && 'keys' in key ? key : { keys: [key ?? RFC7520_SECRET] }, 'operator')
  return read.ok ? read.value.keys : []
}

const corpus = findCorpus()
const groupsOf = (name: string): readonly Group[] =>
  corpus === undefined ? [] : JSON.parse(readFileSync(join(corpus, 'security/wycheproof', name), 'utf8')).testGroups

describe.skipIf(corpus === undefined)(`Wycheproof's tokens${corpus === undefined ? ' (skipped: no corpus)' : ''}`, () => {
  test.each([
    ['json_web_signature_test.json', 350],
    ['json_web_key_test.json', 10],
  ])('%s', async (file, atLeast) => {
    const groups = groupsOf(file)
    const judged = groups.filter((group) => group.public !== undefined || group.comment.startsWith('rfc7520'))
    const wrong: string[] = []
    let count = 0
    let stricter = 0
    for (const group of judged) {
      const keys = keysOf(group.public)
      for (const vector of group.tests) {
        const found = await verdict(vector, keys)
        count += 1
        const isStricter = file.includes('signature') && KEY_OF_ANOTHER_ALGORITHM.has(vector.tcId)
        if (isStricter) stricter += 1
        const expected = isStricter ? 'invalid' : vector.result
        if (found !== expected) wrong.push(`${vector.tcId} ${group.comment} ${vector.comment}: ${found} instead of ${expected}`)
      }
    }
    expect(wrong).toEqual([])
    expect(count).toBeGreaterThanOrEqual(atLeast)
    const all = groups.reduce((sum, { tests }) => sum + tests.length, 0)
    console.info(
      `${file}: ${count} of ${all} verdicts, every one right (${stricter} stricter on purpose; of ${all - count} the secret is not in the file)`,
    )
  })

  // Without their secrets nothing can be verified, but what is misspelt is refused before.
  test('tokens of the left-out secrets that are misspelt are refused unverified', () => {
    const vectors = groupsOf('json_web_signature_test.json').filter((group) => group.public === undefined)
    const misspelt = vectors.flatMap(({ tests }) => tests.filter(({ jws }) => !/^[\w-]+\.[\w-]*\.[\w-]+$/.test(jws)))
    expect(misspelt.length).toBeGreaterThan(10)
    expect(misspelt.filter(({ jws }) => readSigned(jws).ok)).toEqual([])
  })
})
