/** The page of a failover run: figures are written anew, what people wrote below them stays. */
import { expect, test } from 'vitest'
import { renderPage, sectionsOf } from '../../../cli/failover/report.ts'
import { readTracked } from '../../tidy/source-file.ts'

const report = { command: 'npm run failover', commit: '0000000', machine: 'a machine', seed: 1, rows: [], ok: true }

test('keeps the sections below the figures, and nothing of the figures', () => {
  const before = `${renderPage({ ...report, seed: 12_345 }, '2026-01-01')}\n## Hedging\n\nWords.\n\n## Keys\n\nMore.\n`
  const page = renderPage(report, '2026-11-26', sectionsOf(before))
  expect(page).toContain('2026-11-26')
  expect(page).not.toContain('12345')
  expect(page.endsWith('\n\n## Hedging\n\nWords.\n\n## Keys\n\nMore.\n')).toBe(true)
  expect(renderPage(report, '2026-11-26', sectionsOf(page))).toBe(page)
})

test('has none where nobody has written any', () => {
  expect(sectionsOf(renderPage(report, '2026-11-26'))).toBe('')
  expect(sectionsOf('')).toBe('')
})

test('of this project has the sections that others lead to', () => {
  expect(sectionsOf(readTracked('docs/failover.md')).match(/^## .*/gm)).toEqual(['## Hedging', '## Keys and certificates'])
})
