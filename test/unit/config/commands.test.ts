/** The commands as people and scripts run them: exit codes, what goes where, what a build leaves behind. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { document } from './documents.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'meridian-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A busy machine starts a process in a second or two. */
const PATIENCE = { timeout: 60_000 }

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function run(script: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, MERIDIAN_CONFIG: '', MERIDIAN_LOCAL: '', MERIDIAN_DEV: '', NO_COLOR: '', ...environment }
  const known = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, script), ...args], {
    env: known,
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const meridian = (...args: readonly string[]) => run('cli/meridian.mjs', args)
const good = file('good.yaml', document())
const bad = file('bad.yaml', document({ route: 'pol: 1', rest: 'helth: 1' }))
const weights = (pools: object): string => JSON.stringify({ version: 1, reason: 'a drill', by: 'ann', pools }, null, 1)
const goodWeights = file('weights.json', weights({ shop: { 'aws-use1': 80 } }))
const badWeights = file('monday.json', weights({ shop: { 'aws-use1': '80' } }))
const lostWeights = file('weights.2.json', weights({ shp: {} }))
const emergency = file('emergency.json', '{"version":1,"reason":"fire","by":"ann","drain":["aws","gcp"]}')
const local = file('local.yaml', document({ aws: '{ url: http://127.0.0.1:1, cloud: aws, region: us-east-1 }' }))

describe('meridian', PATIENCE, () => {
  test.each([
    { args: ['--help'], status: 0, says: 'npx meridian COMMAND' },
    { args: [], status: 2, says: 'npx meridian COMMAND' },
    { args: ['chek'], status: 2, says: 'did you mean "check"?' },
    { args: ['check', '--help'], status: 0, says: 'npx meridian check [FILE]' },
    { args: ['check', '--jsn'], status: 2, says: '--jsn' },
    { args: ['check', 'a', 'b'], status: 2, says: 'One file at a time' },
    { args: ['check', '--explain', 'route_unreachable'], status: 0, says: 'ROUTE_UNREACHABLE (defect)' },
    { args: ['check', '--explain', 'pool_unused'], status: 0, says: 'docs/defects.md#pool_unused' },
    { args: ['check', '--explain', 'ROUTE_UNREACHABEL'], status: 2, says: 'did you mean "ROUTE_UNREACHABLE"?' },
    { args: ['check', '--explain', '../../x'], status: 2, says: 'There is no code "../../x"; docs/defects.md lists them.' },
    { args: ['check', '--explain', 'POOL_UNUSED', '--format', 'sarif'], status: 2, says: 'as text or --json' },
    { args: ['check', good, '--format', 'xml'], status: 2, says: '--format is one of text, json, sarif, github' },
    { args: ['check', good, '--json', '--format', 'sarif'], status: 2, says: 'say one of them' },
    {
      args: ['check', bad, '--format', 'github'],
      status: 1,
      says: '::error file=bad.yaml,line=8,col=1,title=FIELD_UNKNOWN::helth: expected',
    },
    { args: ['check', emergency, '--config', good, '--format', 'github'], status: 0, says: 'title=POOL_EMPTIED::drain: every' },
    { args: ['check', 'missing.yaml', '--format', 'github'], status: 2, says: 'title=FILE_UNREADABLE::' },
    { args: ['check', 'missing.yaml'], status: 2, says: 'missing.yaml cannot be read: ENOENT' },
    { args: ['check', '.'], status: 2, says: 'cannot be read: EISDIR' },
    { args: ['check', good], status: 0, says: 'good.yaml: 1 route, 1 pool, 2 endpoints, hash ' },
    { args: ['check', bad], status: 1, says: 'bad.yaml:8:1  helth  expected one of' },
    { args: ['check', local], status: 1, says: 'a name instead of an IP address' },
    { args: ['check', goodWeights, '--config', good], status: 0, says: 'weights.json: weights of 1 pool and 0 releases, no defects' },
    { args: ['check', badWeights, '--config', good], status: 1, says: 'monday.json:7:4  pools.shop.aws-use1  expected a whole number' },
    { args: ['check', lostWeights, '--config', good], status: 1, says: '(did you mean "shop"?)' },
    { args: ['check', lostWeights, '--config', bad], status: 0, says: 'bad.yaml has defects: its names were not looked up' },
    { args: ['check', lostWeights, '--config', 'missing.yaml'], status: 0, says: 'there is no missing.yaml: its names were not looked up' },
    { args: ['check', emergency, '--config', good], status: 0, says: 'note: every endpoint of the pool shop is drained' },
    { args: ['check', good, '--config', good], status: 2, says: '--config goes with weights.json and emergency.json' },
    { args: ['check', 'weights.missing.json'], status: 2, says: 'weights.missing.json cannot be read: ENOENT' },
    { args: ['check', 'missing.json'], status: 2, says: 'missing.json cannot be read: ENOENT' },
    { args: ['explain', '--help'], status: 0, says: 'npx meridian explain METHOD URL' },
    { args: ['explain'], status: 2, says: 'Expected METHOD URL' },
    { args: ['explain', 'GET', '/cart'], status: 2, says: 'is no whole URL' },
    { args: ['explain', 'GET', 'https://shop.example.com/', '--config', 'missing.yaml'], status: 2, says: 'cannot be read: ENOENT' },
    { args: ['explain', 'GET', 'https://shop.example.com/', '--config', bad], status: 2, says: '2 defects' },
    { args: ['explain', 'GET', 'https://shop.example.com/', '--config', good, '--at', good], status: 2, says: 'is no JSON; expected' },
    { args: ['explain', 'GET', 'https://shop.example.com/', '--config', good], status: 0, says: 'sent on by route' },
    { args: ['explain', 'GET', 'https://other.example.com/', '--config', good], status: 1, says: 'refused with 421 ERR_UNKNOWN_HOST' },
    { args: ['check', local, '--local'], status: 0, says: 'no defects' },
  ])('$args exits with $status', ({ args, status, says }) => {
    const ran = meridian(...args)
    expect(ran.stdout + ran.stderr).toContain(says)
    expect(ran.status).toBe(status)
  })

  test('check sorts by place, counts, and is plain in a pipe', () => {
    expect(meridian('check', bad).stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^bad\.yaml:7:46 {2}routes\[0\]\.pol {2}expected one of .*, found "pol" {2}\(did you mean "pool"\?\) {2}\[FIELD_UNKNOWN\]$/,
      ),
      expect.stringMatching(/^bad\.yaml:8:1 {2}helth {2}/),
      '2 defects',
      '',
    ])
  })

  test('check --json of a file of operators is of the same form, with what it is', () => {
    const { stdout, status } = meridian('check', lostWeights, '--config', good, '--json')
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'check',
      kind: 'weights',
      ok: false,
      defects: [{ path: 'pools.shp', line: 6 }],
      notes: [],
    })
  })

  test('check --json of a file that cannot be read is a document as well', () => {
    const { stdout, status } = meridian('check', 'missing.yaml', '--json')
    expect(status).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'check',
      file: 'missing.yaml',
      ok: false,
      defects: [{ code: 'FILE_UNREADABLE', found: 'ENOENT', line: 1 }],
    })
  })

  test('check --json says the same as data, and nothing else', () => {
    const { stdout, status } = meridian('check', bad, '--json')
    const report = JSON.parse(stdout)
    expect(status).toBe(1)
    expect(report).toMatchObject({ command: 'check', file: 'bad.yaml', ok: false, notes: [] })
    expect(report.defects[0]).toMatchObject({
      code: 'FIELD_UNKNOWN',
      file: 'bad.yaml',
      line: 7,
      column: 46,
      path: 'routes[0].pol',
      steps: ['routes', 0, 'pol'],
      found: '"pol"',
    })
    expect(JSON.parse(meridian('check', good, '--json').stdout)).toMatchObject({
      ok: true,
      defects: [],
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
  })
})

