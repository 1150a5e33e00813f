/** `npm run deploy` against an account in a file: what it makes, in which order, and what it leaves alone the second time. */
import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BUCKET, controlTag, missingSecrets, SECRETS, withNamespaceId } from '../../../cli/deploy/plan.ts'
import type { Account } from './fake-wrangler.ts'

let folder: string
const accountFile = () => join(folder, 'account.json')
const account = () => JSON.parse(readFileSync(accountFile(), 'utf8')) as Account
const toml = (file = 'wrangler.toml') => readFileSync(join(folder, file), 'utf8')
const change = (changes: Partial<Account>) => writeFileSync(accountFile(), JSON.stringify({ ...account(), ...changes, calls: [] }))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meridian-deploy-test-'))
  for (const path of ['cli/deploy', 'cli/deploy.ts', 'wrangler.toml', 'durable-objects/wrangler.toml', 'package.json'])
    cpSync(path, join(folder, path), { recursive: true })
  writeFileSync(join(folder, 'wrangler.toml'), toml().replaceAll('example.com', 'acme.test'))
  mkdirSync(join(folder, 'bin'))
  const fake = join(import.meta.dirname, 'fake-wrangler.ts')
  const cache = `NODE_COMPILE_CACHE="${process.env['NODE_COMPILE_CACHE'] ?? ''}"`
  writeFileSync(join(folder, 'bin/wrangler'), `#!/bin/sh\n${cache} exec "${process.execPath}" "${fake}" "$@"\n`)
  chmodSync(join(folder, 'bin/wrangler'), 0o755)
  const fresh: Account = { calls: [], namespaces: [], buckets: [], workers: {}, controlBundle: 'control 1' }
  writeFileSync(accountFile(), JSON.stringify(fresh))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Run {
  readonly code: number
  readonly said: string
  readonly calls: readonly string[]
}

