/** `npx meridian import SOURCE FILE…`: a gateway configuration from that of a mesh, and what of it means the same, nearly the same, or nothing. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type EndpointRule, readEndpoint, readPattern } from './import/endpoints.ts'
import { type Finding, Findings } from './import/finding.ts'
import { type Imported, importGatewayApi } from './import/gateway-api/import.ts'
import { unknownGateways } from './import/gateway-api/world.ts'
import { readResources } from './import/read-resources.ts'
import { renderDocument, renderFindings } from './import/render.ts'
import { loadText } from './load-gateway.ts'
import { paintFor, showDefects } from './show-defects.ts'

const HELP = `npx meridian import gateway-api FILE… [OPTIONS]

Reads Kubernetes manifests (Gateway, HTTPRoute, ReferenceGrant, Service, ServiceImport, Namespace) and writes a gateway configuration
that means the same. FILE may be - for standard input. Says on standard error, with its place, what became of each part:

  exact         the same here
  approximate   nearly the same: the line says the difference
  dropped       left out; nothing at the edge depends on it
  refused       left out or answered by an error, because anything else would change what the source means

A Service without an --endpoint is answered 503. Afterwards "npx meridian check" compares the hosts with wrangler.toml. docs/import.md says
what becomes what.

  --endpoint NAMESPACE/SERVICE[:PORT]=URL[,CLOUD/REGION]
                      where a Service is reached from outside; repeated, its endpoints in that order
  --endpoints URL[,CLOUD/REGION]
                      the same for every Service that no --endpoint names, with {service}, {namespace} and {port} in the URL
  --gateway NAMESPACE/NAME
                      only this Gateway; may be repeated
  --out FILE          write there instead of to standard output; nothing is written when the result has defects or sends nothing on
  --json              one JSON document on standard output: { command, source, ok, document, findings, defects }

Exit codes: 0 nothing was refused, 1 something was or nothing was written, 2 could not be done.
`

/** Answers the exit code. */
export async function importCommand(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${HELP}`)
    return 2
  }
  if (options.help) {
    process.stdout.write(HELP)
    return 0
  }
  const findings = new Findings()
  const resources = []
  for (const file of options.files) {
    const text = readText(file)
    if (text.error !== undefined) {
      process.stderr.write(`${file} cannot be read: ${text.error}\n`)
      return 2
    }
    resources.push(...readResources(file, text.value, findings))
  }
  const unknown = unknownGateways(resources, options.gateways)
  if (unknown !== undefined) {
    // What the other names choose is less than what was asked for, so nothing is written at all.
    const result = {
      command: 'import',
      source: 'gateway-api',
      ok: false,
      document: null,
      findings: findings.all,
      defects: [],
      error: unknown,
    }
    if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    process.stderr.write(`${renderFindings(inOrder(findings.all), paintFor(process.stderr, process.env))}${unknown}\n`)
    return 1
  }
  const imported = importGatewayApi(resources, options, findings)
  return report(imported, options)
}

function report(imported: Imported, { files, out, json }: Options): number {
  const text = renderDocument(imported.document, files)
  const loaded = loadText(text, out ?? 'the written configuration', { local: true })
  const defects = loaded.ok ? [] : loaded.defects
  const unfit = out === undefined ? undefined : whyUnfit(imported, defects.length)
  const ok = defects.length === 0 && unfit === undefined && !imported.findings.some(({ severity }) => severity === 'refused')
  if (out !== undefined && unfit === undefined) writeFileSync(out, text)
  const unwritten = unfit === undefined ? '' : `${out} is not written: ${unfit}\n`
  if (json) {
    process.stderr.write(unwritten)
    process.stdout.write(`${JSON.stringify({ command: 'import', source: 'gateway-api', ok, ...imported, defects }, null, 2)}\n`)
    return ok ? 0 : 1
  }
  if (out === undefined) process.stdout.write(text)
  const paint = paintFor(process.stderr, process.env)
  process.stderr.write(renderFindings(inOrder(imported.findings), paint))
  if (defects.length > 0) process.stderr.write(`${showDefects(defects, paint)}\n`)
  process.stderr.write(unwritten)
  if (out !== undefined && unfit === undefined)
    process.stderr.write(`${out} is written. Next: "npx meridian check ${out}" says which of its hosts wrangler.toml does not cover yet.\n`)
  return ok ? 0 : 1
}

/** Why a result must not take the place of a file that may be good. */
function whyUnfit({ document }: Imported, defects: number): string | undefined {
  if (defects > 0) return `the result has ${defects} ${defects === 1 ? 'defect' : 'defects'}`
  const carries = document.routes.some(({ pool, pools, redirect }) => (pool ?? pools ?? redirect) !== undefined)
  return carries ? undefined : 'the result is empty, no route of it leads to a pool or redirects'
}

const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((a, b) => (a.place.file < b.place.file ? -1 : a.place.file > b.place.file ? 1 : a.place.line - b.place.line))

/** Standard input, as most tools name it. */
const STDIN = '-'

function readText(file: string): { readonly value: string; readonly error?: undefined } | { readonly error: string } {
  try {
    return { value: readFileSync(file === STDIN ? 0 : file, 'utf8') }
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? String(error) }
  }
}

interface Options {
  readonly files: readonly string[]
  readonly gateways: readonly string[]
  readonly endpoints: readonly EndpointRule[]
  readonly out?: string | undefined
  readonly json: boolean
  readonly help: boolean
}

const OPTIONS = {
  endpoint: { type: 'string', multiple: true },
  endpoints: { type: 'string', multiple: true },
  gateway: { type: 'string', multiple: true },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function readOptions(args: readonly string[]): Options | string {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const { values, positionals } = parsed
  const [source, ...files] = positionals
  const { endpoint = [], endpoints: patterns = [], gateway: gateways = [], out, json, help } = values
  if (help) return { files, gateways: [], endpoints: [], json, help }
  if (source !== 'gateway-api')
    return source === undefined ? 'Say what to import: gateway-api.' : `"${source}" is no source; expected gateway-api`
  if (files.length === 0) return 'Say which files to read.'
  const rules = [...endpoint.map(readEndpoint), ...patterns.map(readPattern)]
  const wrong = [
    ...rules.filter((rule) => typeof rule === 'string'),
    ...gateways.filter((name) => !/^[^/]+\/[^/]+$/.test(name)).map((name) => `--gateway takes NAMESPACE/NAME, got "${name}"`),
  ]
  if (wrong.length > 0) return wrong.join('\n')
  const endpoints = rules.filter((rule) => typeof rule !== 'string')
  return { files, gateways, endpoints, json, help, ...(out === undefined ? {} : { out }) }
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
