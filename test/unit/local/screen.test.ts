/** The live picture of `--watch` on a terminal that is too low for it. */
import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { Screen } from '../../../cli/status/screen.ts'

function drawn(lines: readonly string[], rows: number): readonly string[] {
  const written: string[] = []
  const screen = new Screen({ isTTY: true, rows, write: (text: string) => written.push(text) } as unknown as WriteStream)
  screen.open()
  screen.draw(lines)
  return stripVTControlCharacters(written.at(-1) ?? '')
    .trimEnd()
    .split('\n')
}

test.each([
  [['a', 'b', 'c'], 4, ['a', 'b', 'c']],
  [['a', 'b', 'c', 'd', 'e'], 5, ['a', 'b', 'c', '… 2 more lines']],
  [['a', 'b', 'c'], 1, ['a', '… 2 more lines']],
])('%j in %i rows', (lines, rows, expected) => expect(drawn(lines, rows)).toEqual(expected))