/** Runs the command; paths in the calls are shortened to their last part. */
function deploy(...args: string[]): Promise<Run> {
  const path = [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter)
  // The copy stands elsewhere each time: what is compiled of it would never be found again.
  const env = { ...process.env, NODE_COMPILE_CACHE: '', PATH: path, FAKE_ACCOUNT: accountFile() }
  return new Promise((done) => {
    execFile(process.execPath, [join(folder, 'cli/deploy.ts'), ...args], { env, cwd: folder }, (error, stdout, stderr) => {
      const calls = account().calls.map((call) => call.replace(/ \/\S*?\/meridian-deploy-(test-)?\w+\//g, ' '))
      done({ code: error === null ? 0 : Number(error.code), said: stdout + stderr, calls })
    })
  })
}

let first: Promise<Run & { readonly kept: string }> | undefined
afterAll(async () => first !== undefined && rmSync((await first).kept, { recursive: true }))

/** As after the first deployment on an empty account, which is run once and copied. */
async function deployed(): Promise<Run> {
  first ??= deploy().then((run) => {
    const kept = mkdtempSync(join(tmpdir(), 'meridian-deploy-test-'))
    cpSync(folder, kept, { recursive: true })
    return { ...run, kept }
  })
  const run = await first
  cpSync(run.kept, folder, { recursive: true })
  return run
}

describe('npm run deploy', () => {
  test('on an empty account makes everything, the control Worker first', async () => {
    const { code, said, calls } = await deployed()
    expect(said).toContain('OPERATOR_TOKEN=')
    expect(code).toBe(0)
    const tag = account().workers['meridian-control']?.tag
    expect(calls).toEqual([
      'kv namespace list',
      'kv namespace create meridian-last-known-good --update-config=false',
      'kv namespace list',
      'r2 bucket info meridian-operators --json',
      'r2 bucket create meridian-operators --update-config=false',
      'deploy --dry-run -c durable-objects/wrangler.toml --outdir meridian-control',
      'deploy --dry-run -c wrangler.toml --outdir meridian-gateway',
      'secret list --name meridian-gateway --format json',
      'secret list --name meridian-control --format json',
      'deployments status --name meridian-control --json',
      `deploy -c durable-objects/wrangler.toml --tag ${tag} --message npm run deploy --secrets-file meridian-control.json`,
      'deploy -c wrangler.toml --secrets-file meridian-gateway.json',
    ])
    for (const file of ['wrangler.toml', 'durable-objects/wrangler.toml']) expect(toml(file)).toContain('id = "f00d"')
    expect(Object.keys(account().workers['meridian-gateway']?.secrets ?? {}).sort()).toEqual(['OPERATOR_TOKEN', 'SNAPSHOT_KEY'])
  })

  test('run again ships the gateway only, and keeps every secret', async () => {
    await deployed()
    const { secrets } = account().workers['meridian-gateway'] ?? {}
    change({})
    const { said, calls } = await deploy()
    expect(calls.filter((call) => call.startsWith('deploy -c'))).toEqual(['deploy -c wrangler.toml'])
    expect(calls.some((call) => call.includes('create'))).toBe(false)
    expect(account().workers['meridian-gateway']?.secrets).toEqual(secrets)
    expect(said).not.toContain('OPERATOR_TOKEN=')
  })

  test('ships the control Worker when its bundle changed', async () => {
    await deployed()
    change({ controlBundle: 'control 2' })
    await deploy()
    expect(account().workers['meridian-control']?.deploys).toBe(2)
  })

  test('makes only the secret that is missing', async () => {
    await deployed()
    const before = account().workers
    const { OPERATOR_TOKEN: _, ...secrets } = before['meridian-gateway']?.secrets ?? {}
    change({ workers: { ...before, 'meridian-gateway': { deploys: 1, secrets } } })
    await deploy()
    expect(account().workers['meridian-gateway']?.secrets).toMatchObject(secrets)
    expect(account().workers['meridian-gateway']?.secrets['OPERATOR_TOKEN']).toMatch(/^[\w-]{43}$/)
  })

  test.each([
    'kv namespace list',
    'kv namespace create',
    'r2 bucket info',
    'r2 bucket create',
    'secret list',
    'deployments status',
    'deploy --dry-run',
    'deploy -c',
  ])('stops at "%s" that fails, and overwrites nothing', async (call) => {
    change({ fail: { call, said: 'fetch failed' } })
    const { code, said, calls } = await deploy()
    expect(code).toBe(1)
    expect(said).toContain('fetch failed')
    expect(said).not.toContain('OPERATOR_TOKEN=')
    expect(calls.at(-1)).toContain(call)
    expect(Object.keys(account().workers)).toEqual([])
  })

  test('--dry-run builds both and asks no account', async () => {
    const { code, said, calls } = await deploy('--dry-run')
    expect(code).toBe(0)
    expect(calls.every((call) => call.startsWith('deploy --dry-run'))).toBe(true)
    expect(calls).toHaveLength(2)
    expect(said).toContain('Would find or make the KV namespace')
    expect(said).toContain('Would find or make the R2 bucket meridian-operators')
  })

  test('refuses hosts of the sample before it asks anything', async () => {
    writeFileSync(join(folder, 'wrangler.toml'), toml().replaceAll('acme.test', 'example.com'))
    const { code, said, calls } = await deploy()
    expect(code).toBe(1)
    expect(said).toContain('example.com')
    expect(calls).toEqual([])
  })

  test('refuses an unknown option', async () => expect(await deploy('--dryrun')).toMatchObject({ code: 2, calls: [] }))
})

describe('the plan', () => {
  test('gives all Workers of a secret one value', () => {
    const { values, names } = missingSecrets(new Map())
    expect(names).toEqual(SECRETS.map(({ name }) => name))
    for (const { name, workers } of SECRETS) expect(new Set(workers.map((worker) => values.get(worker)?.[name])).size).toBe(1)
  })

  test('tags a control version by its code and bindings, not by paths in comments', () => {
    expect(controlTag('// a/b.ts\nf()', 'x')).toBe(controlTag('// c/d.ts\nf()', 'x'))
    expect(controlTag('f()', 'x')).not.toBe(controlTag('g()', 'x'))
    expect(controlTag('f()', 'x')).not.toBe(controlTag('f()', 'y'))
  })

  test('names the bucket that the control Worker binds', () =>
    expect(readFileSync('durable-objects/wrangler.toml', 'utf8')).toContain(`bucket_name = "${BUCKET}"`))

  test.each(['wrangler.toml', 'durable-objects/wrangler.toml'])('finds the namespace in %s', (file) => {
    const recorded = withNamespaceId(readFileSync(file, 'utf8'), 'abc')
    expect(recorded).toContain('id = "abc"')
    expect(recorded?.split('\n').length).toBe(readFileSync(file, 'utf8').split('\n').length)
  })
})
