/** What programs read of `check`: SARIF and annotations, whatever a file says. */
import { describe, expect, test } from 'vitest'
import { asAnnotations, asSarif } from '../../../cli/check-formats.ts'
import { explainCode } from '../../../cli/explain-code.ts'
import { DEFECTS, NOTES } from '../../../config/defects.ts'

const place = { file: 'a b/gate,way%.yaml', line: 3, column: 5 }
const found = {
  defects: [
    { ...place, code: 'POOL_UNKNOWN', path: ['routes', 0, 'pool'], expected: 'a pool', found: '"a\nb"', suggestion: 'did you mean "x"?' },
    { ...place, code: 'POOL_UNKNOWN', path: [], expected: '50%', found: 'nothing' },
  ],
  notes: [{ ...place, code: 'POOL_UNUSED', path: ['pools', 'old'], text: 'no route uses it' }],
} as const

describe('SARIF', () => {
  const sarif = JSON.parse(asSarif(found))
  const [run] = sarif.runs

  test('has each code once as a rule, and each finding with its place', () => {
    expect(sarif).toMatchObject({ version: '2.1.0', $schema: expect.stringContaining('sarif-2.1.0') })
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(['POOL_UNKNOWN', 'POOL_UNUSED'])
    expect(run.results).toHaveLength(3)
    expect(run.results[0]).toEqual({
      ruleId: 'POOL_UNKNOWN',
      ruleIndex: 0,
      level: 'error',
      message: { text: 'routes[0].pool: expected a pool, found "a\nb" (did you mean "x"?)' },
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'a%20b/gate%2Cway%25.yaml' }, region: { startLine: 3, startColumn: 5 } } },
      ],
    })
    expect(run.results[2]).toMatchObject({ ruleId: 'POOL_UNUSED', ruleIndex: 1, level: 'note' })
  })

  test('of nothing is a run without results', () =>
    expect(JSON.parse(asSarif({ defects: [], notes: [] })).runs[0]).toMatchObject({ results: [], tool: { driver: { rules: [] } } }))
})

test('an annotation is one line, and what the file says ends none of its fields', () =>
  expect(asAnnotations(found).split('\n')).toEqual([
    '::error file=a b/gate%2Cway%25.yaml,line=3,col=5,title=POOL_UNKNOWN::routes[0].pool: expected a pool, found "a%0Ab" (did you mean "x"?)',
    '::error file=a b/gate%2Cway%25.yaml,line=3,col=5,title=POOL_UNKNOWN::.: expected 50%25, found nothing',
    '::notice file=a b/gate%2Cway%25.yaml,line=3,col=5,title=POOL_UNUSED::pools.old: no route uses it',
    '',
  ]))

test.each([...Object.keys(DEFECTS), ...Object.keys(NOTES)])('%s is explained with its example', (code) => {
  expect(explainCode(code, false)).toMatch(
    /^[A-Z_]+ \((?:defect|note)\)\n\n.+\n.+\n\nWithout .+:\n\n(?: {4}[ +@-].*\n)+\ndocs\/defects\.md#[a-z_]+\n$/,
  )
  expect(JSON.parse(explainCode(code, true) ?? '')).toMatchObject({ code, example: expect.stringMatching(/^[+-]/m) })
})
