/**
 * Builds both Workers as they are shipped (`wrangler deploy --dry-run`), with a configuration of the measurement, in a copy of
 * the sources: the configuration that the project has compiled stays as it is.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SOURCES = ['config', 'worker', 'durable-objects', 'cli', 'wrangler.toml', 'package.json', 'tsconfig.json']

export interface Built {
  /** The gateway's module. */
  readonly gateway: string
  readonly control: string
  readonly remove: () => void
}

/** Builds with `yaml` as the gateway configuration, or with the project's own. Rejects with what wrangler said. */
export async function build(root: string, yaml?: string): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-bench-'))
  for (const source of SOURCES) cpSync(join(root, source), join(folder, source), { recursive: true })
  symlinkSync(resolve(root, 'node_modules'), join(folder, 'node_modules'))
  const env: NodeJS.ProcessEnv = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' }
  if (yaml !== undefined) {
    env['MERIDIAN_CONFIG'] = join(folder, 'bench.yaml')
    writeFileSync(env['MERIDIAN_CONFIG'], yaml)
  }
  const bundle = (config: string, out: string) =>
    run(process.execPath, ['node_modules/wrangler/bin/wrangler.js', 'deploy', '--dry-run', '-c', config, '--outdir', join(folder, out)], {
      cwd: folder,
      env,
    })
  try {
    await bundle('wrangler.toml', 'built-gateway')
    await bundle('durable-objects/wrangler.toml', 'built-control')
  } catch (error) {
    rmSync(folder, { recursive: true })
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    throw new Error(`the Workers did not build: ${(stderr + stdout).trim().slice(0, 2_000) || message}`)
  }
  return {
    gateway: join(folder, 'built-gateway/index.js'),
    control: join(folder, 'built-control/index.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
