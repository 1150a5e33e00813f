/**
 * Builds both Workers as they are shipped (`wrangler deploy --dry-run`), with a configuration of the measurement, in a copy of
 * the sources: the configuration that the project has compiled stays as it is.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SOURCES = ['config', 'worker', 'durable-objects', 'cli', 'wrangler.toml', 'package.json', 'tsconfig.json']

/** The module of each Worker. */
export interface Built {
  readonly gateway: string
  readonly control: string
}

/** The same for every configuration. */
let control: string | undefined

/** Builds with `yaml` as the gateway configuration, or with the project's own. `names`: functions keep theirs. Rejects with what wrangler said. */
export async function build(root: string, yaml?: string, { names = false } = {}): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-bench-'))
  for (const source of SOURCES) cpSync(join(root, source), join(folder, source), { recursive: true })
  symlinkSync(resolve(root, 'node_modules'), join(folder, 'node_modules'))
  const env: NodeJS.ProcessEnv = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' }
  if (yaml !== undefined) {
    env['MERIDIAN_LOCAL'] = '1'
    env['MERIDIAN_CONFIG'] = join(folder, 'bench.yaml')
    writeFileSync(env['MERIDIAN_CONFIG'], yaml)
  }
  const bundle = (config: string, out: string) =>
    run(
      process.execPath,
      [
        'node_modules/wrangler/bin/wrangler.js',
        'deploy',
        '--dry-run',
        '-c',
        config,
        '--outdir',
        join(folder, out),
        ...(names ? ['--minify=false'] : []),
      ],
      {
        cwd: folder,
        env,
      },
    )
  try {
    await bundle('wrangler.toml', 'built-gateway')
    const read = (out: string) => readFileSync(join(folder, out, 'index.js'), 'utf8')
    if (control === undefined) {
      await bundle('durable-objects/wrangler.toml', 'built-control')
      control = read('built-control')
    }
    return { gateway: read('built-gateway'), control }
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    throw new Error(`the Workers did not build: ${(stderr + stdout).trim().slice(0, 2_000) || message}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
