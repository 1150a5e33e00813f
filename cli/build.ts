/**
 * The `[build]` command of wrangler.toml: compiles the gateway configuration to `config/generated/base.ts`, which is bundled
 * with the gateway's Worker. A file with defects fails the build with all of them; while developing, the last good artefact
 * stays in force instead. `--schema` and `--docs` write what is generated from the description of the configuration.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Base } from '../config/base.ts'
import { loadGateway } from './load-gateway.ts'
import { paintFor, showDefects, summarize } from './show-defects.ts'

const ROOT = resolve(import.meta.dirname, '..')
const ARTEFACT = resolve(ROOT, 'config/generated/base.ts')

const HELP = `node cli/build.ts [--local] [--schema] [--docs]

Compiles the gateway configuration to config/generated/base.ts.

  --local    allow what only works on this machine: addresses, plain http, few vantages
  --schema   write config/gateway.schema.json instead
  --docs     write docs/configuration.md instead

  MERIDIAN_CONFIG=FILE   the configuration, instead of config/gateway.yaml
  MERIDIAN_LOCAL=1       the same as --local
  MERIDIAN_DEV=1         keep the last good artefact of the same file when the file has defects`

async function main(flags: readonly string[]): Promise<number> {
  const unknown = flags.find((flag) => !['--local', '--schema', '--docs', '--help'].includes(flag))
  if (unknown !== undefined) {
    process.stderr.write(`unknown option ${unknown}\n\n${HELP}\n`)
    return 2
  }
  if (flags.includes('--help')) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  if (flags.includes('--schema') || flags.includes('--docs')) {
    const { generated } = await import('./generate.ts')
    for (const { file, text } of generated())
      if (flags.includes(file.endsWith('.json') ? '--schema' : '--docs')) writeWhole(resolve(ROOT, file), text)
    return 0
  }
  return build(process.env['MERIDIAN_CONFIG'] ?? 'config/gateway.yaml', flags.includes('--local') || process.env['MERIDIAN_LOCAL'] === '1')
}

function build(name: string, local: boolean): number {
  const file = resolve(ROOT, name)
  const shown = relative(process.cwd(), file) || file
  if (!existsSync(file)) {
    process.stderr.write(`There is no configuration ${shown}.\n`)
    return 2
  }
  const loaded = loadGateway(file, { local }, shown)
  if (loaded.ok) {
    const changed = writeWhole(ARTEFACT, artefact(loaded.base, relative(ROOT, file)))
    process.stdout.write(`${shown}: ${summarize(loaded.base)}${changed ? '' : ', unchanged'}\n`)
    return 0
  }
  process.stderr.write(`${showDefects(loaded.defects, paintFor(process.stderr, process.env))}\n`)
  if (process.env['MERIDIAN_DEV'] !== '1' || !isArtefactOf(relative(ROOT, file))) return 1
  process.stderr.write(`The last good configuration stays in force until ${shown} is mended.\n`)
  return 0
}

const heading = (file: string): string => `// Compiled from ${JSON.stringify(file)} by cli/build.ts. Edits here are lost.\n`

const isArtefactOf = (file: string): boolean => existsSync(ARTEFACT) && readFileSync(ARTEFACT, 'utf8').startsWith(heading(file))

/** As JSON in a string: a large one is read by the runtime in half the time of a literal, and by tsc in none. */
function artefact(base: Base, file: string): string {
  const json = JSON.stringify(JSON.stringify(base))
  return `${heading(file)}import type { Base } from '../base.ts'\n\nexport const base: Base = JSON.parse(\n  ${json},\n)\n`
}

/** Never leaves half a file behind, and touches nothing when the text stands there already (watchers would start over). */
function writeWhole(file: string, text: string): boolean {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, text)
  renameSync(draft, file)
  return true
}

process.exitCode = await main(process.argv.slice(2))
