/** The gateway's Worker as one module that asks another for its configuration, so that many gateways share one bundle. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { parse } from 'smol-toml'

const ROOT = resolve(import.meta.dirname, '../..')

/** The module that holds a gateway's configuration, beside the bundle. */
export const BASE_MODULE = 'base.js'

export async function bundleGateway(): Promise<string> {
  const { outputFiles = [] } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['worker/index.ts'],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    external: ['cloudflare:*', 'node:*'],
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'silent',
    plugins: [
      {
        name: 'the configuration stands beside the bundle',
        setup: ({ onResolve }) => onResolve({ filter: /\/generated\/base\.ts$/ }, () => ({ path: `./${BASE_MODULE}`, external: true })),
      },
    ],
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
