/**
 * What wrangler is given for a local run: the project's own wrangler.toml of both Workers, with the compiled configuration of this run
 * in place of the bundled one. Kept in the state folder, so that two runs do not share a file.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Base } from '../../config/base.ts'
import { rateLimitsOf } from '../../config/rate-limit.ts'
import { baseModule } from '../base-module.ts'
import { counterTables } from '../compare-counters.ts'
import { bindingLines } from './certificate-bindings.ts'
import { PROJECT } from './run-file.ts'

export interface GatewayFiles {
  /** The wrangler.toml of the gateway, then that of the control Worker. */
  readonly configs: readonly [gateway: string, control: string]
  /** The module that stands in for `config/generated/base.ts`. */
  readonly base: string
  /** Binds what another base needs: counters, and client certificates for its endpoints. */
  readonly bind: (base: BindingBase) => void
}

/** The same gateway, behind what tells it of the connection. */
const LOCAL_MAIN = join(PROJECT, 'cli/local/worker/index.ts')

type BindingBase = Pick<Base, 'admission' | 'routes' | 'pools'>

/** How modules of the Worker import the compiled configuration. */
const BASE_IMPORTS = ['../config/generated/base.ts', '../../config/generated/base.ts']

export interface GatewaySettings {
  /** Secrets of the gateway alone. */
  readonly vars: Readonly<Record<string, string>>
  /** Signs what both Workers keep in caches and KV. */
  readonly snapshotKey: string
  /** Where the certificates are kept. */
  readonly certificates: string
}

/** `of`: whose limits and endpoints get the bindings that they need. */
export function writeGatewayFiles(folder: string, { vars, snapshotKey, certificates }: GatewaySettings, of: BindingBase): GatewayFiles {
  mkdirSync(folder, { recursive: true })
  const base = join(folder, 'base.ts')
  const alias = Object.fromEntries(BASE_IMPORTS.map((name) => [name, base]))
  const gateway = join(folder, 'gateway.toml')
  const control = join(folder, 'control.toml')
  const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8')
  const main = withoutCounters(withMain(relocate(read('wrangler.toml'), PROJECT), LOCAL_MAIN))
  const fixed = `${main}\n${table('alias', alias)}\n${table('vars', { ...vars, SNAPSHOT_KEY: snapshotKey })}`
  const toml = relocate(read('durable-objects/wrangler.toml'), join(PROJECT, 'durable-objects'))
  const fixedControl = `${toml}\n${table('vars', { SNAPSHOT_KEY: snapshotKey })}`
  const bind = (base: BindingBase): void => {
    const presenting = bindingLines(certificateBindings(base), certificates)
    writeChanged(gateway, `${fixed}\n${counterTables(rateLimitsOf(base))}\n${presenting}`)
    writeChanged(control, `${fixedControl}\n${presenting}`)
  }
  bind(of)
  return { configs: [gateway, control], base, bind }
}

/** Names of bindings that present a client certificate to endpoints. */
const certificateBindings = ({ pools }: BindingBase): readonly string[] => [
  ...new Set(pools.flatMap(({ endpoints }) => endpoints.flatMap(({ clientCertificate }) => clientCertificate ?? []))),
]

/** Only its owner reads it: it holds the secrets of this run. */
function writeChanged(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  writeFileSync(file, text, { mode: 0o600 })
}

/** Counters are made for the configuration that runs here, whatever the deployed one has. */
const withoutCounters = (toml: string): string =>
  toml.replace(/^ratelimits\s*=\s*\[[^\]]*\]\n?/m, '').replace(/^\[\[?ratelimits(?:\.simple)?\]\]?\n(?:(?!\[).*\n?)*/gm, '')

/** Replaces the module in one step. Returns whether it changed: wrangler reloads when it did. */
export function writeBase(file: string, base: Base): boolean {
  const text = baseModule(base)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false
  const draft = `${file}.${process.pid}.tmp`
  writeFileSync(draft, text)
  renameSync(draft, file)
  return true
}

/** The same Worker from another folder, without the `[build]` command: whoever starts the run compiles by itself. */
function relocate(toml: string, home: string): string {
  const withoutBuild = toml.replace(/^\[build\]\n(?:(?!\[).*\n?)*/m, '')
  return withoutBuild.replace(/^main\s*=\s*"([^"]+)"/m, (_, main: string) => `main = ${JSON.stringify(resolve(home, main))}`)
}

const withMain = (toml: string, main: string): string => toml.replace(/^main = .*$/m, `main = ${JSON.stringify(main)}`)

function table(name: string, entries: Readonly<Record<string, string>>): string {
  return `[${name}]\n${Object.entries(entries)
    .map(([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}\n`)
    .join('')}`
}
