/** The command as people run it: exit codes, what goes where. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { BASE, rule } from './manifests.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'meridian-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'cli/meridian.mjs'), 'import', ...args], { cwd: folder, encoding: 'utf8' })

const HOSTS = 'hostnames: [shop.example.com]'
const good = file(
  'good.yaml',
  BASE.replace('protocol: HTTP', 'protocol: HTTP, hostname: shop.example.com') + rule('').replace('spec:', `spec:\n  ${HOSTS}`),
)
const bad = file('bad.yaml', `${BASE}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: TLSRoute\nmetadata: { name: a }\n`)
const PATTERN = 'https://{service}.{namespace}.example.com,aws/us-east-1'

describe('meridian import', { timeout: 60_000 }, () => {
  test.each([
    { args: ['--help'], status: 0, says: 'npx meridian import gateway-api FILE…' },
    { args: [], status: 2, says: 'Say what to import' },
    { args: ['istoi', good], status: 2, says: '"istoi" is no source' },
    { args: ['gateway-api'], status: 2, says: 'Say which files' },
    { args: ['gateway-api', 'missing.yaml'], status: 2, says: 'missing.yaml cannot be read: ENOENT' },
    { args: ['gateway-api', good, '--gateway', 'edge'], status: 2, says: '--gateway takes NAMESPACE/NAME' },
    { args: ['gateway-api', good, '--endpoint', 'cart=https://a.example'], status: 2, says: '--endpoint takes' },
    { args: ['gateway-api', good, '--endpoints', 'cart.example'], status: 2, says: '--endpoints takes a URL' },
    { args: ['gateway-api', bad], status: 1, says: 'bad.yaml:27:7  refused  TLSRoute default/a' },
  ])('$args exits with $status', ({ args, status, says }) => {
    const ran = run(...args)
    expect(ran.stdout + ran.stderr).toContain(says)
    expect(ran.status).toBe(status)
  })

  test('writes the configuration to a file, and what became of each part to standard error', () => {
    const ran = run('gateway-api', good, '--endpoints', PATTERN, '--out', 'gateway.yaml')
    expect(ran.stdout).toBe('')
    expect(ran.stderr).toContain('HTTPRoute shop/pay, rule 1: becomes pay')
    expect(readFileSync(join(folder, 'gateway.yaml'), 'utf8')).toContain('https://cart.shop.example.com')
  })

  test('--json is one document, with the place of each finding', () => {
    const { stdout } = run('gateway-api', bad, '--json')
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: { severity: string; place: { line: number } }[] }
    expect(ok).toBe(false)
    expect(findings.find(({ severity }) => severity === 'refused')?.place.line).toBe(27)
  })
})
