/** What is generated from the description of the configuration is committed, current, and says something about every field. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { generated, operatorSchemas } from '../../../cli/generate.ts'
import { printJson } from '../../../cli/print-json.ts'
import { isReserved, RESERVED_HEADERS } from '../../../config/reserved-headers.ts'
import { gatewaySchema, VANTAGE_HINTS } from '../../../config/schema.ts'
import { isStripped, STRIPPED_HEADERS } from '../../../config/stripped-headers.ts'
import { isVantage } from '../../../config/vantages.ts'
import { anchorsOf, checkLinks } from '../../docs/check-document.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const { schema, reference, defects } = generated()

describe('generated files', () => {
  test.each([
    { ...schema, how: 'node cli/build.ts --schema' },
    { ...reference, how: 'node cli/build.ts --docs' },
    { ...defects, how: 'node cli/build.ts --docs' },
    ...operatorSchemas().map((file) => ({ ...file, how: 'node cli/build.ts --schema' })),
  ])('$file is what "$how" writes', ({ file, text }) => expect(readFileSync(resolve(ROOT, file), 'utf8')).toBe(text))
})

interface Field {
  readonly path: string
  readonly schema: Record<string, unknown>
}

/** Every field that the file can have, with what is said of it. */
function fieldsOf(node: Record<string, unknown>, path: string): Field[] {
  const properties = (node['properties'] ?? {}) as Record<string, Record<string, unknown>>
  const own = Object.entries(properties).flatMap(([name, held]) => [
    { path: `${path}.${name}`, schema: held },
    ...fieldsOf(held, `${path}.${name}`),
  ])
  const below = [node['items'], node['additionalProperties']].filter((held) => typeof held === 'object' && held !== null)
  return [...own, ...below.flatMap((held) => fieldsOf(held as Record<string, unknown>, `${path}[]`))]
}

describe('every field', () => {
  const described = z.toJSONSchema(gatewaySchema, { target: 'draft-7', io: 'input' }) as Record<string, unknown>
  const fields = fieldsOf(described, '')
  const isGroup = ({ schema: { properties, items, additionalProperties } }: Field) => Boolean(properties ?? items ?? additionalProperties)
  const required =
    /\.(url|cloud|region|latitude|longitude|hosts|pool|pools|routes|endpoints|origins|delay\.length|delay\.share|abort\.status|abort\.share|regex\.match|regex\.replace|issuer|audiences|verify|rules|effect|rateLimits\[\]\.(name|rate|by)|steps\[\]\.weight|certificates\[\]\.expires)$/

  test('is there', () => expect(fields.length).toBeGreaterThan(70))
  test('is described in a sentence', () => {
    expect(
      fields.filter(({ schema: { description } }) => !/^[A-Z0-9`].*[.:]$/s.test(String(description ?? ''))).map(({ path }) => path),
    ).toEqual([])
  })
  test('says its default unless it must be given', () => {
    const silent = fields.filter(
      ({ path, schema: { defaultText, default: given } }) => !required.test(path) && defaultText === undefined && given === undefined,
    )
    expect(silent.map(({ path }) => path)).toEqual([])
  })
  test('has an example', () => {
    const silent = fields.filter((field) => !isGroup(field) && field.schema['example'] === undefined)
    expect(silent.map(({ path }) => path)).toEqual([])
  })
  test('that is a number, a length or a size has limits', () => {
    const bounded = fields.filter(
      ({ schema: { type, unit } }) => type === 'integer' || type === 'number' || ['duration', 'share', 'size'].includes(String(unit)),
    )
    expect(bounded.filter(({ schema: { limits } }) => limits === undefined).map(({ path }) => path)).toEqual([])
  })
})

describe('the reference', () => {
  const document = { path: 'docs/configuration.md', text: reference.text }
  const headings = reference.text.split('\n').filter((line) => /^#{1,6} /.test(line) && !line.startsWith('# yaml'))
  test('has each heading once', () => {
    expect(headings.length).toBeGreaterThan(100)
    expect(anchorsOf(document).size).toBe(headings.length)
  })
  test('has a contents that leads to every heading of a field', () => {
    const [contents = ''] = reference.text.split('## How values')
    const linked = new Set([...contents.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor))
    const unlinked = [...anchorsOf(document)].filter((anchor) => !linked.has(anchor))
    expect(unlinked).toEqual(['the-gateway-configuration', 'contents'])
    expect(checkLinks(document)).toEqual([])
  })
  test('lists every header that is refused or stripped, and only those', () => {
    for (const [use, names] of [
      ['probe', RESERVED_HEADERS.everywhere],
      ['request', RESERVED_HEADERS.onRequests],
      ['response', RESERVED_HEADERS.onAnswers],
    ] as const)
      for (const name of names) {
        expect(reference.text).toContain(`\`${name}\``)
        expect(isReserved(name.replace('*', 'any'), use), name).toBe(true)
        expect(isReserved(`a-${name}`, use), name).toBe(false)
      }
    for (const name of STRIPPED_HEADERS) {
      expect(reference.text).toContain(`\`${name}\``)
      expect(isStripped(name.replace('*', 'any')), name).toBe(true)
    }
    for (const name of ['accept', 'authorization', 'x-forward', 'x-env', 'cfx', 'x-tenant']) expect(isStripped(name), name).toBe(false)
  })
})

describe('JSON as the formatter leaves it', () => {
  test.each([
    { value: { a: [1, 2] }, text: '{\n  "a": [1, 2]\n}' },
    { value: { a: [{ b: 1 }] }, text: '{\n  "a": [{ "b": 1 }]\n}' },
    { value: { a: {} }, text: '{\n  "a": {}\n}' },
    { value: ['x'.repeat(100), 'y'.repeat(100)], text: `[\n  "${'x'.repeat(100)}",\n  "${'y'.repeat(100)}"\n]` },
  ])('$value', ({ value, text }) => expect(printJson(value, 0)).toBe(text))
})

test('every vantage that may be configured has a place', () => expect(VANTAGE_HINTS.filter((hint) => !isVantage(hint))).toEqual([]))
