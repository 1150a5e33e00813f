/** The files that docs/operator-files.md shows are ones that are taken, and the answer that it shows is of the shape of answers. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseEmergencyFile } from '../../../config/operator-files/emergency-file.ts'
import { parseWeightsFile } from '../../../config/operator-files/weights-file.ts'
import { RESULT_SCHEMA } from '../../../config/operator-files/weights-result.ts'

const snippets = [...readFileSync('docs/operator-files.md', 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => text)
const [weights = '', result = '', emergency = ''] = snippets

test('there are three', () => expect(snippets).toHaveLength(3))
test('weights.json', () => expect(parseWeightsFile(weights)).toMatchObject({ file: { base: 12 }, defects: [] }))
test('emergency.json', () => expect(parseEmergencyFile(emergency)).toMatchObject({ file: { freeze: ['*'] }, defects: [] }))
test('weights.result.json', () => {
  const { properties, required } = RESULT_SCHEMA as unknown as { properties: object; required: readonly string[] }
  const names = Object.keys(JSON.parse(result) as object)
  expect(names.filter((name) => !Object.hasOwn(properties, name))).toEqual([])
  expect(required.filter((name) => !names.includes(name))).toEqual([])
})
