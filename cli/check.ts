/** `npx meridian check [FILE]`: every defect of a configuration at once, and whether wrangler.toml covers its hosts and counts its limits. */
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { LocatedDefect } from '../config/defect.ts'
import { showPath } from '../config/defect.ts'
import { asAnnotations, asSarif, CHECK_FORMATS, type CheckFormat } from './check-formats.ts'
import { checkOperatorFile, operatorFileKind } from './check-operator-file.ts'
import { compareHosts } from './compare-hosts.ts'
import { explainCode, noSuchCode } from './explain-code.ts'
import { type LoadedGateway, loadGateway } from './load-gateway.ts'
import { missingBindings, wranglerFile } from './missing-bindings.ts'
import { paintFor, showDefects, showNote, summarize } from './show-defects.ts'

const ROOT = resolve(import.meta.dirname, '..')

const HELP = `npx meridian check [FILE] [--local] [--json | --format FORMAT]
npx meridian check weights.json|emergency.json [--config FILE] [--local] [--json | --format FORMAT]
npx meridian check --explain CODE [--json]

Names every defect of a gateway configuration: file:line:column, path, what was expected, what was found, a suggestion, and a code.
Compares its hosts with the routes and custom domains of wrangler.toml, its limits with the counters there, and the
certificates that its endpoints name with the bindings of both Workers. FILE is config/gateway.yaml unless said otherwise.

The same for weights.json and emergency.json, before they are put: they are known by their names, or by what stands in them. What
they name is looked up in the configuration.

  --config FILE   the configuration in which names are looked up, instead of config/gateway.yaml
  --local         allow what only works on one machine: addresses, plain http, few vantages; wrangler.toml is not looked at
  --json          the same as data; also of a file that cannot be read
  --format FORMAT text, json, sarif (for editors and code scanning), or github (annotations of a workflow)
  --explain CODE  say what a code means, with an example and what to write instead

Exit codes: 0 no defects, 1 defects, 2 the file cannot be read.
`

/** Answers the exit code. */
export async function check(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') return refuse(options)
  if (options.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (options.explain !== undefined) return explain(options.explain, options)
  const gateway = resolve(ROOT, process.env['MERIDIAN_CONFIG'] ?? 'config/gateway.yaml')
  const path = options.file === undefined ? gateway : resolve(options.file)
  const file = relative(process.cwd(), path) || path
  let loaded: LoadedGateway
  try {
    const kind = options.file === undefined ? undefined : operatorFileKind(path)
    const names = options.config === undefined ? gateway : resolve(options.config)
    if (kind !== undefined) return checkOperatorFile({ ...options, kind, path, shown: file, gateway: names, now: Date.now() })
    if (options.config !== undefined) return refuse('--config goes with weights.json and emergency.json.')
    loaded = loadGateway(path, { local: options.local }, file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    process.stderr.write(`${file} cannot be read: ${code}\n`)
    if (options.format !== 'text') process.stdout.write(inFormat(options.format, file, unread, [{ ...UNREAD, found: code, file }]))
    return 2
  }
  const defects = [...(loaded.ok ? [] : loaded.defects), ...(options.local ? [] : wranglerDefects(loaded, file))]
  process.stdout.write(inFormat(options.format, file, loaded, defects))
  return defects.length === 0 ? 0 : 1
}

function refuse(why: string): number {
  process.stderr.write(`${why}\n\n${HELP}`)
  return 2
}

const unread: LoadedGateway = { ok: false, defects: [], hosts: [], limits: [], notes: [] }
const UNREAD = { code: 'FILE_UNREADABLE' as const, path: [], expected: 'a file that can be read', line: 1, column: 1 }

interface Options {
  readonly file?: string | undefined
  readonly config?: string | undefined
  readonly local: boolean
  readonly format: CheckFormat
  readonly explain?: string | undefined
  readonly help: boolean
}

function readOptions(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        json: { type: 'boolean', default: false },
        format: { type: 'string' },
        explain: { type: 'string' },
        local: { type: 'boolean', default: process.env['MERIDIAN_LOCAL'] === '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const [file] = positionals
    if (positionals.length > 1 || (file !== undefined && values.explain !== undefined)) return 'One file at a time, or one code.'
    const { json, format: written = json ? 'json' : 'text', ...rest } = values
    const format = CHECK_FORMATS.find((one) => one === written)
    if (format === undefined) return `--format is one of ${CHECK_FORMATS.join(', ')}.`
    return json && format !== 'json' ? '--json is --format json: say one of them.' : { ...rest, format, file }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function wranglerDefects(loaded: LoadedGateway, gatewayFile: string): readonly LocatedDefect[] {
  const wrangler = wranglerFile('wrangler.toml')
  if (wrangler === undefined || loaded.hosts.length === 0) return []
  return [...compareHosts({ file: gatewayFile, hosts: loaded.hosts }, wrangler), ...missingBindings(loaded, gatewayFile)]
}

function explain(code: string, { format }: Options): number {
  if (format !== 'text' && format !== 'json') return refuse('A code is explained as text or --json.')
  const text = explainCode(code, format === 'json')
  if (text === undefined) return refuse(noSuchCode(code))
  process.stdout.write(text)
  return 0
}

function inFormat(format: CheckFormat, file: string, loaded: LoadedGateway, defects: readonly LocatedDefect[]): string {
  switch (format) {
    case 'text':
      return asText(file, loaded, defects)
    case 'json':
      return asJson(file, loaded, defects)
    case 'sarif':
      return asSarif({ defects, notes: loaded.notes })
    case 'github':
      return asAnnotations({ defects, notes: loaded.notes })
    default:
      return format satisfies never
  }
}

function asText(file: string, loaded: LoadedGateway, defects: readonly LocatedDefect[]): string {
  const paint = paintFor(process.stdout, process.env)
  const lines = loaded.notes.map((note) => showNote(note, paint))
  if (defects.length > 0) lines.push(showDefects(defects, paint))
  else if (loaded.ok) lines.push(`${file}: ${summarize(loaded.base)}, no defects`)
  return `${lines.join('\n')}\n`
}

/** `{ command, file, ok, hash?, defects, notes }`; each defect and note with file, line, column, path as text and `steps`. */
function asJson(file: string, loaded: LoadedGateway, defects: readonly LocatedDefect[]): string {
  const asData = <Found extends { readonly path: LocatedDefect['path'] }>({ path, ...rest }: Found) => ({
    ...rest,
    path: showPath(path),
    steps: path,
  })
  const report = {
    command: 'check',
    file,
    ok: defects.length === 0,
    ...(loaded.ok ? { hash: loaded.base.hash } : {}),
    defects: defects.map(asData),
    notes: loaded.notes.map(asData),
  }
  return `${JSON.stringify(report, null, 2)}\n`
}
