/** A Worker as one module, as wrangler would bundle it, and what wrangler.toml says about how it runs. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { parse } from 'smol-toml'

const ROOT = resolve(import.meta.dirname, '..')

/** `configuration` says what stands in for `config/generated/base.ts`. */
export async function bundleWorker(entry: string, configuration: Plugin): Promise<string> {
  const { outputFiles = [] } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    external: ['cloudflare:*', 'node:*'],
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'silent',
    plugins: [configuration],
  })
  return outputFiles[0]?.text ?? ''
}

export interface Compatibility {
  readonly date: string
  readonly flags: readonly string[]
}

/** What wrangler.toml says. */
export function readCompatibility(): Compatibility {
  const { compatibility_date: date, compatibility_flags: flags } = parse(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'))
  return { date: String(date), flags: Array.isArray(flags) ? flags.map(String) : [] }
}
