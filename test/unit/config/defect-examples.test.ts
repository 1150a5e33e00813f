/** Every code has an example that has it and nothing else wrong, and that has no defect with what should stand there instead. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { checkOperatorFile } from '../../../cli/check-operator-file.ts'
import { compareCertificates } from '../../../cli/compare-certificates.ts'
import { compareCounters } from '../../../cli/compare-counters.ts'
import { compareHosts } from '../../../cli/compare-hosts.ts'
import { EXAMPLES, EXAMPLES_NOW, type ExampleSide, readExample } from '../../../cli/defect-examples.ts'
import { loadText } from '../../../cli/load-gateway.ts'
import { certificateReader } from '../../../cli/read-certificates.ts'
import { DEFECTS, NOTES } from '../../../config/defects.ts'
import { told } from './documents.ts'

interface Findings {
  readonly defects: readonly string[]
  readonly notes: readonly string[]
  readonly said: readonly string[]
}

function findingsOf(side: ExampleSide, local: boolean): Findings {
  const { gateway, wrangler: text } = side
  if (side.emergency !== undefined) return findingsOfEmergency(gateway, side.emergency)
  const loaded = loadText(gateway, 'gateway.yaml', { local, now: EXAMPLES_NOW, certificates: certificateReader(EXAMPLES) })
  const wrangler = text === undefined ? undefined : { file: 'wrangler.toml', text }
  const compared =
    wrangler === undefined
      ? []
      : [
          ...compareHosts({ file: 'gateway.yaml', hosts: loaded.hosts }, wrangler),
          ...compareCounters('gateway.yaml', loaded.limits, wrangler),
          ...(loaded.ok ? compareCertificates('gateway.yaml', loaded, [wrangler]) : []),
        ]
  const defects = [...(loaded.ok ? [] : loaded.defects), ...compared]
  return { defects: defects.map(({ code }) => code), notes: loaded.notes.map(({ code }) => code), said: defects.map(told) }
}

/** As the command finds them. */
function findingsOfEmergency(gateway: string, emergency: string): Findings {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-examples-'))
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    writeFileSync(join(folder, 'gateway.yaml'), gateway)
    writeFileSync(join(folder, 'emergency.json'), emergency)
    const paths = { path: join(folder, 'emergency.json'), gateway: join(folder, 'gateway.yaml') }
    checkOperatorFile({ ...paths, kind: 'emergency', shown: 'emergency.json', local: false, format: 'json', now: EXAMPLES_NOW })
    const report: { defects: { code: string; expected: string }[]; notes: { code: string }[] } = JSON.parse(String(said.mock.calls[0]?.[0]))
    const codes = (found: { code: string }[]) => found.map(({ code }) => code)
    return { defects: codes(report.defects), notes: codes(report.notes), said: report.defects.map(({ expected }) => expected) }
  } finally {
    said.mockRestore()
    rmSync(folder, { recursive: true })
  }
}

const exampleOf = (code: string) => {
  const example = readExample(code)
  if (example === undefined) throw new Error(`config/defects/examples/${code}.diff is missing`)
  return example
}

describe('the example of each defect', () => {
  test.each(Object.keys(DEFECTS))('%s', (code) => {
    const { wrong, right, local } = exampleOf(code)
    const found = findingsOf(wrong, local)
    expect(found.defects, found.said.join('\n')).toEqual([code])
    const instead = findingsOf(right, local)
    expect(instead.said).toEqual([])
  })
})

describe('the example of each note', () => {
  test.each(Object.keys(NOTES))('%s', (code) => {
    const { wrong, right, local } = exampleOf(code)
    const [found, instead] = [findingsOf(wrong, local), findingsOf(right, local)]
    expect([...found.said, ...instead.said]).toEqual([])
    // A drained canary is a pool of drained endpoints as well.
    expect(found.notes.filter((note) => !instead.notes.includes(note))).toContain(code)
    expect(instead.notes).not.toContain(code)
  })
})

test('no example is of a code that is gone', () => {
  const codes = [...Object.keys(DEFECTS), ...Object.keys(NOTES)]
  const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.diff'))
  expect(files.filter((file) => !codes.includes(file.replace('.diff', '')))).toEqual([])
})