describe('fault-token', PATIENCE, () => {
  const signed = (...args: readonly string[]) => run('cli/main.ts', ['fault-token', ...args], { FAULT_KEY: 'a secret of some length' })
  test('prints a header', () => {
    const before = Math.floor(Date.now() / 1000)
    const { stdout, status } = signed('--host', 'Shop.example.com', '--route', 'checkout', '--for', '1m')
    const [, expires] = /^meridian-fault: v1\.(\d+)\.[\w-]{43}\n$/.exec(stdout) ?? []
    expect(status).toBe(0)
    expect(Number(expires) - before - 60).toBeGreaterThanOrEqual(0)
    expect(Number(expires) - before - 60).toBeLessThan(30)
  })
  test('says what is missing', () => {
    expect(signed('--host', 'shop.example.com')).toMatchObject({ status: 2, stdout: '' })
    expect(signed('--host', 'a', '--route', 'b', '--for', '8d').stderr).toContain('--for is a duration')
    expect(run('cli/main.ts', ['fault-token', '--host', 'a', '--route', 'b'], { FAULT_KEY: '' }).stderr).toContain('FAULT_KEY is not set')
    expect(signed('--host', 'localhost:8787', '--route', 'b').stderr).toContain(
      'a host without scheme, port and path, got "localhost:8787"',
    )
  })
})

