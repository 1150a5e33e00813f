/**
 * What a configuration needs of both wrangler.toml and does not find there, or finds with another meaning: counters, the objects that count for all
 * colos, client certificates. What is missing would be found out by the first request.
 */
import { existsSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { LocatedDefect } from '../config/defect.ts'
import { compareCertificates } from './compare-certificates.ts'
import { compareCounters } from './compare-counters.ts'
import type { LoadedGateway } from './load-gateway.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** `shown`: how people call the file of the configuration. Empty where there is no wrangler.toml. */
export function missingBindings(loaded: LoadedGateway, shown: string): readonly LocatedDefect[] {
  const wrangler = wranglerFile('wrangler.toml')
  const control = wranglerFile('durable-objects/wrangler.toml')
  if (wrangler === undefined || control === undefined) return []
  return [
    ...(loaded.limits.length === 0 ? [] : compareCounters(shown, loaded.limits, wrangler)),
    ...(loaded.ok ? compareCertificates(shown, loaded, [wrangler, control]) : []),
  ]
}

export function wranglerFile(name: string): { readonly file: string; readonly text: string } | undefined {
  const path = resolve(ROOT, name)
  return existsSync(path) ? { file: relative(process.cwd(), path) || path, text: readFileSync(path, 'utf8') } : undefined
}
