/** The import command as people run it: a good file is never overwritten by a result that is not. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { BASE, rule } from './manifests.ts'

const MERIDIAN = resolve(import.meta.dirname, '../../../cli/meridian.mjs')
const folder = mkdtempSync(join(tmpdir(), 'meridian-import-'))
afterAll(() => rmSync(folder, { recursive: true }))

const GOOD = '# a good file\n'
const PATTERN = 'https://{service}.{namespace}.example.com,aws/us-east-1'
const WHOLE = BASE + rule('matches: [{ path: { value: /a } }]')

/** Imports a text over a file that was good before. */
function run(text: string, ...args: readonly string[]) {
  writeFileSync(join(folder, 'in.yaml'), text)
  writeFileSync(join(folder, 'out.yaml'), GOOD)
  const all = [MERIDIAN, 'import', 'gateway-api', 'in.yaml', '--endpoints', PATTERN, '--out', 'out.yaml', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { cwd: folder, encoding: 'utf8' })
  return { status, stdout, stderr, out: readFileSync(join(folder, 'out.yaml'), 'utf8') }
}

describe('import', { timeout: 60_000 }, () => {
  test('writes what has no defects', () => {
    const { status, out } = run(WHOLE, '--gateway', 'shop/edge')
    expect(status).toBe(0)
    expect(out).toContain('paths:')
  })

  test.each([
    ['no Gateway and no route', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n', 'out.yaml is not written: the result'],
    ['a Gateway without routes', BASE, 'out.yaml is not written: the result'],
    [
      'a defect',
      BASE + rule('matches: [{ headers: [{ name: a, type: RegularExpression, value: "(" }] }]'),
      'out.yaml is not written: the result has 1 defect',
    ],
  ])('leaves the file alone at %s', (_, text, says) => {
    for (const args of [[], ['--json']]) {
      const { status, stderr, out } = run(text, ...args)
      expect(stderr).toContain(says)
      expect({ status, out }).toEqual({ status: 1, out: GOOD })
    }
  })

  test('says which Gateways there are when one of those chosen does not exist', () => {
    const { status, stderr, out } = run(WHOLE, '--gateway', 'shop/edge', '--gateway', 'infra/edge')
    expect(stderr).toContain('--gateway "infra/edge" names no Gateway of the input; there are shop/edge. Nothing is written.')
    expect({ status, out }).toEqual({ status: 1, out: GOOD })
    const json = run(WHOLE, '--gateway', 'infra/edge', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, document: null, error: expect.stringContaining('shop/edge') })
  })

  test('names in its help every kind that the guide says is read', () => {
    const { stdout } = run(WHOLE, '--help')
    const guide = readFileSync(resolve(import.meta.dirname, '../../../docs/import.md'), 'utf8')
    const kinds = /Read are ([^.]+)\./.exec(guide)?.[1]?.match(/\w+(?=`)/g) ?? []
    expect(kinds).toContain('ServiceImport')
    for (const kind of kinds) expect(stdout).toMatch(new RegExp(`[( ]${kind}[,)]`))
  })
})
