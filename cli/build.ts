/**
 * The `[build]` command of wrangler.toml: compiles the gateway configuration to `config/generated/base.ts`, which is bundled
 * with the gateway's Worker. A file with defects fails the build with all of them; while developing, the last good artefact
 * stays in force instead. `--schema` and `--docs` write what is generated from the description of the configuration.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { typedBaseModule } from './base-module.ts'
import { loadGateway } from './load-gateway.ts'
import { missingBindings } from './missing-bindings.ts'
import { paintFor, showDefects, summarize } from './show-defects.ts'

const ROOT = resolve(import.meta.dirname, '..')

const HELP = `node cli/build.ts [--local] [--out FILE] | --schema | --docs

Compiles the gateway configuration to config/generated/base.ts.

  --local      allow what only works on one machine: addresses, plain http, few vantages
  --out FILE   write there instead
  --schema     write config/*.schema.json instead
  --docs       write docs/configuration.md and docs/defects.md instead

  MERIDIAN_CONFIG=FILE   the configuration, instead of config/gateway.yaml; seen from the project's root
  MERIDIAN_LOCAL=1       the same as --local
  MERIDIAN_DEV=1         keep the last good artefact of the same file when the file has defects

Exit codes: 0 done, 1 defects, 2 could not be done.
`

const OPTIONS = {
  local: { type: 'boolean', default: process.env['MERIDIAN_LOCAL'] === '1' },
  out: { type: 'string', default: resolve(ROOT, 'config/generated/base.ts') },
  schema: { type: 'boolean', default: false },
  docs: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (values.schema || values.docs) {
    const { generated, operatorSchemas } = await import('./generate.ts')
    const { schema, reference, defects } = generated()
    const files = [...(values.schema ? [schema, ...operatorSchemas()] : []), ...(values.docs ? [reference, defects] : [])]
    for (const { file, text } of files) writeWhole(resolve(ROOT, file), text)
    return 0
  }
  return build(resolve(ROOT, process.env['MERIDIAN_CONFIG'] ?? 'config/gateway.yaml'), values.local, resolve(values.out))
}

function build(file: string, local: boolean, out: string): number {
  const shown = relative(process.cwd(), file) || file
  if (!existsSync(file)) {
    process.stderr.write(`There is no configuration ${shown}.\n`)
    return 2
  }
  const loaded = loadGateway(file, { local }, shown)
  const missing = loaded.ok && !local ? missingBindings(loaded, shown) : []
  if (loaded.ok && missing.length === 0) {
    const { text, beside } = typedBaseModule(loaded.base, out)
    for (const each of beside) writeWhole(each.file, each.text)
    const changed = writeWhole(out, heading(file) + text)
    process.stdout.write(`${shown}: ${summarize(loaded.base)}${changed ? '' : ', unchanged'}\n`)
    return 0
  }
  process.stderr.write(`${showDefects(loaded.ok ? missing : loaded.defects, paintFor(process.stderr, process.env))}\n`)
  const keeps = process.env['MERIDIAN_DEV'] === '1' && existsSync(out) && readFileSync(out, 'utf8').startsWith(heading(file))
  if (!keeps) return 1
  process.stderr.write(`The last good configuration stays in force until ${shown} is mended.\n`)
  return 0
}

const slashed = (path: string): string => path.split(sep).join('/')

const heading = (file: string): string =>
  `// Compiled from ${JSON.stringify(slashed(relative(ROOT, file)))} by cli/build.ts. Edits here are lost.\n`

/** Never leaves half a file behind, and touches nothing when the text stands there already (watchers would start over). */
function writeWhole(file: string, text: string): boolean {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, text)
  renameSync(draft, file)
  return true
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
  process.exitCode = 2
}
