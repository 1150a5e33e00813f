import { expect, test } from 'vitest'
import { readAlert } from '../../../cli/local/read-alert.ts'

const ALERT =
  '{"kind":"alert","severity":"critical","at":"2026-11-26T17:00:00.000Z","release":"checkout","text":"Release checkout is rolled back to 0 %."}'

test.each([
  [ALERT, 'critical: Release checkout is rolled back to 0 %.'],
  [`[wrangler:info] ${ALERT}`, 'critical: Release checkout is rolled back to 0 %.'],
  ['{"kind":"access","path":"/?{\\"kind\\":\\"alert\\"}"}', undefined],
  [ALERT.slice(0, 40), undefined],
  [ALERT.replace('}', ',"judgement":{"verdict":"hold"}}'), undefined],
  ['', undefined],
])('%j says %j', (line, told) => expect(readAlert(line)).toBe(told))
