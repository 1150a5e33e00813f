/** The table of defects: each code is a word, is said in whole sentences, and is found by some check. */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codesWithoutGroup } from '../../../cli/render-defects.ts'
import { DEFECTS, factsOf, NOTES } from '../../../config/defects.ts'
import { ROOT } from './load-example.ts'

const CODES = [...Object.keys(DEFECTS), ...Object.keys(NOTES)]

/** The text of all that may find something. */
const sources = ['config', 'cli']
  .flatMap((folder) => readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('config/defects'))
  .map((file) => readFileSync(resolve(ROOT, file), 'utf8'))
  .join('\n')

describe('every code', () => {
  test('is there once', () => expect(CODES).toEqual([...new Set(CODES)]))
  test('is in the reference', () => expect(codesWithoutGroup()).toEqual([]))

  test.each(CODES)('%s', (code) => {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)+$/)
    const { means, instead } = factsOf(code) ?? { means: '', instead: '' }
    for (const said of [means, instead]) expect(said).toMatch(/^[A-Z].*[\w)"]\.$/)
    expect(sources).toContain(`'${code}'`)
  })

  test('another word is none', () => expect(['', 'toString', 'ROUTE'].map(factsOf)).toEqual([undefined, undefined, undefined]))
})
