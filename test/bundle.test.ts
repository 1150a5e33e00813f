/**
 * What is shipped: both Workers built as for a deployment, without an account. The gateway stays small, and carries nothing that
 * only its build needs.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUNDLE_GZIP_MAX } from '../bench/rows.ts'
import { loadGateway } from '../cli/load-gateway.ts'
import { bundle } from './workerd/harness.ts'

/** Packages that only the build needs, by the names of files: a source map lists them, and what is not minified has them in comments. */
const buildOnly = (code: string) => [...new Set(code.match(/node_modules\/(zod|yaml|re2js|@?[\w-]*ajv[\w-]*)\//g))]
/** Files of the language that only the build needs. */
const parserFiles = (code: string) => [
  ...new Set(code.match(/\bconfig\/(schema|link|regex\/compile-regex|regex\/texts|parse-gateway|compile-gateway|salvage)[\w/-]*\.ts/g)),
]

let folder: string
const built = (name: string) => readFileSync(join(folder, name, 'index.js'), 'utf8')
const sourcesOf = (name: string): string =>
  (JSON.parse(readFileSync(join(folder, name, 'index.js.map'), 'utf8')) as { sources: string[] }).sources.join('\n')
/** As wrangler ships it. */
const shippedSize = async (code: string) => gzipSync((await transform(code, { minify: true })).code).length

async function dryRun(config: string, name: string): Promise<string> {
  const args = ['node_modules/wrangler/bin/wrangler.js', 'deploy', '--dry-run', '-c', config, '--outdir', join(folder, name)]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
  })
  return stdout
}

let said: { gateway: string; control: string }
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meridian-bundle-'))
  said = { gateway: await dryRun('wrangler.toml', 'gateway'), control: await dryRun('durable-objects/wrangler.toml', 'control') }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a dry run of the deployment', () => {
  test('builds the gateway with its bindings', () => {
    expect(said.gateway).toContain('--dry-run: exiting now.')
    for (const binding of ['VANTAGE', 'LAST_KNOWN_GOOD']) expect(said.gateway).toContain(binding)
  })

  test('builds the control Worker with its objects', () => {
    expect(said.control).toContain('--dry-run: exiting now.')
    for (const binding of ['VANTAGE', 'PROBER', 'LAST_KNOWN_GOOD']) expect(said.control).toContain(binding)
  })
})

describe('the gateway', () => {
  test(`is at most ${BUNDLE_GZIP_MAX / 1024} KiB`, () => expect(gzipSync(built('gateway')).length).toBeLessThanOrEqual(BUNDLE_GZIP_MAX))
})

describe('path validation of certificates', () => {
  /** With the library that validates, which weighs as much as all else may. */
  const WITH_CHAINS_GZIP_MAX = 2 * BUNDLE_GZIP_MAX
  // What the library says: it comes minified, without names of files.
  const validator = 'Unable to build certificate chain'
  test('is not in a gateway that does not ask for it', () => expect(built('gateway')).not.toContain(validator))
  test(`is in one that does, which is at most ${WITH_CHAINS_GZIP_MAX / 1024} KiB`, async () => {
    const loaded = loadGateway('config/examples/client-certificates.yaml', { local: false })
    if (!loaded.ok) throw new Error('the example has defects')
    const code = await bundle('worker/index.ts', loaded.base)
    expect(code).toContain(validator)
    expect(await shippedSize(code)).toBeLessThanOrEqual(WITH_CHAINS_GZIP_MAX)
  })
})

test('the gateway stays as small with regular expressions, which come compiled', async () => {
  const loaded = loadGateway('config/examples/conditions.yaml', { local: false })
  if (!loaded.ok) throw new Error('the example has defects')
  expect(loaded.base.regexes.length).toBeGreaterThan(0)
  const code = await bundle('worker/index.ts', loaded.base)
  expect(code).toContain('/api/v2')
  expect(await shippedSize(code)).toBeLessThanOrEqual(BUNDLE_GZIP_MAX)
  expect([...buildOnly(code), ...parserFiles(code)]).toEqual([])
})

describe.each(['gateway', 'control'])('%s', (name) => {
  test('has a source map of its own files', () => expect(sourcesOf(name)).toContain('config/ids.ts'))
  test('carries no package of the build', () => expect(buildOnly(sourcesOf(name))).toEqual([]))
  test('carries no parser of the configuration', () => expect(parserFiles(sourcesOf(name))).toEqual([]))
})

test('a bundle that carries the build would be seen', () => {
  expect(buildOnly('// node_modules/zod/v4/core.js\nf()')).not.toEqual([])
  expect(buildOnly('// node_modules/re2js/build/index.js\nf()')).not.toEqual([])
  expect(parserFiles('// config/schema/pools.ts\nf()\n// config/parse-gateway.ts')).toHaveLength(2)
})
