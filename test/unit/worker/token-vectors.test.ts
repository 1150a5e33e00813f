/**
 * Attack vectors on signed tokens: the project's own, which run everywhere, and C2SP's Wycheproof, where its files lie (`MERIDIAN_CORPUS`, or
 * `../shared/corpus` beside the tree).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCorpus } from '../../../cli/conformance/corpus.ts'
import { type Group, judgeVectors, keysIn, shown } from './vectors/judge-vectors.ts'

/** RFC 7520 section 3.5: the one secret that is published elsewhere. */
const RFC7520_SECRET = {
  kty: 'oct',
  kid: '018c0ae5-4d9b-471b-bfd6-eef314bc7037',
  use: 'sig',
  alg: 'HS256',
  k: 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg',
}

const OTHER_ALGORITHM = 'its key says that it is for PS256, and the token is of PS384 (RFC 8725 section 3.1)'
const NO_ALGORITHM = 'its key says that it is for ES521, which does not exist'
const NO_LETTER = 'a character that is none of base64url is not passed over (RFC 7515 section 2)'

/** Vectors that the files call valid and the gateway refuses on purpose. */
const ON_PURPOSE: ReadonlyMap<string, ReadonlyMap<number, string>> = new Map([
  [
    'json_web_signature_test.json',
    new Map([
      [346, OTHER_ALGORITHM],
      [350, OTHER_ALGORITHM],
      [347, NO_ALGORITHM],
      [351, NO_ALGORITHM],
      [372, NO_LETTER],
      [373, NO_LETTER],
    ]),
  ],
])

function keysFor({ public: written, comment }: Group) {
  if (written !== undefined) return keysIn(written)
  return comment.startsWith('rfc7520') ? keysIn(RFC7520_SECRET) : undefined
}

const groupsIn = (file: string): readonly Group[] => JSON.parse(readFileSync(file, 'utf8')).testGroups

test("the project's own vectors: every verdict right, and none left", async () => {
  const { judged, ...others } = await judgeVectors(groupsIn(join(import.meta.dirname, 'vectors/tokens.json')), keysFor)
  expect(others).toEqual({ wrong: [], stricter: [], unjudged: new Map() })
  expect(judged).toBeGreaterThanOrEqual(167)
  console.info(`own vectors of tokens: ${judged} verdicts, every one right`)
})

const corpus = findCorpus()

describe.skipIf(corpus === undefined)(`Wycheproof's tokens${corpus === undefined ? ' (skipped: no corpus)' : ''}`, () => {
  test.each([
    ['json_web_signature_test.json', 385],
    ['json_web_key_test.json', 10],
  ])('%s', async (file, atLeast) => {
    const groups = groupsIn(join(corpus ?? '', 'security/wycheproof', file))
    const purposes = ON_PURPOSE.get(file) ?? new Map<number, string>()
    const { judged, wrong, stricter, unjudged } = await judgeVectors(groups, keysFor, purposes)
    expect(wrong).toEqual([])
    expect(stricter).toHaveLength(purposes.size)
    expect(judged).toBeGreaterThanOrEqual(atLeast)
    const all = groups.reduce((sum, { tests }) => sum + tests.length, 0)
    const left = unjudged.size === 0 ? '' : `; ${all - judged} not judged, because their secret is not in the file (${shown(unjudged)})`
    console.info(
      [`${file}: ${judged} of ${all} verdicts, every one right${left}`, ...stricter.map((each) => `  refused on purpose: ${each}`)].join(
        '\n',
      ),
    )
  })
})
