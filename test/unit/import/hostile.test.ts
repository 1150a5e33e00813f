import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCorpus } from '../../../cli/conformance/corpus.ts'
import { dice, SEED } from '../../seed.ts'
import { BASE, importText, rule } from './manifests.ts'

const WHOLE = BASE + rule('matches: [{ path: { value: /a }, headers: [{ name: a, value: b }] }]\n    retry: { attempts: 2, codes: [503] }')

test(`a text that was spoilt anywhere is read without throwing, and what is lost is said, seed ${SEED}`, () => {
  const draw = dice(SEED)
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item => items[Math.floor(draw() * items.length)] ?? items[0]
  for (let run = 0; run < 150; run += 1) {
    const at = Math.floor(draw() * WHOLE.length)
    const end = at + Math.floor(draw() * 12)
    const text =
      WHOLE.slice(0, at) +
      pick(['', ':', '[', '{}', 'null', '- ', '*', '\n---\n', '"', '99999999999', '\u0000', '\ttrue']) +
      WHOLE.slice(end)
    const { document, findings } = importText(text)
    const taken = document.routes.some(({ pool }) => pool !== undefined)
    if (!taken) expect(findings.length, `run ${run}:\n${text}`).toBeGreaterThan(0)
    for (const { place } of findings) expect(place.line, `run ${run}`).toBeLessThanOrEqual(text.split('\n').length)
  }
})

test.each([
  '',
  '---',
  '# nothing',
  'null',
  '[]',
  'a: b',
  'kind: HTTPRoute',
  '{"apiVersion": "v1", "kind": "List", "items": [5]}',
  '---\n...\n---',
])('%j has no route', (text) => expect(importText(text).document).toEqual({ pools: {}, routes: [] }))

test('places count from the top of the file, whatever document a thing stands in', () => {
  const text = `# first\n---\n${rule('matches: [{ path: { value: oops } }]').trim()}`
  const refused = importText(text).findings.find(({ severity }) => severity === 'refused')
  const line = text.split('\n').findIndex((one) => one.includes('oops')) + 1
  expect(refused?.place).toMatchObject({ file: 'a.yaml', line })
})

test('a List of kubectl is what it holds', () => {
  const item = '{ apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: { name: a } }'
  const { findings } = importText(`apiVersion: v1\nkind: List\nitems:\n- ${item}\n- ${item}`)
  expect(findings.map(({ place }) => place.line)).toEqual([4, 5])
})

const corpus = findCorpus()
describe.skipIf(corpus === undefined)(`published manifests${corpus === undefined ? ' (skipped: no corpus)' : ''}`, () => {
  const folder = join(corpus ?? '.', 'gateway-api')
  const files = corpus === undefined ? [] : readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  const read = (file: string) => importText(readFileSync(join(folder, file), 'utf8'))

  test('are there', () => expect(files.length).toBeGreaterThan(50))
  // At no Gateway, so that their rules are never asked: backends and authorization have tests of their own. Addresses mean nothing here.
  const unread = /invalid-(?:addresses|backend-group|backend-kind|filter-externalauth)/
  test.each(files.filter((file) => /invalid-examples__.*__(?:httproute|gateway|referencegrant)__/.test(file) && !unread.test(file)))(
    '%s, which a cluster refuses, is refused',
    (file) => expect(read(file).findings.some(({ severity }) => severity === 'refused')).toBe(true),
  )
  test.each(files.filter((file) => /^examples__standard/.test(file)))('%s, which a cluster accepts, has no broken spec', (file) => {
    const broken = read(file).findings.filter(({ text }) => / \S+\/\S+: (?:Invalid|Unrecognized|expected)/.test(text))
    expect(broken).toEqual([])
  })
})
