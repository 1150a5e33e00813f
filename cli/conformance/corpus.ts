/** Where the public conformance data stands. It is no part of the project: absent, what needs it is skipped and says so. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const BESIDE = '../shared/corpus'

/** `MERIDIAN_CORPUS`, else the folder beside the project; undefined when there is none. */
export function findCorpus(given = process.env['MERIDIAN_CORPUS']): string | undefined {
  const folder = resolve(ROOT, given ?? BESIDE)
  return existsSync(folder) ? folder : undefined
}

export const CORPUS_ABSENT = `There is no corpus: neither --corpus nor MERIDIAN_CORPUS names a folder that exists, nor is there ${BESIDE}.`
