/** What the two Workers need on Cloudflare, and what of it is missing. Nothing is done here. */
import { createHash, randomBytes } from 'node:crypto'

export const GATEWAY = { name: 'meridian-gateway', config: 'wrangler.toml' }
export const CONTROL = { name: 'meridian-control', config: 'durable-objects/wrangler.toml' }

export const NAMESPACE = { title: 'meridian-last-known-good', binding: 'LAST_KNOWN_GOOD' }

/** Where operators put weights.json and emergency.json. */
export const BUCKET = 'meridian-operators'

/** Secrets, each with the Workers that must have the same value of it. */
export const SECRETS: readonly { readonly name: string; readonly workers: readonly string[]; readonly what: string }[] = [
  { name: 'SNAPSHOT_KEY', workers: [GATEWAY.name, CONTROL.name], what: 'signs health and keys of issuers in caches and KV' },
  { name: 'OPERATOR_TOKEN', workers: [GATEWAY.name], what: 'lets operators read the status' },
]

/** Bytes of a generated secret: 256 bits. */
const SECRET_BYTES = 32

export interface MissingSecrets {
  /** New values for each Worker, by its name. */
  readonly values: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly names: readonly string[]
}

/** A secret that one of its Workers lacks is made anew for all of them: nobody can read the old value back. */
export function missingSecrets(
  present: ReadonlyMap<string, ReadonlySet<string>>,
  random: (bytes: number) => Buffer = randomBytes,
): MissingSecrets {
  const values = new Map<string, Record<string, string>>()
  const missing = SECRETS.filter(({ name, workers }) => workers.some((worker) => present.get(worker)?.has(name) !== true))
  for (const { name, workers } of missing) {
    const value = random(SECRET_BYTES).toString('base64url')
    for (const worker of workers) values.set(worker, { ...values.get(worker), [name]: value })
  }
  return { values, names: missing.map(({ name }) => name) }
}

/** The tag of a control version: changes with its bundle and its bindings, with nothing else. Comments of the bundler name paths, so they do not count. */
export function controlTag(bundle: string, toml: string): string {
  const code = bundle.replace(/^\/\/.*$/gm, '')
  return `control-${createHash('sha256').update(code).update('\0').update(toml).digest('hex').slice(0, 16)}`
}

/** A wrangler.toml with the namespace's id in it; undefined when it has no such binding. */
export function withNamespaceId(toml: string, id: string): string | undefined {
  const binding = /(\[\[kv_namespaces\]\][^[]*?binding = "LAST_KNOWN_GOOD"[^[]*?\bid = ")[^"]*(")/
  return binding.test(toml) ? toml.replace(binding, `$1${id}$2`) : undefined
}