describe('release-override', PATIENCE, () => {
  const signed = (...args: readonly string[]) =>
    run('cli/main.ts', ['release-override', ...args], { RELEASE_KEY: 'a secret of some length' })
  test('prints a token', () => {
    const { stdout, status } = signed('--release', 'checkout', '--host', 'Shop.example.com', '--for', '1m')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^v1\.canary\.\d{10}\.[0-9a-f]{64}\n$/)
  })
  test('says what is missing', () => {
    expect(signed('--release', 'checkout')).toMatchObject({ status: 2, stdout: '' })
    expect(signed('--release', 'a', '--host', 'b', '--track', 'beta').stderr).toContain('--track is canary or stable, got "beta"')
  })
})

describe('the build', PATIENCE, () => {
  const out = join(folder, 'generated', 'base.ts')
  const build = (config: string, environment: Readonly<Record<string, string>> = {}) =>
    run('cli/build.ts', ['--out', out], { MERIDIAN_CONFIG: config, ...environment })

  test('writes a module, says so in one line, and leaves an unchanged one alone', () => {
    const first = build(good)
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(first.stdout).toMatch(/^good\.yaml: 1 route, 1 pool, 2 endpoints, hash [0-9a-f]{16}\n$/)
    const text = readFileSync(out, 'utf8')
    const literal = /JSON\.parse\(\n {2}(".*"),\n\)\n/.exec(text)?.[1] ?? ''
    expect(JSON.parse(JSON.parse(literal))).toMatchObject({
      format: 1,
      routes: [{ action: { kind: 'forward', pools: [{ pool: 'shop' }] } }],
    })
    const written = statSync(out).mtimeMs
    expect(build(good).stdout).toContain('unchanged')
    expect(statSync(out).mtimeMs).toBe(written)
  })

  test('fails with all defects, and writes nothing', () => {
    build(good)
    const before = readFileSync(out, 'utf8')
    const { status, stdout, stderr } = build(bad)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('2 defects')
    expect(readFileSync(out, 'utf8')).toBe(before)
  })

  test('while developing keeps the last good one of the same file, and of no other', () => {
    const edited = file('edited.yaml', document())
    expect(build(edited, { MERIDIAN_DEV: '1' }).status).toBe(0)
    const before = readFileSync(out, 'utf8')
    file('edited.yaml', document({ route: 'pol: 1' }))
    const kept = build(edited, { MERIDIAN_DEV: '1' })
    expect(kept.status).toBe(0)
    expect(kept.stderr).toContain('1 defect\nThe last good configuration stays in force until edited.yaml is mended.\n')
    expect(readFileSync(out, 'utf8')).toBe(before)
    expect(build(bad, { MERIDIAN_DEV: '1' }).status).toBe(1)
  })

  test.each([
    { config: 'no-such.yaml', environment: {}, status: 2, says: 'There is no configuration' },
    { config: local, environment: {}, status: 1, says: 'a name instead of an IP address' },
    { config: local, environment: { MERIDIAN_LOCAL: '1' }, status: 0, says: '2 endpoints' },
  ])('of $config with $environment exits with $status', ({ config, environment, status, says }) => {
    const ran = build(config, environment)
    expect(ran.stdout + ran.stderr).toContain(says)
    expect(ran.status).toBe(status)
  })
})
